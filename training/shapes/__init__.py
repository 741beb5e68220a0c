"""Shapes made from a seed."""
