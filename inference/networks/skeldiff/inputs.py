"""What the networks of skeletal latent diffusion see: clouds in farthest-point order, latents as rows of numbers."""

from __future__ import annotations

import numpy as np

from ...anatomy import SkeletalLatent
from ...errors import BadMeshError
from ...frames import Frame
from ..perception.inputs import spread

BAND = 0.1  # signed distances are known up to here; what is farther is at the band's end
LEAST_RADIUS = 0.002  # of a skeleton point
PLACE = 4  # the first numbers of a row: x, y, z and the radius


def normal_frame(points: np.ndarray) -> Frame:
    """The frame in which the box of the points (P, 3) is centred and reaches from -1 to 1 along its longest side."""
    low, high = points.min(0), points.max(0)
    size = float((high - low).max()) / 2
    if not np.isfinite(size) or size <= 0:
        raise BadMeshError("The shape has no extent. Select a mesh with faces of some size.")
    return Frame(np.eye(3), size, (low + high) / 2)


def cloud_of(points: np.ndarray, count: int) -> np.ndarray:
    """`count` of the points (P, 3), each the farthest from those before it, (count, 3) float32."""
    if len(points) < count:
        raise BadMeshError(f"{len(points)} points are too few to see a shape by: at least {count} are needed.")
    some = np.ascontiguousarray(points[:, :3], np.float32)
    return some[spread(some[None], count)[0]]


def as_rows(latent: SkeletalLatent) -> np.ndarray:
    """A latent as the decoder takes it, (S, 4 + D) float32."""
    return np.concatenate([latent.points, latent.radii[:, None], latent.features], 1).astype(np.float32)


def as_latent(rows: np.ndarray, frame: Frame | None = None) -> SkeletalLatent:
    """The latent of rows (S, 4 + D), which lies in `frame`."""
    return SkeletalLatent(
        np.ascontiguousarray(rows[:, :3]),
        np.maximum(rows[:, 3], LEAST_RADIUS),
        np.ascontiguousarray(rows[:, PLACE:]),
        np.zeros(3) if frame is None else frame.origin,
        1.0 if frame is None else frame.size,
    )


def frame_of(latent: SkeletalLatent) -> Frame:
    """The frame that a latent lies in."""
    return Frame(np.eye(3), latent.size, latent.origin)
