"""The live shell: facts in, one cycle after the other, the outbox, and the only clock."""
