"""Bodies made of round tubes, for the tests of articulation: each in the canonical frame (+Z up, facing -Y)."""

from __future__ import annotations

from functools import cache

import numpy as np
import trimesh

from inference.anatomy import Armature, CurveSkeleton, Mesh, Solid
from inference.geometry.curves.trace import curve_skeleton
from inference.geometry.solid.make import make_solid
from inference.kinds import Choice, Kind
from inference.requests import Density
from inference.rigging.plans.articulate import body_traits, rig
from tests.rigging.shapes import as_mesh, joined

Point = tuple[float, float, float]


def tube(points: list[Point], radii: list[float]) -> list[Mesh]:
    """Balls and cylinders along a line: overlapping closed pieces."""
    pieces = []
    for a, b, r in zip(points[:-1], points[1:], radii[:-1], strict=True):
        segment = np.array([a, b], float)
        pieces.append(as_mesh(trimesh.creation.cylinder(r, segment=segment, sections=16)))
    for p, r in zip(points, radii, strict=True):
        ball = trimesh.creation.icosphere(2, r)
        pieces.append(as_mesh(ball.apply_translation(p)))
    return pieces


def both_sides(pieces: list[Mesh]) -> list[Mesh]:
    """The pieces and their mirror images."""
    flipped = [Mesh(p.vertices * [-1.0, 1.0, 1.0], p.triangles[:, ::-1]) for p in pieces]
    return [*pieces, *flipped]


def unit(pieces: list[Mesh]) -> Mesh:
    """All in one mesh, the longest side 1, centred but for x."""
    mesh = joined(*pieces)
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    middle = (low + high) / 2 * [0.0, 1.0, 1.0]
    return Mesh((mesh.vertices - middle) / (high - low).max(), mesh.triangles)


def dog(*, turned: bool = False) -> Mesh:
    """A trunk, a raised neck and head, a thin tail, four legs and two ears."""
    trunk = tube([(0, 0.35, 0.5), (0, -0.3, 0.5), (0, -0.45, 0.7), (0, -0.62, 0.7)], [0.11, 0.11, 0.07, 0.06])
    tail = tube([(0, 0.42, 0.53), (0, 0.62, 0.6), (0, 0.8, 0.62)], [0.03, 0.025, 0.02])
    front = tube(
        [(0.07, -0.28, 0.42), (0.07, -0.27, 0.2), (0.07, -0.28, 0.03), (0.07, -0.34, 0.02)], [0.04, 0.035, 0.03, 0.025]
    )
    hind = tube([(0.07, 0.32, 0.42), (0.07, 0.26, 0.3), (0.07, 0.38, 0.16), (0.07, 0.34, 0.03), (0.07, 0.29, 0.02)],
                [0.05, 0.04, 0.03, 0.03, 0.025])  # fmt: skip
    ears = tube([(0.04, -0.48, 0.74), (0.1, -0.46, 0.86)], [0.02, 0.015])
    mesh = unit([*trunk, *tail, *both_sides([*front, *hind, *ears])])
    return Mesh(mesh.vertices * [-1.0, -1.0, 1.0], mesh.triangles) if turned else mesh


def spider() -> Mesh:
    """An abdomen, a head and four pairs of arched legs."""
    body = [as_mesh(trimesh.creation.icosphere(3, 0.17).apply_translation((0, 0.25, 0.3))),
            as_mesh(trimesh.creation.icosphere(3, 0.1).apply_translation((0, 0.0, 0.27)))]  # fmt: skip
    legs = []
    for angle in (-55, -20, 15, 50):
        out, back = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        legs += tube([(0.05 * out, 0.05 * back, 0.27), (0.35 * out, 0.35 * back, 0.45), (0.6 * out, 0.6 * back, 0.02)],
                     [0.025, 0.022, 0.02])  # fmt: skip
    return unit([*body, *both_sides(legs)])


