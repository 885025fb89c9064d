"""A sample shop's New Year, lived through day by day: promises, parcels, snow, silence, and what is owed for what came late."""
