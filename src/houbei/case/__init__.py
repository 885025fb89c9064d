"""The thread of one unit's fault, from the report until all is settled."""
