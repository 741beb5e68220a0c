"""Perception: which part of which body each place of a surface belongs to, and where the joints are that move it."""
