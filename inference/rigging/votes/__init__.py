"""Votes: points of the surface say where the joint is that moves them, and what it is."""
