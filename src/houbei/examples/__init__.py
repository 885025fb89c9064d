"""A document's own examples, decided as everything else is."""
