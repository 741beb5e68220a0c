"""Inscribed spheres, the mesh that joins them, and its surface."""
