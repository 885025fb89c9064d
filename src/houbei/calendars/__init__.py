"""Which days count: local days, lengths of time in them, and the days on which a window may not end."""
