"""What to ask the world to do next, from entries that were just posted."""
