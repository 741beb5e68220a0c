"""Further pictures, and shapes between two of them."""
