"""Primitive solids that know their own medial axis: tubes, bars, wings, slabs, discs, ellipsoids, boxes, hulls.

Each gives closed triangles turned outward together with its centre lines and middle surfaces. Any unit, any place:
`training.shapes.making.union.known_shape` joins parts into one watertight surface, brings it into the common frame and
keeps of the truth what is still true there. Let parts sink into each other: surfaces that only touch may not be joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import igl
import numpy as np

from ..shape import Curve, Sheet
from .lofts import (
    SPACING,
    along,
    domed,
    evenly,
    frames,
    grid_normals,
    lofted,
    outward,
    resampled_sheet,
    rim_rings,
    rounded,
    rounded_rectangle,
    slab_faces,
    softened,
    square_to,
    strip,
    tangents,
    unit,
)

Vector = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Part:
    """A closed solid and its medial axis."""

    vertices: np.ndarray  # (V, 3)
    triangles: np.ndarray  # (F, 3) int32, outward
    curves: tuple[Curve, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    balls: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))  # (K, 4) further medial spheres: centre, radius


def moved(part: Part, matrix: np.ndarray, offset: Vector = (0, 0, 0)) -> Part:
    """Turned by a rotation or reflection (3, 3), optionally times a scale, then shifted."""
    by, scale = np.asarray(offset, float), float(abs(np.linalg.det(matrix))) ** (1 / 3)
    flip = np.linalg.det(matrix) < 0
    return Part(
        part.vertices @ matrix.T + by,
        part.triangles[:, ::-1] if flip else part.triangles,
        tuple(Curve(curve.points @ matrix.T + by, curve.radii * scale) for curve in part.curves),
        tuple(Sheet(sheet.points @ matrix.T + by, sheet.radii * scale) for sheet in part.sheets),
        np.concatenate([part.balls[:, :3] @ matrix.T + by, part.balls[:, 3:] * scale], 1),
    )


def mirrored(part: Part) -> Part:
    """On the other side of x = 0."""
    return moved(part, np.diag([-1.0, 1.0, 1.0]))


def both(part: Part) -> list[Part]:
    """Left and right."""
    return [part, mirrored(part)]


def turned(axis: str, degrees: float) -> np.ndarray:
    """Rotation (3, 3) about a main axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    k = "xyz".index(axis)
    a, b = (k + 1) % 3, (k + 2) % 3
    matrix = np.eye(3)
    matrix[a, a], matrix[a, b], matrix[b, a], matrix[b, b] = c, -s, s, c
    return matrix


def tube(
    points: Sequence[Vector] | np.ndarray,
    radii: float | Vector,
    sides: int | None = None,
    ends: str = "round",
    *,
    closed: bool = False,
) -> Part:
    """Round cones along a line through points (N, 3); `ends` round or flat, `closed` joins the last to the first.

    With four sides it is a square bar of inner radius `radii`, its faces square to the axes where the line allows.
    """
    line = np.asarray(points, float)
    radius = np.broadcast_to(np.asarray(radii, float), len(line))
    count = sides or int(np.clip(7 + 90 * radius.max(), 8, 28))
    inset = (radius[0], radius[-1]) if ends == "flat" and not closed else (0.0, 0.0)
    points_truth, radii_truth = along(line, inset, closed=closed, radius=radius)(line, radius)
    truth, tips = (Curve(points_truth, radii_truth),), None
    if not closed and ends == "round":
        line, radius, tips = rounded(line, radius)
    across, upward, stretch = frames(line, closed=closed)
    turn = 2 * np.pi * (np.arange(count) + 0.5) / count
    # The polygon's sides, not its corners, are at the radius: the inscribed sphere is the true one.
    ring = np.stack([np.cos(turn), np.sin(turn)], 1) / np.cos(np.pi / count)
    offsets = ring[None, :, :1] * across[:, None] + ring[None, :, 1:] * upward[:, None]
    offsets += (offsets * stretch[:, None]).sum(-1, keepdims=True) * stretch[:, None]
    return Part(*lofted(line[:, None] + radius[:, None, None] * offsets, closed=closed, apexes=tips), truth)


