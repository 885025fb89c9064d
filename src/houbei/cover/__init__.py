"""Which promise protects which units, and from when to when."""
