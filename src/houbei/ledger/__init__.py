"""What has been done: entries between accounts, posted only for what is not yet posted, never changed."""
