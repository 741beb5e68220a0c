"""The meso-skeleton that a generator knows, as points."""

from __future__ import annotations

import numpy as np

from training.datasets.store.errors import SkippedError
from training.datasets.store.records import SkeletonPoints
from training.shapes.shape import Curve, KnownShape, Sheet


def skeleton_of(shape: KnownShape, count: int) -> SkeletonPoints:
    """`count` points on the shape's curves and sheets, as dense as the surface around them is large.

    A piece of a curve has the surface of a tube around it, a piece of a sheet twice its own area.
    """
    pieces = [_along(curve) for curve in shape.curves] + [_over(sheet) for sheet in shape.sheets]
    if not pieces:
        raise SkippedError("the generator knows no curves or sheets of it")
    corners, radii, size = (np.concatenate(part) for part in zip(*(piece[:3] for piece in pieces), strict=True))
    sheet = np.concatenate([np.full(len(piece[2]), piece[3]) for piece in pieces])
    rng = np.random.default_rng([0x5CE2, shape.seed])
    running = np.cumsum(size)
    chosen = np.searchsorted(running, (np.arange(count) + rng.random(count)) / count * running[-1], side="right")
    chosen = np.minimum(chosen, len(size) - 1)
    u, v = rng.random((2, count))
    share = np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], 1)  # (N, 4)
    points = np.einsum("nk,nkj->nj", share, corners[chosen])
    return SkeletonPoints(points, (share * radii[chosen]).sum(1), sheet[chosen])


Pieces = tuple[np.ndarray, np.ndarray, np.ndarray, bool]  # corners (N, 4, 3), radii (N, 4), surface (N,), of a sheet


def _along(curve: Curve) -> Pieces:
    a, b, r, s = curve.points[:-1], curve.points[1:], curve.radii[:-1], curve.radii[1:]
    size = np.pi * (r + s) * np.linalg.norm(b - a, axis=1)
    return np.stack([a, b, a, b], 1), np.stack([r, s, r, s], 1), size, False


def _over(sheet: Sheet) -> Pieces:
    p, r = sheet.points, sheet.radii
    corners = np.stack([p[:-1, :-1], p[:-1, 1:], p[1:, :-1], p[1:, 1:]], 2).reshape(-1, 4, 3)
    radii = np.stack([r[:-1, :-1], r[:-1, 1:], r[1:, :-1], r[1:, 1:]], 2).reshape(-1, 4)
    across = np.cross(corners[:, 3] - corners[:, 0], corners[:, 2] - corners[:, 1])
    return corners, radii, np.linalg.norm(across, axis=1), True  # half of the cross product, on both sides
