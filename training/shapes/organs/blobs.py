"""Round closed bodies, bent and dented out of ellipsoids, with their middle surfaces carried along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import manifold3d
import numpy as np
import trimesh

from inference.anatomy import Mesh

from ..making.finish import Draft
from ..making.lofts import lofted
from ..making.parts import Part, ellipsoid, tube
from ..making.union import union
from ..shape import Curve, Sheet
from .branching import Random, smooth_path

Bend = Callable[[np.ndarray], np.ndarray]  # points (..., 3) to points (..., 3)


@cache
def ball(level: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit directions and triangles of an even sphere: 642 vertices at level 3, 2562 at 4."""
    sphere = trimesh.creation.icosphere(subdivisions=level)
    return np.asarray(sphere.vertices, float), np.asarray(sphere.faces, np.int32)


def blob(axes: np.ndarray, bend: Bend, level: int = 3) -> Part:
    """An ellipsoid of half axes (3,) along x, y, z, bent; its medial axis is bent with it."""
    directions, triangles = ball(level)
    plain = ellipsoid((0, 0, 0), axes)
    return bent(Part(directions * axes, triangles, plain.curves, plain.sheets, plain.balls), bend)


def bent(part: Part, bend: Bend) -> Part:
    """The part with its lines and middle surfaces moved by `bend`; radii stay as they are."""
    return Part(
        bend(part.vertices),
        part.triangles,
        tuple(Curve(bend(curve.points), curve.radii) for curve in part.curves),
        tuple(Sheet(bend(sheet.points), sheet.radii) for sheet in part.sheets),
        np.concatenate([bend(part.balls[:, :3]), part.balls[:, 3:]], 1),
    )


def plain(points: np.ndarray) -> np.ndarray:
    """No bend at all."""
    return points


def dent(points: np.ndarray, at: np.ndarray, width: float, push: np.ndarray) -> np.ndarray:
    """Points (..., 3) near `at` pushed; half as far at a distance of about `width`."""
    away = ((points - at) ** 2).sum(-1, keepdims=True)
    return points + push * np.exp(-0.7 * away / width**2)


def ripples(rng: Random, waves: float, count: int = 6) -> Callable[[np.ndarray], np.ndarray]:
    """A smooth random height over all space, about -1..1, with `waves` radians per unit length."""
    directions = rng.normal(size=(3, count))
    directions *= waves / np.linalg.norm(directions, axis=0)
    phase = rng.uniform(0, 2 * np.pi, count)
    return lambda points: np.sin(points @ directions + phase).mean(-1) * 2


def roughened(part: Part, amount: float, waves: float, rng: Random) -> Part:
    """The surface moved in and out along the direction from its middle by a share of the distance."""
    middle = part.vertices.mean(0)
    out = part.vertices - middle
    height = ripples(rng, waves)(part.vertices)
    return Part(middle + out * (1 + amount * height[:, None]), part.triangles, part.curves, part.sheets, part.balls)


def cup(profile: np.ndarray, half: np.ndarray, squeeze: float = 1.0, sides: int = 28) -> Part:
    """A shell of revolution about Z, closed at the first point of its profile (N, 2: radius, height), open at the last.

    `half` (N,) is half the wall's thickness; `squeeze` flattens it along Y.
    """
    step = np.gradient(profile, axis=0)
    normal = np.stack([step[:, 1], -step[:, 0]], 1) / np.linalg.norm(step, axis=1)[:, None]
    normal[0] = [0, -1]
    outer, inner = profile + half[:, None] * normal, profile - half[:, None] * normal
    along = step[-1] / np.linalg.norm(step[-1])
    turn = np.radians([30, 60, 90, 120, 150])[:, None]
    rim = profile[-1] + half[-1] * (np.cos(turn) * normal[-1] + np.sin(turn) * along)
    loop = np.concatenate([outer[1:], rim, inner[:0:-1]])
    around = np.linspace(0, 2 * np.pi, sides, endpoint=False)

    def revolve(line: np.ndarray, angles: np.ndarray) -> np.ndarray:
        wide = np.stack([np.cos(angles), squeeze * np.sin(angles)], 1)
        flat = line[:, 0, None, None] * wide
        return np.concatenate([flat, np.broadcast_to(line[:, 1, None, None], (*flat.shape[:2], 1))], 2)

    tips = (np.array([0, 0, outer[0, 1]]), np.array([0, 0, inner[0, 1]]))
    mesh = lofted(revolve(loop, around), apexes=tips)
    seam = np.append(around[::2], 2 * np.pi)
    middle = revolve(profile, seam)
    return Part(*mesh, (), (Sheet(middle, np.repeat(half[:, None], len(seam), 1)),))


def body(parts: Sequence[Part], pieces: int | None = 1, genus: int | None = 0, *, thick: bool = True) -> Draft:
    """Parts joined, with the medial lines of all of them."""
    mesh = union(parts) if len(parts) > 1 else Mesh(parts[0].vertices, parts[0].triangles)
    curves = tuple(curve for part in parts for curve in part.curves)
    sheets = tuple(sheet for part in parts for sheet in part.sheets)
    centres = np.concatenate([part.balls[:, :3] for part in parts])
    return Draft(mesh, pieces, genus, curves, sheets, centres, thick)


def pipe(
    knots: Sequence[Sequence[float]] | np.ndarray, radii: Sequence[float] | np.ndarray | float, sides: int, step: float
) -> Part:
    """A round tube through knots, with a ring about every `step` radii."""
    line = np.asarray(knots, float)
    limb = smooth_path(line, np.broadcast_to(np.asarray(radii, float), len(line)), step)
    return tube(limb.points, limb.radii, sides)


def solid_of(part: Part | Mesh) -> manifold3d.Manifold:
    """For exact cutting."""
    return manifold3d.Manifold(manifold3d.Mesh64(part.vertices, np.ascontiguousarray(part.triangles, np.uint64)))


def mesh_of(solid: manifold3d.Manifold) -> Mesh:
    """What was cut, as a mesh again."""
    made = solid.to_mesh64()
    return Mesh(np.array(made.vert_properties)[:, :3], np.array(made.tri_verts).astype(np.int32))
