"""Making a solid its own exact mirror image: the grid's first axis has its middle cell at x = 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .inside import Inside


def mirror_places(places: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Flat places of the mirror images of cells."""
    layer = shape[1] * shape[2]
    return places + (shape[0] - 1 - 2 * (places // layer)) * layer


def both_sides(places: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Cells together with their images, sorted and unique."""
    return np.unique(np.concatenate([places, mirror_places(places, shape)]))


def both_sides_of_pairs(pairs: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Pairs of cells together with their images, (L, 2); some may come twice."""
    return np.concatenate([pairs, mirror_places(pairs, shape)])


def mirrored_inside(inside: Inside) -> Inside:
    """What is inside on one side is inside on both; a gap on one side is a gap on both.

    Two bodies that touch in the plane itself leave cells there that belong to neither: those go.
    """
    mask = inside.mask | inside.mask[::-1]
    shape = mask.shape
    layer = shape[1] * shape[2]
    across, along_y, along_z = inside.blocked
    across = np.union1d(across, mirror_places(across + layer, shape))
    middle = across[across // layer == shape[0] // 2]
    mask.reshape(-1)[middle[mask.reshape(-1)[middle - layer]]] = False
    return replace(inside, mask=mask, blocked=(across, both_sides(along_y, shape), both_sides(along_z, shape)))


def mirrored_depth(depth: np.ndarray, places: np.ndarray, known: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """The mean of a cell's depth and its image's; the one that is `known` where only one is. Cells in sorted order."""
    image = np.searchsorted(places, mirror_places(places, shape))
    own, other = known.astype(float), known[image].astype(float)
    return (own * depth + other * depth[image]) / (own + other)
