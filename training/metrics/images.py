"""Silhouettes against silhouettes. Pictures (..., height, width) of coverage 0..1; the leading sizes are images."""

from __future__ import annotations

import numpy as np

HALF = 0.5  # a pixel is covered from this coverage on


def silhouette_iou(predicted: np.ndarray, truth: np.ndarray, threshold: float = HALF) -> float:
    """Mean over the images of intersection over union of the covered pixels, 0..1; two empty pictures are equal: 1."""
    return float(silhouette_ious(predicted, truth, threshold).mean())


def silhouette_ious(predicted: np.ndarray, truth: np.ndarray, threshold: float = HALF) -> np.ndarray:
    """The same image by image, (...,)."""
    mine, theirs = predicted >= threshold, truth >= threshold
    union = (mine | theirs).sum((-1, -2))
    return np.where(union > 0, (mine & theirs).sum((-1, -2)) / np.maximum(union, 1), 1.0)


def soft_silhouette_iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Mean over the images of sum(ab) / sum(a + b - ab), 0..1: one minus the papers' silhouette loss."""
    both = (predicted * truth).sum((-1, -2), dtype=np.float64)
    union = predicted.sum((-1, -2), dtype=np.float64) + truth.sum((-1, -2), dtype=np.float64) - both
    return float(np.where(union > 0, both / np.where(union > 0, union, 1), 1.0).mean())


def image_l1(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Mean absolute difference of all pixels (and channels, if any), 0..1."""
    return float(np.abs(predicted.astype(np.float64) - truth).mean())
