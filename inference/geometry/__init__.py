"""Shapes: the solid, its medial spheres, their mesh and its curves. NumPy, SciPy and libigl; never torch."""
