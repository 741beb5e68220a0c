"""From a body to bones: one file for each plan of a body."""