def bar(
    points: Sequence[Vector] | np.ndarray,
    across: Vector,
    half_widths: float | Vector,
    half_heights: float | Vector,
    corner: float = 0.0,
    soft: float = 0.0,
) -> Part:
    """Rounded rectangles along a line: half the width along `across` ((3,) or (N, 3)), half the height square to it.

    `corner` 0..1 rounds the long edges, `soft` is the radius that rounds off both ends.
    """
    line = np.asarray(points, float)
    wide = np.broadcast_to(np.asarray(half_widths, float), len(line))
    high = np.broadcast_to(np.asarray(half_heights, float), len(line))
    direction = np.broadcast_to(np.asarray(across, float), line.shape)
    thin = np.minimum(wide, high)
    truth = _ribbon(line, direction, wide - thin, high - thin, thin)
    inset = np.zeros(len(line))
    if soft > 0:
        line, wide, high, direction, inset = softened(line, wide, high, direction, soft)
    side, up = square_to(direction, tangents(line, closed=False))
    section = rounded_rectangle(corner if soft == 0 else max(corner, 0.3))
    round_part = np.minimum(wide, high) * (corner if soft == 0 else max(corner, 0.3))
    x = section[:, 0] * (wide - round_part)[:, None] + section[:, 2] * round_part[:, None]
    z = section[:, 1] * (high - round_part)[:, None] + section[:, 3] * round_part[:, None]
    scale_x, scale_z = 1 - inset / wide, 1 - inset / high
    rings = (
        line[:, None]
        + (x * scale_x[:, None])[..., None] * side[:, None]
        + (z * scale_z[:, None])[..., None] * up[:, None]
    )
    return Part(*lofted(rings), *truth)


def wing(
    points: Sequence[Vector] | np.ndarray,
    across: Vector,
    half_widths: float | Vector,
    half_heights: float | Vector,
    sides: int = 14,
    ends: str = "flat",
) -> Part:
    """Ellipses along a line: wings, blades, flattened tubes. Ends flat, round, or only the last round: "tip"."""
    line = np.asarray(points, float)
    wide = np.broadcast_to(np.asarray(half_widths, float), len(line))
    high = np.broadcast_to(np.asarray(half_heights, float), len(line))
    direction = np.broadcast_to(np.asarray(across, float), line.shape)
    big, small = np.maximum(wide, high), np.minimum(wide, high)
    reach = (big**2 - small**2) / big  # centres of curvature at the ellipse's sharp ends
    at = evenly(-0.96, 0.96, int(min(max(2 + 2 * reach.max() / SPACING, 3), 12)))
    side, up = square_to(direction, tangents(line, closed=False))
    wider = (wide >= high)[:, None]
    points_truth = line[:, None] + at[None, :, None] * (reach[:, None] * np.where(wider, side, up))[:, None]
    shrink = np.sqrt(np.maximum(1 - (at * reach[:, None]) ** 2 / np.maximum(big**2 - small**2, 1e-12)[:, None], 0))
    sheet = Sheet(*resampled_sheet(points_truth, small[:, None] * shrink, inset=ends != "round", columns=len(at)))
    if ends != "flat":
        line, wide, high, side, up = domed(line, wide, high, side, up, first=ends == "round")
    turn = 2 * np.pi * np.arange(sides) / sides
    rings = line[:, None] + np.cos(turn)[None, :, None] * (wide[:, None] * side)[:, None]
    rings = rings + np.sin(turn)[None, :, None] * (high[:, None] * up)[:, None]
    return Part(*lofted(rings), (), (sheet,))


