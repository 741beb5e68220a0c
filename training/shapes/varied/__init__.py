"""Other versions of a shape."""
