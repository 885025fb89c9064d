"""History in, report out: what a promise would have cost. It cannot pay."""
