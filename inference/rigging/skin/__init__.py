"""Skin weights."""
