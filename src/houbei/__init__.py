"""Houbei keeps a shop's promises: what is owed, worked out from facts and terms, and done exactly once."""

__version__ = "0.1.0"
