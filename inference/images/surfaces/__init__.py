"""Surfaces that networks draw in the shape's own frame, held against the silhouettes that pictures show."""
