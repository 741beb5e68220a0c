"""A field kept to silhouettes: nothing of it beside them, and something of it wherever they are.

What lies in front of what is left to the network. Beside a silhouette the background shows, so nothing is there; where
the field has nothing and the silhouette is, spheres are added as they are where spheres alone make the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...anatomy import Grid, MedialSpheres, Mesh
from ...geometry.contour import contour
from ...geometry.medial.join import join_spheres
from ..fitting import added_spheres
from ..joining import ALONG, keep_within
from ..outline import Outline, draw_mesh, overlap, places_of
from ..seeing import RULE
from ..several import joined
from .cameras import Looking

MOST_ADDED = 120  # spheres for one picture
SLACK = 0.02  # share of a map's side by which the outlines of further pictures may be wrong
LEAST = 0.6  # of the spacing: radius of the thinnest thing that the grid can hold
FEW = 0.004  # share of the silhouette that may be missing
AT_ONCE = 1 << 18  # places of the grid


def kept_to(
    grid: Grid, spheres: MedialSpheres, cameras: Sequence[Looking], outlines: Sequence[Outline], base: Mesh
) -> tuple[Grid, MedialSpheres]:
    """The field (values from -1 to 1), and `spheres` within it with those that were added. `base` is its contour."""
    room = _room(grid, cameras, outlines)
    carved = replace(grid, values=np.minimum(grid.values, room))
    surface = base if np.array_equal(carved.values > 0, grid.values > 0) else contour(carved)
    values = carved.values
    for camera, outline in zip(cameras, outlines, strict=True):
        drawn = draw_mesh(Mesh(camera.seen(surface.vertices), surface.triangles), outline.size)
        if (outline.inside & ~drawn).sum() <= FEW * outline.inside.sum():
            continue
        known = camera.seen_spheres(spheres)
        added = added_spheres(known, drawn, outline, MOST_ADDED)
        if len(added.radii) == 0:
            continue
        values = np.maximum(values, _field_of(grid, camera.own_spheres(_linked(known, added, outline))))
        spheres = joined([spheres, camera.own_spheres(added)])
        surface = contour(replace(grid, values=np.minimum(values, room)))
    return replace(grid, values=np.minimum(values, room).astype(np.float32)), spheres


def filled(surface: Mesh, cameras: Sequence[Looking], outlines: Sequence[Outline]) -> tuple[float, ...]:
    """How well a surface fills the outline in each picture: intersection over union."""
    found = []
    for camera, outline in zip(cameras, outlines, strict=True):
        drawn = draw_mesh(Mesh(camera.seen(surface.vertices), surface.triangles), outline.size)
        found.append(overlap(drawn, outline.inside))
    return tuple(found)


def _room(grid: Grid, cameras: Sequence[Looking], outlines: Sequence[Outline]) -> np.ndarray:
    """How far inside all silhouettes each place of the grid is, in cells, from -1 to 1."""
    found = np.ones(grid.values.size, np.float32)
    inside = np.flatnonzero(grid.values.reshape(-1) > -1 + 1e-6)  # elsewhere there is nothing to take away
    strides = np.array([grid.values.shape[1] * grid.values.shape[2], grid.values.shape[2], 1])
    for start in range(0, len(inside), AT_ONCE):
        some = inside[start : start + AT_ONCE]
        cells = some[:, None] // strides % np.array(grid.values.shape)
        points = grid.origin + grid.spacing * cells
        for number, (camera, outline) in enumerate(zip(cameras, outlines, strict=True)):
            places, pixels = places_of(camera.seen(points), outline.size)
            slack = SLACK * outline.size if number else 0.0
            # pixels to a cell: as in the seen frame, which is 1 / scale times as large
            depth = (outline.depth_at(places) + slack) / (pixels * grid.spacing / camera.scale)
            found[some] = np.minimum(found[some], np.clip(depth, -1, 1))
    return found.reshape(grid.values.shape)


def _linked(known: MedialSpheres, added: MedialSpheres, outline: Outline) -> MedialSpheres:
    """Added spheres, and those between each of them and what they are joined to, all in the seen frame."""
    both = joined([known, added])
    edges = keep_within(join_spheres(both, RULE), outline).edges
    edges = edges[(edges >= len(known.radii)).any(1)]
    centres = np.einsum("kc,ncx->nkx", ALONG, both.centres[edges]).reshape(-1, 3)
    radii = np.minimum(both.radii[edges] @ ALONG.T, both.radii[edges].min(1, keepdims=True)).reshape(-1)
    between = MedialSpheres(centres, radii, np.zeros(len(radii), bool))
    return joined([added, between])


def _field_of(grid: Grid, spheres: MedialSpheres) -> np.ndarray:
    """Spheres as a field of the grid, in cells, from -1 to 1."""
    found = np.full(grid.values.shape, -1.0, np.float32)
    shape = np.array(grid.values.shape)
    for centre, radius in zip((spheres.centres - grid.origin) / grid.spacing, spheres.radii, strict=True):
        wide = max(radius / grid.spacing, LEAST)
        low = np.clip(np.floor(centre - wide - 1), 0, shape - 1).astype(int)
        high = np.clip(np.ceil(centre + wide + 2), low + 1, shape).astype(int)
        part = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        axes = [np.arange(a, b) - c for a, b, c in zip(low, high, centre, strict=True)]
        away = np.sqrt(axes[0][:, None, None] ** 2 + axes[1][:, None] ** 2 + axes[2] ** 2)
        found[part] = np.maximum(found[part], np.clip(wide - away, -1, 1))
    return found
