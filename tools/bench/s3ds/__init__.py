"""The tables of S3DS."""
