"""Geometric skin weights, corrected."""
