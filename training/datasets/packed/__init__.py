"""Packed files that recipes learn from."""
