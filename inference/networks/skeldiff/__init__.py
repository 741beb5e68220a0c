"""Skeletal latent diffusion: shapes as skeleton points with features, encoded, decoded, varied and generated."""
