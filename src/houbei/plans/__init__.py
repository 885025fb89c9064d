"""A festival plan shown: lines for a terminal, and one HTML page."""
