"""Building blocks that run on NumPy arrays and on torch tensors alike."""
