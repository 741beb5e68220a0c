"""Bones one by one: their sides, groups and names, and changes by hand."""
