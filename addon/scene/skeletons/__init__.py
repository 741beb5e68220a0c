"""Skeletons of other programs: where they come from, and how they take the place of an armature."""
