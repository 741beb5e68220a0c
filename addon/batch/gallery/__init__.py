"""A gallery of what a run has made: a site of static files, opened without a server and without a network."""