def _ribbon(
    line: np.ndarray, direction: np.ndarray, wide: np.ndarray, high: np.ndarray, thin: np.ndarray
) -> tuple[tuple[Curve, ...], tuple[Sheet, ...]]:
    """The middle of rounded rectangles that reach `wide` and `high` beyond their inscribed circles of radius `thin`."""
    spread = along(line, (thin[0], thin[-1]), closed=False, radius=thin)
    if max(wide.max(), high.max()) < 0.15 * thin.max():
        points, radii = spread(line, thin)
        return (Curve(points, radii),), ()
    side, up = square_to(direction, tangents(line, closed=False))
    arm = wide[:, None] * side + high[:, None] * up
    points, arm, radii = spread(line, arm, thin)
    reach = float(np.sqrt((arm * arm).sum(1)).max())
    at = evenly(-1, 1, max(2, int(np.ceil(2 * reach / max(SPACING, float(thin.mean()) / 2))) + 1))
    grid = points[:, None] + at[:, None] * arm[:, None]
    return (), (Sheet(grid, np.repeat(radii[:, None], len(at), 1)),)


def box(centre: Vector, size: Vector, corner: float = 0.0, soft: float = 0.0) -> Part:
    """A box with its sides along the axes; `corner` and `soft` as for a bar along its longest side."""
    middle, half = np.asarray(centre, float), np.asarray(size, float) / 2
    order = np.argsort(-half, kind="stable")
    a, b, c = half[order]
    truth = np.empty((*(max(2, int(np.ceil(2 * (x - c) / max(SPACING, c / 2))) + 1) for x in (a, b)), 3))
    reach = a - c, b - c
    truth[..., order[0]] = evenly(-reach[0], reach[0], truth.shape[0])[:, None]
    truth[..., order[1]] = evenly(-reach[1], reach[1], truth.shape[1])
    truth[..., order[2]] = 0
    place, inset = np.array([-a, a]), np.zeros(2)
    if soft > 0:
        corner, soft = max(corner, 0.3), min(soft, 0.9 * c)
        turn = np.radians([90.0, 45.0, 0.0])
        near, shrink = soft * (1 - np.sin(turn)), soft * (1 - np.cos(turn))
        place, inset = np.concatenate([near - a, a - near[::-1]]), np.concatenate([shrink, shrink[::-1]])
    section = rounded_rectangle(corner)
    rings = np.empty((len(place), len(section), 3))
    rings[..., order[0]] = place[:, None]
    for axis, width, column in ((order[1], b, 0), (order[2], c, 1)):
        flat = section[:, column] * (width - corner * c) + section[:, column + 2] * corner * c
        rings[..., axis] = (1 - inset / width)[:, None] * flat
    mesh = lofted(middle + rings)
    balls = _edge_balls(half, corner * c, float(inset.max())) + np.array([*middle, 0])
    if b - c < 0.075 * c:
        line = middle + truth[:, 0] * (np.arange(3) == order[0])
        return Part(*mesh, (Curve(line, np.full(len(truth), c)),), balls=balls)
    return Part(*mesh, (), (Sheet(middle + truth, np.full(truth.shape[:2], c)),), balls)


def _edge_balls(half: np.ndarray, corner: float, soft: float) -> np.ndarray:
    """Smaller medial spheres (K, 4) of a stout box, on the planes that halve its edges."""
    thick = float(half.min())
    if thick < 0.12 * float(half.max()):
        return np.zeros((0, 4))
    found = []
    for radius in (0.7 * thick, 0.4 * thick):
        if radius < max(corner, soft):
            continue
        reach = half - radius
        for axis in range(3):
            place = evenly(
                -reach[axis], reach[axis], max(2, int(np.ceil(2 * reach[axis] / max(0.7 * radius, SPACING))))
            )
            for a in (-1, 1):
                for b in (-1, 1):
                    row = np.empty((len(place), 4))
                    row[:, (axis + 1) % 3], row[:, (axis + 2) % 3] = (
                        a * reach[(axis + 1) % 3],
                        b * reach[(axis + 2) % 3],
                    )
                    row[:, axis], row[:, 3] = place, radius
                    found.append(row)
    return np.concatenate(found) if found else np.zeros((0, 4))


