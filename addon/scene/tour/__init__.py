"""The sample of the first tour, and what has been done with it."""
