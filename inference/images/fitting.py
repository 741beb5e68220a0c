"""Spheres moved, made smaller and added until they fill the silhouette that is seen, and nothing beside it.

What lies in front of what is left to the network; only places in the picture and radii change.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from ..anatomy import MedialSpheres
from .outline import Outline, centres_at, places_of

STEPS = 12  # of the way uphill
STRIDE = 0.02  # of one step at most, as a share of the map's side
GROWS = 1.5  # a sphere that reaches the outline with so much of a larger radius is taken to touch it
THINNEST = 0.004  # share of the map's side: no radius is smaller
NEAR = 4  # spheres that tell an added one its depth and thickness
THICKER = 1.5  # how much thicker than these an added sphere may be
LEAST_GAIN = 4  # pixels that an added sphere must cover at the map's side of 160


def fit_spheres(spheres: MedialSpheres, outline: Outline) -> MedialSpheres:
    """Each sphere inside the outline: moved where it finds room, else made smaller."""
    size = outline.size
    places, scale = places_of(spheres.centres, size)
    wide = spheres.radii * scale
    stride = STRIDE * size
    for _ in range(STEPS):
        lacking = wide - outline.depth_at(places)
        uphill = outline.uphill_at(places)
        steep = np.linalg.norm(uphill, axis=1)
        step = np.clip(lacking, 0, stride) * np.minimum(steep, 1.0)  # on a ridge there is no way up
        places = places + uphill * (step / np.maximum(steep, 1e-9))[:, None]
    room = outline.depth_at(places)
    wide = np.where(room < GROWS * wide, room, wide)
    kept = room > 0
    wide = np.maximum(wide, THINNEST * size)
    centres = centres_at(places, spheres.centres[:, 1], size)
    return MedialSpheres(centres[kept], (wide / scale)[kept], spheres.sheet[kept])


def added_spheres(spheres: MedialSpheres, drawn: np.ndarray, outline: Outline, most: int) -> MedialSpheres:
    """At most `most` spheres for the part of the silhouette that is not `drawn` (S, S); as thick as those nearby."""
    size = outline.size
    missing = np.argwhere(outline.inside & ~drawn)
    rows, columns = np.nonzero(outline.inside)
    candidates = np.stack([columns, rows], 1) + 0.5
    if len(missing) == 0:
        return MedialSpheres(np.zeros((0, 3)), np.zeros(0), np.zeros(0, bool))
    lost = missing[:, ::-1] + 0.5
    y, thick, sheet = _like_nearby(spheres, candidates, size)
    wide = np.minimum(outline.depth[rows, columns], thick)
    useful = np.asarray(KDTree(lost).query(candidates)[0]) <= wide
    candidates, wide, y, sheet = candidates[useful], wide[useful], y[useful], sheet[useful]
    chosen = _cover(candidates, wide, lost, most, LEAST_GAIN * (size / 160) ** 2)
    centres = centres_at(candidates[chosen], y[chosen], size)
    scale = places_of(centres, size)[1]
    radii = np.maximum(wide[chosen], THINNEST * size) / scale
    return MedialSpheres(centres, radii, sheet[chosen])


def _like_nearby(spheres: MedialSpheres, places: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What spheres seen near places (N, 2) say of depth, thickness in pixels and kind there, (N,) each."""
    if len(spheres.radii) == 0:
        return np.zeros(len(places)), np.full(len(places), float(size)), np.zeros(len(places), bool)
    seen, scale = places_of(spheres.centres, size)
    near = min(NEAR, len(seen))
    gap, index = KDTree(seen).query(places, k=near)
    gap, index = np.asarray(gap).reshape(-1, near), np.asarray(index).reshape(-1, near)
    weight = 1 / (gap + 0.01 * size) ** 2
    weight /= weight.sum(1, keepdims=True)
    wide = (weight * (spheres.radii * scale)[index]).sum(1)
    # Where no sphere is near, nobody knows how thick the shape is: as thick as it is wide.
    thick = np.maximum(THICKER * wide, gap[:, 0])
    return (weight * spheres.centres[index, 1]).sum(1), thick, (weight * spheres.sheet[index]).sum(1) > 0.5


def _cover(places: np.ndarray, wide: np.ndarray, lost: np.ndarray, most: int, least: float) -> list[int]:
    """Discs chosen one by one, each the one that covers most of what is still `lost` (L, 2)."""
    if len(places) == 0:
        return []
    covers = (np.square(places[:, None] - lost[None]).sum(2) <= np.square(wide + 0.5)[:, None]).astype(np.float32)
    gain, chosen = covers.sum(1), []
    while len(chosen) < most:
        best = int(np.argmax(gain))
        if gain[best] < least:
            break
        chosen.append(best)
        found = np.flatnonzero(covers[best] > 0)
        gain -= covers[:, found].sum(1)
        covers[:, found] = 0
    return chosen
