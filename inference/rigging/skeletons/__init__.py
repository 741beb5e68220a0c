"""Skeletons of other programs, and how one of them is fitted to a character."""
