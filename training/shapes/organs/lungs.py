"""Lungs: lobes that fissures part, or whole ones on their windpipe."""

from __future__ import annotations

from collections.abc import Callable

import manifold3d
import numpy as np

from ..making.finish import Draft, Misfit
from ..making.inscribed import inside
from ..making.lofts import unit
from ..making.parts import Part, mirrored
from ..making.union import union
from ..shape import Curve
from .blobs import bent, blob, dent, mesh_of, pipe, solid_of
from .branching import Random, warp

Body = manifold3d.Manifold


def lungs(rng: Random) -> Draft:
    """Three lobes on the right (-X) and two on the left with thin gaps; or two whole ones, or these on a windpipe."""
    make = _lung(rng)
    wobble = warp(0.015, 5.0, rng)
    pair = [bent(mirrored(make(1.08)), wobble), bent(make(0.95), wobble)]
    kind = rng.choice(["lobes", "whole", "windpipe"], p=[0.6, 0.2, 0.2])
    if kind == "lobes":
        lobes, curves = [], []
        for side, lung in zip((-1, 1), pair, strict=True):
            cut = _lobes(solid_of(lung), side, rng)
            middle = np.concatenate([sheet.points.reshape(-1, 3) for sheet in lung.sheets])
            lobes += cut
            curves += [_spine(lobe, middle) for lobe in cut]
        return Draft(mesh_of(Body.compose(lobes)), len(lobes), 0, tuple(curves), (), thick=True)
    sheets = tuple(sheet for lung in pair for sheet in lung.sheets)
    if kind == "whole":
        return Draft(union(pair), 2, 0, (), sheets, thick=True)
    pipes = _windpipe(rng)
    curves = tuple(curve for pipe in pipes for curve in pipe.curves)
    return Draft(union([*pair, *pipes]), 1, 0, curves, sheets, thick=True)


def _lung(rng: Random) -> Callable[[float], Part]:
    """The left one, for a size: narrow above, hollow below and towards the heart."""
    axes = np.array([rng.uniform(0.19, 0.23), rng.uniform(0.27, 0.33), rng.uniform(0.44, 0.5)])
    hollow, apart = rng.uniform(0.12, 0.2), rng.uniform(0.25, 0.29)

    def bend(points: np.ndarray) -> np.ndarray:
        high = points[..., 2:]
        made = points * np.concatenate([1 - 0.45 * high, 1 - 0.35 * high, np.ones_like(high)], -1)
        made = made * np.where(made[..., :1] < 0, [0.55, 1, 1], [1, 1, 1])
        made = dent(made, np.array([-0.05, 0.0, -axes[2]]), 0.2, np.array([0, 0, hollow]))
        return dent(made, np.array([-0.12, -0.12, -0.1]), 0.16, np.array([0.07, 0.03, 0]))

    return lambda size: bent(blob(axes * [size, 1, 1], bend), lambda p: p + np.array([apart, 0, 0]))


def _lobes(whole: Body, side: int, rng: Random) -> list[Body]:
    """Cut by the slanting fissure; the right one's upper part again by a level one."""
    gap = rng.uniform(0.008, 0.016)
    slant = unit(np.array([0.0, -rng.uniform(0.6, 0.9), 1.0]))
    offset = rng.uniform(-0.06, 0.02)
    upper = whole.trim_by_plane(slant, offset + gap)
    lower = whole.trim_by_plane(-slant, gap - offset)
    if side > 0:
        return [upper, lower]
    level, height = np.array([0, 0.15, 1.0]), rng.uniform(0.0, 0.08)
    level = unit(level)
    return [upper.trim_by_plane(level, height + gap), upper.trim_by_plane(-level, gap - height), lower]


def _spine(lobe: Body, middle: np.ndarray) -> Curve:
    """A line through the lobe from bottom to top, along the whole lung's middle surface."""
    mesh = mesh_of(lobe)
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    middle = middle[(middle > low).all(1) & (middle < high).all(1)]
    middle = middle[inside(mesh, middle)]
    if len(middle) < 8:
        raise Misfit
    rank = np.argsort(middle[:, 2], kind="stable")
    groups = np.array_split(middle[rank], 4)
    return Curve(np.array([group.mean(0) for group in groups]), np.zeros(4))


def _windpipe(rng: Random) -> list[Part]:
    width = rng.uniform(0.035, 0.045)
    parts = [pipe([[0, 0.08, 0.62], [0, 0.08, 0.4], [0, 0.06, 0.17]], width, 12, 1.2)]
    for side in (-1, 1):
        way = [[0, 0.06, 0.18], [0.1 * side, 0.05, 0.08], [0.26 * side, 0.05, -0.02]]
        parts.append(pipe(way, width * np.array([0.8, 0.75, 0.6]), 10, 1.2))
    return parts
