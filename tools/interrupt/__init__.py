"""Runs of the command line that are interrupted in every way: what they leave, and what comes of resuming them."""
