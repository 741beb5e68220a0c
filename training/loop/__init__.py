"""One training loop for every network. A recipe says what is learned from what; the loop does the rest."""
