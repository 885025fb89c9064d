"""The promise as a document: parsed, checked, versioned; its conditions, lengths, examples and texts."""
