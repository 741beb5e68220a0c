"""What can go wrong with a training in a way that its user can mend."""

from __future__ import annotations

from inference.errors import BonewrightError


class TrainingError(BonewrightError):
    """The training cannot start or go on as asked."""


class CheckpointError(TrainingError):
    """A checkpoint is missing, damaged or of another training."""


class MissingDataError(TrainingError):
    """What the recipe learns from is not there."""
