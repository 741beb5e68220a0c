"""Pages of docs/ that are written by a command."""
