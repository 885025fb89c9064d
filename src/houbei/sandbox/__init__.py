"""A payment provider to be hostile: its own process, its own books. It plays an outside system and shares nothing with Houbei's."""
