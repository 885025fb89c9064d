"""Lead times learnt from history: what to promise, with which chance, and how good such promises were. It estimates, so it has floats."""
