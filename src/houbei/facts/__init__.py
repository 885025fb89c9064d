"""What happened: orders and prices read from columns of raw values, row by row accepted or rejected with a reason."""
