"""Errors about scenes and files that a user can act on."""

from ..inference.errors import BonewrightError


class SceneError(BonewrightError):
    """Something in the scene cannot be used as it is."""
