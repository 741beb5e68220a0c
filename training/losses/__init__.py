"""Losses that more than one line of a recipe is needed for."""
