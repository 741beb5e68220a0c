"""Cones of cloth or hair: what hangs around an axis, whole or in part. A skirt is what goes round both legs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from ...anatomy import Mesh
from .figure import Figure
from .levels import around, cut_at

LEVELS = 48  # heights from above the thighs' joints to the ankles that are looked at
ROUND = 0.55  # share of directions in which a line must go around both legs to be a skirt's
LEG, ALONE = 0.7, 0.5  # a line that goes so far around one leg, and not so far around the other, is that leg's own
ABOVE = 0.4  # of a thigh's length: so far above its joint the search begins
TOP = 0.12  # of a thigh's length: so far below its joint a long skirt begins to swing
LENGTH = 0.5  # of a thigh's length: a short one begins higher, such that it is so long
SHORTEST, SHORT = 0.22, 0.1  # of a thigh's length: how far below its joint a hem is; the second, if it flares
HIDDEN = 0.45  # the same where no leg is seen inside: what is shorter may be a crotch
FLARE = 1.15  # times as wide at the hem as at the top: cloth, for trunks and jackets are not
NARROW = 0.7  # of the width above: what is narrower is another layer
TAPER = 0.85  # of its greatest width: what is narrower at the lower end is no hem but the bottom of a trunk
GAP = 2  # levels that may fail in the middle of a skirt
FLAPS = 0.5  # of a thigh's length: how far along the surface what hangs down farther belongs to it


@dataclass(frozen=True)
class Cone:
    """A surface around an upright axis."""

    base: str  # what its chains are called: skirt, hair, cape
    carrier: int  # the bone it hangs on
    vertices: np.ndarray  # (V,) bool
    heights: np.ndarray  # (n,) falling
    centres: np.ndarray  # (n, 2) the axis at each height
    rings: tuple[np.ndarray, ...]  # n times (N, 2): points of the surface at that height


def skirt(figure: Figure) -> Cone | None:
    """What goes round both legs from the hips down, be it a skirt, a dress, a coat or a robe."""
    legs = ("thigh.L", "thigh.R", "shin.L", "shin.R")
    if not figure.has("hips", *legs):
        return None
    ways = [np.stack([figure.head(f"thigh.{s}"), figure.head(f"shin.{s}"), figure.tail(f"shin.{s}")]) for s in "LR"]
    joint = float(np.mean([way[0, 2] for way in ways]))
    thigh = joint - float(np.mean([way[1, 2] for way in ways]))
    ankle = float(np.mean([way[2, 2] for way in ways]))
    if thigh <= 0 or ankle >= joint - thigh:
        return None  # not standing: there is no telling what hangs
    heights = np.linspace(joint + ABOVE * thigh, ankle, LEVELS)
    rings, centres, marks = [], [], np.zeros(len(figure.mesh.vertices), np.int8)  # 1 skirt, -1 a leg
    missed, last, legs_inside, wide = 0, -1, False, 0.0
    for number, height in enumerate(heights):
        both = np.stack([_at_height(way, height) for way in ways])
        found = _around_legs(figure.mesh, height, both, NARROW * wide)
        centres.append(both.mean(0))
        marks[found.legs] = np.where(marks[found.legs] == 1, 1, -1)
        if missed > GAP or len(found.ring) == 0:
            missed += height < joint
            rings.append(np.zeros((0, 2)))
            continue
        rings.append(found.ring)
        marks[found.skirt] = 1
        missed, last, wide = 0, number, _width(found.ring, both.mean(0))
        legs_inside |= len(found.legs) > 0
    if last < 0:
        return None
    top = min(max(joint - TOP * thigh, heights[last] + LENGTH * thigh), heights[0])
    keep = [number for number in range(last + 1) if len(rings[number]) and heights[number] <= top + 1e-9]
    if len(keep) < 2:
        return None
    flares = wide > FLARE * _width(rings[keep[0]], centres[keep[0]])
    if wide < TAPER * max(_width(rings[number], centres[number]) for number in keep):
        return None
    depth = (joint - heights[last]) / thigh
    if depth < ((SHORT if flares else SHORTEST) if legs_inside else HIDDEN) or not (legs_inside or flares):
        return None
    vertices = _spread(figure.mesh, marks, FLAPS * thigh) & (figure.mesh.vertices[:, 2] <= top)
    return Cone(
        "skirt",
        figure.bones["hips"],
        vertices,
        heights[keep],
        np.stack([centres[number] for number in keep]),
        tuple(rings[number] for number in keep),
    )


def cone_of(mesh: Mesh, vertices: np.ndarray, base: str, carrier: int, axis: np.ndarray, top: float) -> Cone | None:
    """Everything of the chosen vertices (V,) below `top`, seen from an upright axis through (x, y)."""
    low = float(mesh.vertices[vertices, 2].min())
    heights = np.linspace(top, low, LEVELS // 2)[:-1]
    inside = vertices[mesh.triangles].all(1)
    part = Mesh(mesh.vertices, mesh.triangles[inside])
    rings = []
    for height in heights:
        cut = cut_at(part, height)
        rings.append(cut.points(np.ones(len(cut.line), bool)))
    keep = [number for number, ring in enumerate(rings) if len(ring)]
    if len(keep) < 2:
        return None
    below = vertices & (mesh.vertices[:, 2] <= top)
    centres = np.tile(axis, (len(keep), 1))
    return Cone(base, carrier, below, heights[keep], centres, tuple(rings[number] for number in keep))


@dataclass(frozen=True)
class _AroundLegs:
    """What a height meets around the legs."""

    ring: np.ndarray  # (N, 2) points of the outermost line around both, none where there is none
    skirt: np.ndarray  # vertices of its triangles
    legs: np.ndarray  # vertices of the triangles of lines around one leg alone


def _around_legs(mesh: Mesh, height: float, legs: np.ndarray, narrowest: float) -> _AroundLegs:
    """What is around the legs (2, 2) at a height; a line around both counts if it is not too narrow."""
    cut = cut_at(mesh, height)
    best, chosen, single = 0.0, np.zeros(len(cut.line), bool), np.zeros(len(cut.line), bool)
    for line in range(int(cut.line.max(initial=-1)) + 1):
        own = cut.line == line
        points = cut.points(own)
        shares = [around(points, place) for place in (*legs, legs.mean(0))]
        reach = _width(points, legs.mean(0))
        if min(shares) >= ROUND and reach > max(best, narrowest):  # of several layers the outermost
            best, chosen = reach, own
        elif max(shares[:2]) >= LEG and min(shares[:2]) < ALONE:
            single |= own
    corners = [np.unique(mesh.triangles[cut.triangle[own]]) for own in (chosen, single)]
    return _AroundLegs(cut.points(chosen), *corners)


def _spread(mesh: Mesh, marks: np.ndarray, far: float) -> np.ndarray:
    """The vertices that are nearer to a skirt's than to a leg's along the surface, and not far; (V,) bool."""
    count = len(mesh.vertices)
    pairs = np.concatenate([mesh.triangles[:, [0, 1]], mesh.triangles[:, [1, 2]], mesh.triangles[:, [2, 0]]])
    length = np.linalg.norm(mesh.vertices[pairs[:, 0]] - mesh.vertices[pairs[:, 1]], axis=1) + 1e-9
    graph = csr_matrix((length, (pairs[:, 0], pairs[:, 1])), (count, count))
    graph = graph.maximum(graph.T)
    known = np.flatnonzero(marks)
    _, _, source = dijkstra(graph, indices=known, min_only=True, return_predecessors=True, limit=far)
    reached = source >= 0
    nearest = np.zeros(count, np.int8)
    nearest[reached] = marks[source[reached]]
    return (marks == 1) | ((nearest == 1) & (marks == 0))


def _width(ring: np.ndarray, centre: np.ndarray) -> float:
    return float(np.linalg.norm(ring - centre, axis=1).mean())


def _at_height(way: np.ndarray, height: float) -> np.ndarray:
    """Where a leg (3, 3), from the hip down, passes a height: x and y."""
    return np.array([np.interp(height, way[::-1, 2], way[::-1, axis]) for axis in (0, 1)])
