"""Shapes with known topology, made of overlapping closed parts, in the unit frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import cast

import numpy as np
import trimesh

from inference.anatomy import MedialSpheres, Mesh, Solid
from inference.geometry.medial.spheres import medial_spheres
from inference.geometry.solid.make import make_solid

Part = trimesh.Trimesh
Point = tuple[float, float, float]
create = trimesh.creation


def ring(at: Point = (0, 0, 0), tube: float = 0.25, *, radius: float = 1.0, upright: bool = False) -> Part:
    made = create.torus(radius, tube, major_sections=48, minor_sections=20)
    if upright:
        made.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, (1, 0, 0)))
    return made.apply_translation(at)


def rod(start: Point, end: Point, radius: float) -> Part:
    return create.cylinder(radius, segment=[start, end], sections=20)


def limb(start: Point, end: Point, radius: float) -> list[Part]:
    ends = [create.icosphere(2, radius).apply_translation(place) for place in (start, end)]
    return [rod(start, end, radius), *ends]


def box(size: Point, at: Point = (0, 0, 0)) -> Part:
    return create.box(size).apply_translation(at)


def creature() -> list[Part]:
    parts = [*limb((0, 0, 0.48), (0, 0, 0.78), 0.11), create.icosphere(3, 0.1).apply_translation((0, 0, 0.98))]
    parts += limb((0, 0, 0.8), (0, 0, 0.95), 0.05)
    for side in (-1, 1):
        parts += limb((0.09 * side, 0, 0.05), (0.12 * side, 0, 0.45), 0.055)
        parts += limb((0.12 * side, 0, 0.03), (0.12 * side, -0.09, 0.03), 0.035)
        parts += limb((0.1 * side, 0, 0.78), (0.48 * side, 0, 0.78), 0.04)
        for finger in (-1, 0, 1):
            parts += limb((0.48 * side, 0, 0.78), (0.56 * side, finger * 0.035, 0.78), 0.012)
    return parts


def ladder() -> list[Part]:
    rungs = [rod((-0.2, 0, z), (0.2, 0, z), 0.03) for z in np.linspace(0.12, 0.88, 5)]
    return [rod((-0.2, 0, 0), (-0.2, 0, 1), 0.035), rod((0.2, 0, 0), (0.2, 0, 1), 0.035), *rungs]


def star() -> list[Part]:
    directions = create.icosphere(0).vertices[:7]
    return [part for way in directions for part in limb((0, 0, 0), tuple(0.45 * way), 0.05)]


def near_touching() -> list[Part]:
    """A ring with a gap of 0.02 in it."""
    low, high = 0.0, 0.8
    parts = limb((-0.2, 0, low), (0.2, 0, low), 0.08)
    for side in (-1, 1):
        parts += limb((0.2 * side, 0, low), (0.2 * side, 0, high), 0.08)
        parts += limb((0.2 * side, 0, high), (0.09 * side, 0, high), 0.08)
    return parts


def table() -> list[Part]:
    places = [(x, y) for x in (-0.42, 0.42) for y in (-0.28, 0.28)]
    return [box((1, 0.7, 0.05), (0, 0, 0.5)), *(rod((x, y, 0), (x, y, 0.5), 0.03) for x, y in places)]


def hollow_ball() -> list[Part]:
    inner = create.icosphere(4, 0.36)
    inner.invert()
    return [create.icosphere(4, 0.5), inner]


def mug() -> list[Part]:
    base = create.cylinder(0.4, 0.1).apply_translation((0, 0, -0.4))
    ear = [(0.36, 0, 0.25), (0.65, 0, 0.25), (0.65, 0, -0.25), (0.36, 0, -0.25)]
    handle = [part for a, b in pairwise(ear) for part in limb(a, b, 0.05)]
    return [create.annulus(0.3, 0.4, 0.8, sections=40), base, *handle]


def three_rings() -> list[Part]:
    return [ring((1.45 * np.cos(turn), 1.45 * np.sin(turn), 0), 0.3) for turn in np.arange(3) * 2 * np.pi / 3]


def chain() -> list[Part]:
    return [ring((1.3 * k, 0, 0), 0.2, upright=k % 2 == 0) for k in range(4)]


MAKERS: dict[str, tuple[Callable[[], list[Part]], tuple[int, int, int]]] = {
    "ball": (lambda: [create.icosphere(3)], (1, 0, 0)),
    "torus": (lambda: [ring()], (1, 1, 0)),
    "fat torus": (lambda: [ring(tube=0.62)], (1, 1, 0)),
    "double torus": (lambda: [ring((-1, 0, 0)), ring((1, 0, 0))], (1, 2, 0)),
    "three rings around a hole": (three_rings, (1, 4, 0)),
    "chain": (chain, (4, 4, 0)),
    "mug": (mug, (1, 1, 0)),
    "ladder": (ladder, (1, 4, 0)),
    "star": (star, (1, 0, 0)),
    "near-touching ends": (near_touching, (1, 0, 0)),
    "table": (table, (1, 0, 0)),
    "hollow ball": (hollow_ball, (1, 0, 1)),
    "creature": (creature, (1, 0, 0)),
    "plate": (lambda: [box((1, 0.6, 0.1))], (1, 0, 0)),
    "rod": (lambda: [rod((0, 0, 0), (0, 0, 1), 0.05)], (1, 0, 0)),
}


def known_mesh(name: str) -> Mesh:
    joined = cast(trimesh.Trimesh, trimesh.util.concatenate(MAKERS[name][0]()))
    vertices = np.asarray(joined.vertices, np.float64)
    low, high = vertices.min(0), vertices.max(0)
    return Mesh((vertices - (low + high) / 2) / (high - low).max(), np.asarray(joined.faces, np.int32))


@cache
def known_solid(name: str) -> Solid:
    return make_solid(known_mesh(name), symmetric=name == "creature")


@cache
def known_spheres(name: str) -> MedialSpheres:
    return medial_spheres(known_solid(name), known_mesh(name))
