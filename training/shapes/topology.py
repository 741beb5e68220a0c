"""Solids whose topology is known by construction: tori, chains, handles, cages, knots, a hollow ball."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from inference.anatomy import Mesh

from .making.implicit import Sticks, join, mesh_around, path


@dataclass(frozen=True)
class KnownSolid:
    """A watertight mesh and the Betti numbers of the volume inside it."""

    name: str
    mesh: Mesh
    components: int
    loops: int
    cavities: int


def betti_of_graph(points: int, edges: np.ndarray) -> tuple[int, int]:
    """Components and independent cycles of a graph with edges (E, 2), none of them doubled."""
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (points, points))
    components = int(connected_components(graph, directed=False)[0])
    return components, len(edges) - points + components


def known_solids(resolution: int = 96) -> list[KnownSolid]:
    """The whole set, the same each time; `resolution` cells along the longest side."""
    drawn = {
        "ball": Sticks(np.zeros((1, 3)), np.array([0.4]), np.zeros((0, 2), np.int32)),
        "stick": _stick(0.0),
        "fork": _fork(),
        "torus": _ring(0.4, 0.09),
        "thin torus": _ring(0.45, 0.035),
        "fat torus": _ring(0.3, 0.19),
        "two rings joined": _row_of_rings(2),
        "three rings joined": _row_of_rings(3),
        "chain of three links": _chain(3),
        "mug": _mug(),
        "ladder": _ladder(4),
        "cube cage": _cage(),
        "trefoil knot": _trefoil(),
        "legs that almost touch": _close_legs(),
        "two sticks apart": join(_stick(-0.2), _stick(0.2)),
    }
    solids = [
        KnownSolid(name, mesh_around(sticks, resolution), *betti_of_graph(len(sticks.points), sticks.edges), 0)
        for name, sticks in drawn.items()
    ]
    return [*solids, _hollow_ball(resolution)]


def _stick(x: float) -> Sticks:
    return path(np.array([[x, 0, -0.5], [x, 0, 0.5]]), 0.08)


def _fork() -> Sticks:
    tips = np.array([[0, 0, -0.5], [0, 0, 0], [-0.3, 0, 0.4], [0, 0.1, 0.5], [0.3, 0, 0.4]])
    return Sticks(tips, np.array([0.09, 0.08, 0.05, 0.05, 0.05]), np.array([[0, 1], [1, 2], [1, 3], [1, 4]], np.int32))


def _circle(radius: float, count: int = 48, phase: float = 0.0) -> np.ndarray:
    turn = 2 * np.pi * np.arange(count) / count + phase
    return radius * np.stack([np.cos(turn), np.zeros(count), np.sin(turn)], 1)


def _ring(radius: float, thickness: float) -> Sticks:
    return path(_circle(radius), thickness, closed=True)


def _row_of_rings(count: int) -> Sticks:
    """Rings side by side, bridged by short bars: genus `count`."""
    rings = join(*(_moved(_ring(0.2, 0.05), [0.55 * k, 0, 0]) for k in range(count)))
    # The circle has 48 points: number 0 is rightmost, number 24 leftmost.
    bars = np.array([[48 * k, 48 * (k + 1) + 24] for k in range(count - 1)], np.int32).reshape(-1, 2)
    return Sticks(rings.points, rings.radii, np.concatenate([rings.edges, bars]))


def _chain(count: int) -> Sticks:
    """Links that hang in each other without touching."""
    links = []
    for k in range(count):
        link = _moved(_ring(0.2, 0.04), [0.28 * k, 0, 0])
        if k % 2:
            link = Sticks(link.points[:, [0, 2, 1]], link.radii, link.edges)
        links.append(link)
    return join(*links)


def _mug() -> Sticks:
    """A thick post with one handle."""
    post = np.array([[0, 0, -0.4], [0, 0, -0.25], [0, 0, 0.25], [0, 0, 0.4]])
    handle = np.array([[0.3, 0, 0.25], [0.42, 0, 0], [0.3, 0, -0.25]])
    points = np.concatenate([post, handle])
    edges = np.array([[0, 1], [1, 2], [2, 3], [2, 4], [4, 5], [5, 6], [6, 1]], np.int32)
    return Sticks(points, np.array([0.18] * 4 + [0.04] * 3), edges)


def _ladder(rungs: int) -> Sticks:
    """Two rails: rungs - 1 loops."""
    height = np.linspace(-0.4, 0.4, rungs)
    left = np.stack([np.full(rungs, -0.15), np.zeros(rungs), height], 1)
    right = left * [-1, 1, 1]
    both = join(path(left, 0.04), path(right, 0.04))
    across = np.stack([np.arange(rungs), np.arange(rungs) + rungs], 1)
    return Sticks(both.points, both.radii, np.concatenate([both.edges, across]).astype(np.int32))


def _cage() -> Sticks:
    """The twelve edges of a cube: five loops."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * 0.4
    edges = [[i, j] for i in range(8) for j in range(i + 1, 8) if np.abs(corners[i] - corners[j]).sum() < 0.9]
    return Sticks(corners, np.full(8, 0.06), np.array(edges, np.int32))


def _trefoil() -> Sticks:
    turn = 2 * np.pi * np.arange(120) / 120
    curve = [np.sin(turn) + 2 * np.sin(2 * turn), np.cos(turn) - 2 * np.cos(2 * turn), -np.sin(3 * turn)]
    return path(np.stack(curve, 1) / 6, 0.06, closed=True)


def _close_legs() -> Sticks:
    """Two legs from one hip with a gap of two hundredths between them."""
    points = np.array([[0, 0, 0.5], [-0.12, 0, 0.35], [-0.09, 0, -0.5], [0.12, 0, 0.35], [0.09, 0, -0.5]])
    return Sticks(points, np.full(5, 0.08), np.array([[0, 1], [1, 2], [0, 3], [3, 4]], np.int32))


def _hollow_ball(resolution: int) -> KnownSolid:
    """A ball with a ball taken out: one cavity, and no curve skeleton can show it."""
    ball = mesh_around(Sticks(np.zeros((1, 3)), np.array([0.5]), np.zeros((0, 2), np.int32)), resolution)
    inner = ball.triangles[:, ::-1] + len(ball.vertices)
    vertices = np.concatenate([ball.vertices, ball.vertices * 0.5])
    return KnownSolid("hollow ball", Mesh(vertices, np.concatenate([ball.triangles, inner]).astype(np.int32)), 1, 0, 1)


def _moved(sticks: Sticks, by: list[float]) -> Sticks:
    return Sticks(sticks.points + np.array(by), sticks.radii, sticks.edges)