def dragon() -> Mesh:
    """It stands on its hind legs, its tail behind it, with arms, horns and wings whose skin hangs between ribs."""
    trunk = tube([(0, 0.7, 0.04), (0, 0.45, 0.06), (0, 0.25, 0.3), (0, 0.1, 0.6), (0, 0.05, 0.9), (0, -0.15, 1.1)],
                 [0.02, 0.04, 0.12, 0.15, 0.09, 0.09])  # fmt: skip
    legs = tube([(0.12, 0.15, 0.4), (0.16, 0.05, 0.2), (0.16, 0.08, 0.02)], [0.06, 0.05, 0.04])
    arms = tube([(0.1, 0.05, 0.8), (0.3, 0.0, 0.65), (0.32, -0.05, 0.4)], [0.05, 0.045, 0.04])
    horns = tube([(0.05, -0.12, 1.15), (0.09, -0.08, 1.28)], [0.04, 0.03])
    stem = [(0.05, 0.15, 0.8), (0.25, 0.35, 1.05), (0.5, 0.55, 1.3), (0.75, 0.7, 1.4)]
    wings = tube(stem, [0.045, 0.045, 0.045, 0.04])
    for share in (0.25, 0.45, 0.65, 0.85):
        x, y, z = (float(np.interp(share, np.linspace(0, 1, 4), axis)) for axis in np.array(stem).T)
        wings += tube([(x, y, z), (x + 0.02, y + 0.2, z - 0.3)], [0.03, 0.03])
    return unit([*trunk, *both_sides([*legs, *arms, *horns, *wings])])


def fish() -> Mesh:
    """A flattened spindle with a tail fin and a pair of fins at its sides."""
    body = trimesh.creation.icosphere(4, 1.0).apply_scale((0.12, 0.42, 0.2))
    shift = np.where(body.vertices[:, 1] > 0, 1 + 0.35 * body.vertices[:, 1] / 0.42, 1.0)
    body.vertices[:, 1] *= shift
    tail = trimesh.creation.box((0.025, 0.2, 0.36)).apply_translation((0, 0.62, 0))
    fin = trimesh.creation.box((0.22, 0.1, 0.025)).apply_translation((0.2, -0.1, -0.08))
    return unit([as_mesh(body), as_mesh(tail), *both_sides([as_mesh(fin)])])


def serpent() -> Mesh:
    """One smooth tube that rises and falls along its way, rounded at its ends."""
    y = np.linspace(-1, 1, 120)
    z = 0.12 * np.sin(5 * y)
    radius = 0.055 * np.sqrt(np.clip(1 - np.abs(y) ** 24, 1e-4, 1)) * np.where(y > 0.5, 1 - 1.2 * (y - 0.5), 1)
    around = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    rings = np.stack([np.stack([r * np.sin(around), np.full(24, b), c + r * np.cos(around)], 1)
                      for b, c, r in zip(y, z, radius, strict=True)])  # fmt: skip
    here = np.arange(119 * 24).reshape(119, 24)
    beside = np.roll(here, -1, axis=1)
    sides = np.concatenate([np.stack([here, beside, beside + 24], -1), np.stack([here, beside + 24, here + 24], -1)])
    fan = np.array([(23, i, i + 1) for i in range(22)])
    triangles = np.concatenate([sides.reshape(-1, 3), fan[:, ::-1], fan + 119 * 24])
    return unit([Mesh(rings.reshape(-1, 3), triangles.astype(np.int32))])


def mug() -> Mesh:
    """A stout body with one round handle at the back."""
    body = as_mesh(trimesh.creation.cylinder(0.3, height=0.8, sections=48))
    ring = trimesh.creation.torus(0.22, 0.04, major_sections=32, minor_sections=12)
    turn = trimesh.transformations.rotation_matrix(np.pi / 2, (0, 1, 0), (0, 0, 0))
    ring.apply_transform(turn)
    return unit([body, as_mesh(ring.apply_translation((0, 0.32, 0)))])


def ring() -> Mesh:
    """A torus lying on the floor."""
    return unit([as_mesh(trimesh.creation.torus(0.4, 0.08, major_sections=48, minor_sections=16))])


@cache
def seen(make: str, *, symmetric: bool = True) -> tuple[Solid, CurveSkeleton]:
    """The solid and the centre lines of one of the bodies above; a name ending in ` turned` faces the other way."""
    name, _, turned = make.partition(" ")
    mesh = dog(turned=True) if turned else globals()[name]()
    solid = make_solid(mesh, symmetric=symmetric)
    return solid, curve_skeleton(solid)


@cache
def rigged(make: str, kind: Choice | Kind = "auto", density: Density = "normal", *, symmetric: bool = True) -> Armature:
    """The armature of one of the bodies above."""
    solid, curves = seen(make, symmetric=symmetric)
    return rig(body_traits(solid, curves, symmetric=symmetric, density=density), kind, density)
