"""Rigs: joints, names, symmetry, weights and their judgement. NumPy and SciPy; never torch."""
