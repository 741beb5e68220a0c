"""Shapes as skeletal latents: reconstruction, generation, ablations, vessels' topology, and a sheet to look at."""
