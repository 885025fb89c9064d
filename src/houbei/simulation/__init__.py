"""Months of a sample shop's replacements: people and parcels as they are, led by Houbei through nothing but what it is told."""
