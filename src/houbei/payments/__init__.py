"""Payment providers: what Houbei asks of one, and one module for each that it can ask. Only `runs` may."""
