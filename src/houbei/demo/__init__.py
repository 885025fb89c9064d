"""Histories to try the house on."""
