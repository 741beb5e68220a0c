"""Medial spheres from a picture."""
