"""Shapes that networks have drawn, and skeletons to reshape them by, in the scene."""
