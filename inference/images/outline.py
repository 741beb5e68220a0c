"""The silhouette in a crop as a map of distances, and spheres of the seen frame as discs over it.

Places are in pixels of the map: x right, y down; the pixel (row r, column c) is centred at (c + 0.5, r + 0.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..anatomy import Mesh
from ..geometry.mesh.rasterize import expand
from .camera import DISTANCE, FIELD_OF_VIEW

FOCAL = 0.5 / math.tan(math.radians(FIELD_OF_VIEW / 2))  # of the crop, in its side
NEAREST = 0.5  # no sphere is put nearer to the eye


@dataclass(frozen=True)
class Outline:
    """What is inside of a silhouette, and how far."""

    inside: np.ndarray  # (S, S) bool
    depth: np.ndarray  # (S, S) pixels to the outline, negative outside
    uphill: np.ndarray  # (S, S, 2) how the depth grows along x and y

    @property
    def size(self) -> int:
        """Pixels along each side."""
        return len(self.inside)

    def depth_at(self, places: np.ndarray) -> np.ndarray:
        """Depth at places (N, 2), (N,)."""
        return _between(self.depth[..., None], places)[:, 0]

    def uphill_at(self, places: np.ndarray) -> np.ndarray:
        """Where the depth grows, at places (N, 2), (N, 2)."""
        return _between(self.uphill, places)


def outline_of(alpha: np.ndarray) -> Outline:
    """The outline in `alpha` (S, S), 0..1."""
    inside = alpha >= 0.5
    depth = depth_of(inside)
    along_y, along_x = np.gradient(depth)
    return Outline(inside, depth, np.stack([along_x, along_y], -1))


def depth_of(inside: np.ndarray) -> np.ndarray:
    """From each pixel of a silhouette (S, S) to its outline in pixels, negative outside."""
    out = np.asarray(ndimage.distance_transform_edt(~inside)) - 0.5
    return np.where(inside, np.asarray(ndimage.distance_transform_edt(inside)) - 0.5, -out)


def places_of(centres: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Where centres (N, 3) of the seen frame are in a map, (N, 2), and the pixels to a unit there, (N,)."""
    scale = FOCAL * size / np.maximum(DISTANCE + centres[:, 1], NEAREST)
    return size / 2 + scale[:, None] * centres[:, ::2] * np.array([1.0, -1.0]), scale


def centres_at(places: np.ndarray, y: np.ndarray, size: int) -> np.ndarray:
    """Centres (N, 3) of the seen frame that are seen at places (N, 2) and lie at `y` (N,)."""
    scale = FOCAL * size / np.maximum(DISTANCE + y, NEAREST)
    x, z = ((places - size / 2) / scale[:, None]).T
    return np.stack([x, y, -z], 1)


def draw_discs(places: np.ndarray, radii: np.ndarray, size: int) -> np.ndarray:
    """Which pixels (S, S) have their centre in a disc of `radii` (N,) pixels around places (N, 2)."""
    high = np.clip(np.floor(places[:, 1] + radii + 0.5), 0, size).astype(np.int64)
    low = np.clip(np.ceil(places[:, 1] - radii - 0.5), 0, high).astype(np.int64)
    disc, row = expand(low, high)
    half = np.sqrt(np.maximum(radii[disc] ** 2 - (row + 0.5 - places[disc, 1]) ** 2, 0.0))
    return _drawn(row, places[disc, 0] - half, places[disc, 0] + half, size)


def draw_mesh(mesh: Mesh, size: int) -> np.ndarray:
    """Which pixels (S, S) have their centre in a triangle of a closed mesh in the seen frame."""
    corners = places_of(mesh.vertices, size)[0][mesh.triangles]  # (F, 3, 2)
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    corners = corners[one[:, 0] * two[:, 1] < one[:, 1] * two[:, 0]]  # the far side is behind the near one
    high = np.clip(np.ceil(corners[:, :, 1].max(1) - 0.5), 0, size).astype(np.int64)
    low = np.clip(np.ceil(corners[:, :, 1].min(1) - 0.5), 0, high).astype(np.int64)
    face, row = expand(low, high)
    left, right = np.full(len(face), np.inf), np.full(len(face), -np.inf)
    for side in range(3):
        start, end = corners[face, side], corners[face, side - 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (row + 0.5 - start[:, 1]) / (end[:, 1] - start[:, 1])
            crossing = start[:, 0] + share * (end[:, 0] - start[:, 0])
        met = (share >= 0) & (share <= 1)
        left, right = np.where(met, np.minimum(left, crossing), left), np.where(met, np.maximum(right, crossing), right)
    met = left <= right
    return _drawn(row[met], left[met], right[met], size)


def _drawn(row: np.ndarray, left: np.ndarray, right: np.ndarray, size: int) -> np.ndarray:
    """Which pixels (S, S) have their centre in a stretch of a row. A stretch is a step up and, behind it, one down."""
    last = np.clip(np.ceil(right - 0.5), 0, size).astype(np.int64)
    first = np.clip(np.ceil(left - 0.5), 0, last).astype(np.int64)
    steps = np.bincount(row * (size + 1) + first, minlength=size * (size + 1))
    steps -= np.bincount(row * (size + 1) + last, minlength=size * (size + 1))
    return np.cumsum(steps.reshape(size, size + 1)[:, :size], 1) > 0


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two masks; 1 if both are empty."""
    either = int((one | other).sum())
    return float((one & other).sum()) / either if either else 1.0


def _between(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values (S, S, K) at places (N, 2) between the pixels, (N, K); outside as at the border."""
    most = len(values) - 1
    place = np.clip(places - 0.5, 0, most)
    low = np.minimum(place.astype(np.int64), most - 1) if most else np.zeros(place.shape, np.int64)
    high = np.minimum(low + 1, most)
    x, y = (place - low).T[..., None]
    upper = values[low[:, 1], low[:, 0]] * (1 - x) + values[low[:, 1], high[:, 0]] * x
    lower = values[high[:, 1], low[:, 0]] * (1 - x) + values[high[:, 1], high[:, 0]] * x
    return upper * (1 - y) + lower * y
