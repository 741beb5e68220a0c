"""Parts that several bodies have."""
