"""The first tour."""
