"""Centre lines of a solid."""
