"""Lead times learnt from history, and how good the dates promised by them are. It estimates, so it has floats."""
