"""Where facts and results are kept: files of columns."""
