"""Readers of what a network learns from and what a metric compares with."""
