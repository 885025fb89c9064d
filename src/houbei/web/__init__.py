"""The console: what Houbei did and why, on pages that a shop's people read. It shows and decides nothing."""
