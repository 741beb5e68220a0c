"""Objects and pictures that are only there to be looked at."""
