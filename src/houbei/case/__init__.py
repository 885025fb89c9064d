"""The thread of one unit's fault: what was done in things, as the ledger is what was done in money."""
