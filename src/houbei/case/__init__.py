"""The case: how far the thread from a reported fault to a settled swap has come; what was done in things, as the ledger is in money."""
