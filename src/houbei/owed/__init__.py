"""What the promise says is owed now, and why."""