def slab(grid: np.ndarray, half: float | np.ndarray, rim: str = "sharp", *, wrap: bool = False) -> Part:
    """Half a thickness (or (R, C) of them) to both sides of a surface (R, C, 3); its rim sharp or round.

    A round rim reaches half a thickness beyond the grid. `wrap` joins the last column to the first, as shells
    of revolution need.
    """
    middle = np.asarray(grid, float)
    rows, columns = middle.shape[:2]
    thick = np.broadcast_to(np.asarray(half, float), (rows, columns))
    normal = grid_normals(middle, wrap=wrap)
    top, bottom = (
        (middle + thick[..., None] * normal).reshape(-1, 3),
        (middle - thick[..., None] * normal).reshape(-1, 3),
    )
    faces, loops = slab_faces(rows, columns, wrap=wrap)
    vertices, triangles = [top, bottom], [faces, faces[:, ::-1] + rows * columns]
    start = 2 * rows * columns
    for loop in loops:
        rungs = [loop]
        if rim == "round":
            between = rim_rings(middle.reshape(-1, 3)[loop], normal.reshape(-1, 3)[loop], thick.ravel()[loop])
            for ring in between:
                vertices.append(ring)
                rungs.append(np.arange(start, start + len(loop)))
                start += len(loop)
        rungs.append(loop + rows * columns)
        triangles += [strip(a, b) for a, b in pairwise(rungs)]
    if wrap:
        middle, thick = np.concatenate([middle, middle[:, :1]], 1), np.concatenate([thick, thick[:, :1]], 1)
    truth = Sheet(*resampled_sheet(middle, thick, inset=rim == "sharp", wrapped=wrap))
    return Part(*outward(np.concatenate(vertices), np.concatenate(triangles)), (), (truth,))


