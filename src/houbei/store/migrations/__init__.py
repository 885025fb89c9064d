"""The migrations of the store, numbered, forward only."""
