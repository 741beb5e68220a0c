"""Triangles: cleaned, oriented, sampled, cut by grid lines."""