def disc(
    centre: Vector,
    axis: Vector,
    radius: float | tuple[float, float],
    half: float,
    rim: str = "sharp",
    sides: int = 28,
    across: Vector = (1, 0, 0),
    power: float = 2.0,
) -> Part:
    """A round or oval plate: `radius` (one, or along and square to `across`); `power` > 2 makes it squarer."""
    middle = np.asarray(centre, float)
    wide, deep = radius if isinstance(radius, tuple) else (radius, radius)
    side, up = (v[0] for v in square_to(np.asarray(across, float)[None], unit(np.asarray(axis, float))[None]))
    normal = unit(np.asarray(axis, float))
    turn = 2 * np.pi * np.arange(sides) / sides
    c, s = np.cos(turn), np.sin(turn)
    x, y = (np.sign(v) * np.abs(v) ** (2 / power) for v in (c, s))
    bend = np.radians([-90, -35, 35, 90])
    profile = (
        [(0.0, -half), (0.0, half)] if rim == "sharp" else [(half * (np.cos(b) - 1), half * np.sin(b)) for b in bend]
    )
    rings = np.stack(
        [middle + z * normal + ((wide + d) * x)[:, None] * side + ((deep + d) * y)[:, None] * up for d, z in profile]
    )
    keep = 1 - half / min(wide, deep)
    count = max(2, int(np.ceil(max(wide, deep) / max(SPACING, half / 2))))
    share = (np.arange(count) + 0.5) / count if keep <= 0 else np.linspace(keep / count / 2, keep, count)
    spokes = max(8, min(sides, int(np.ceil(6.3 * max(wide, deep) / max(SPACING, half / 2)))))
    index = np.append(np.arange(spokes) * sides // spokes, 0)
    plane = (wide * x[index])[:, None] * side + (deep * y[index])[:, None] * up
    truth = Sheet(middle + share[:, None, None] * plane, np.full((count, spokes + 1), half))
    return Part(*lofted(rings), (), (truth,))


def ellipsoid(centre: Vector, half: Vector, sides: int = 18) -> Part:
    """Half axes along x, y, z; its medial axis is known in closed form (a point, a line or an ellipse)."""
    middle, axes = np.asarray(centre, float), np.asarray(half, float)
    order = np.argsort(-axes, kind="stable")
    a, b, c = axes[order]
    bands = sides // 2 + (sides // 3 if a > 2 * c else 0)
    polar = np.pi * np.arange(1, bands) / bands
    turn = 2 * np.pi * np.arange(sides) / sides
    directions = np.stack(
        [
            np.sin(polar)[:, None] * np.cos(turn),
            np.sin(polar)[:, None] * np.sin(turn),
            np.tile(-np.cos(polar)[:, None], sides),
        ],
        -1,
    )
    pole = np.array([0, 0, axes[2]])
    mesh = lofted(middle + directions * axes, apexes=(middle - pole, middle + pole))
    if (a - c) / a < 0.08:
        return Part(*mesh, balls=np.array([[*middle, c]]))
    reach_a, reach_b = (a * a - c * c) / a, (b * b - c * c) / b
    rows, columns = (int(np.clip(2 * reach / SPACING, 3, 16)) | 1 for reach in (reach_a, reach_b))
    flat = (b - c) / b < 0.05
    u = np.linspace(-0.9, 0.9, rows)
    v = np.zeros(1) if flat else np.linspace(-0.9, 0.9, columns)
    # A square of parameters pressed into the unit disc.
    x, y = u[:, None] * np.sqrt(1 - v**2 / 2), v * np.sqrt(1 - u[:, None] ** 2 / 2)
    place = np.zeros((rows, len(v), 3))
    place[..., order[0]], place[..., order[1]] = x * reach_a, y * reach_b
    radii = c * np.sqrt(np.maximum(1 - (x**2) * reach_a / a - (y**2) * reach_b / b, 0))
    if flat:
        return Part(*mesh, (Curve(middle + place[:, 0], radii[:, 0]),))
    return Part(*mesh, (), (Sheet(middle + place, radii),))


def hull(rings: np.ndarray) -> Part:
    """A loft through closed sections (R, K, 3), the same on both sides of x = 0: ships' hulls and the like.

    Its medial spheres sit in the plane x = 0 wherever the walls, and not deck or keel, are nearest.
    """
    mesh = lofted(np.asarray(rings, float))
    low, high = rings[..., 2].argmin(1), rings[..., 2].argmax(1)
    row = np.arange(len(rings))
    keel, deck = rings[row, low] * [0, 1, 1], rings[row, high] * [0, 1, 1]
    keel, deck = along(keel, (0.01, 0.01), closed=False, radius=np.full(len(keel), SPACING))(keel, deck)
    share = np.linspace(0.03, 0.97, 12)
    wall = _wall_distance(mesh, keel[:, None] + share[:, None] * (deck - keel)[:, None])
    good = wall > 0
    used = good.any(1)
    first, last = share[good.argmax(1)], share[len(share) - 1 - good[:, ::-1].argmax(1)]
    span = first[:, None] + np.linspace(0, 1, 4) * (last - first)[:, None]
    points = (keel[:, None] + span[..., None] * (deck - keel)[:, None])[used]
    if len(points) < 2:
        return Part(*mesh)
    return Part(*mesh, (), (Sheet(points, np.abs(_wall_distance(mesh, points))),))


def _wall_distance(mesh: tuple[np.ndarray, np.ndarray], points: np.ndarray) -> np.ndarray:
    """Distance (R, C) to the surface; negative where it is met in the plane x = 0 itself or nearly so."""
    squared, _, nearest = igl.point_mesh_squared_distance(points.reshape(-1, 3), *mesh)
    distance, sideways = np.sqrt(squared), np.abs(np.asarray(nearest)[:, 0])
    return np.where(sideways > 0.5 * distance, distance, -distance).reshape(points.shape[:2])
