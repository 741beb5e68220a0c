"""One file for each body."""
