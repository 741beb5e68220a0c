"""Shapes that networks draw: generated, varied, blended, completed, reshaped by their skeleton."""
