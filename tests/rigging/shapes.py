"""Small solids and armatures for the tests of binding and judging."""

from __future__ import annotations

import numpy as np
import trimesh

from inference.anatomy import Armature, Mesh


def as_mesh(shape: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(shape.vertices, np.float64), np.asarray(shape.faces, np.int32))


def joined(*parts: Mesh) -> Mesh:
    """Several pieces in one mesh, nothing merged."""
    starts = np.cumsum([0] + [len(p.vertices) for p in parts[:-1]])
    triangles = [p.triangles + start for p, start in zip(parts, starts, strict=True)]
    return Mesh(np.concatenate([p.vertices for p in parts]), np.concatenate(triangles).astype(np.int32))


def moved(mesh: Mesh, offset: tuple[float, float, float]) -> Mesh:
    return Mesh(mesh.vertices + np.array(offset), mesh.triangles)


def bar(length: float = 1.0, thickness: float = 0.2, cuts: int = 20) -> Mesh:
    """A square bar along x from 0 to `length`, cut across so that it can bend."""
    xs = np.linspace(0, length, cuts + 1)
    ring = thickness / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    vertices = np.concatenate([np.column_stack([np.full(4, x), ring]) for x in xs])
    quads = []
    for k in range(cuts):
        for i in range(4):
            a, b = 4 * k + i, 4 * k + (i + 1) % 4
            quads.append((a, b, b + 4, a + 4))
    quads += [(3, 2, 1, 0), tuple(4 * cuts + i for i in range(4))]
    triangles = [t for a, b, c, d in quads for t in ((a, c, b), (a, d, c))]
    return Mesh(vertices, np.array(triangles, np.int32))


def armature(*bones: tuple[str, int, tuple[float, ...], tuple[float, ...]], deform: tuple[bool, ...] = ()) -> Armature:
    """From (name, parent, head, tail) of each bone."""
    count = len(bones)
    return Armature(
        names=tuple(b[0] for b in bones),
        parents=np.array([b[1] for b in bones], np.int32),
        heads=np.array([b[2] for b in bones], float).reshape(-1, 3),
        tails=np.array([b[3] for b in bones], float).reshape(-1, 3),
        rolls=np.zeros(count),
        connected=np.zeros(count, bool),
        confidence=np.ones(count),
        deform=np.array(deform or (True,) * count, bool),
        radii=np.full((count, 2), 0.05),
    )


def two_bones() -> Armature:
    """Along the bar of length 1, jointed in the middle."""
    return armature(("lower", -1, (0.05, 0, 0), (0.5, 0, 0)), ("upper", 0, (0.5, 0, 0), (0.95, 0, 0)))


def hairpin(gap: float = 0.006, radius: float = 0.08, length: float = 0.8) -> Mesh:
    """A tube bent back on itself: one closed surface whose legs along x, at y = +-(radius + gap / 2), nearly touch."""
    side = radius + gap / 2
    legs = np.linspace(length, 0, 25)[:-1]
    turn = np.linspace(np.pi / 2, 3 * np.pi / 2, 13)
    path = (
        [(x, side) for x in legs]
        + [(side * np.cos(t), side * np.sin(t)) for t in turn]
        + [(x, -side) for x in legs[::-1]]
    )
    ahead = [(-1.0, 0.0)] * len(legs) + [(-np.sin(t), np.cos(t)) for t in turn] + [(1.0, 0.0)] * len(legs)
    around = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    rings = []
    for (x, y), (dx, dy) in zip(path, ahead, strict=True):
        across = np.array([dy, -dx, 0.0])
        ring = np.outer(np.cos(around), across) + np.outer(np.sin(around), [0.0, 0.0, 1.0])
        rings.append(np.array([x, y, 0.0]) + radius * ring)
    ends = np.array([[length, side, 0.0], [length, -side, 0.0]])
    count = len(path)
    index = np.arange(count * 16).reshape(count, 16)
    a, b = index[:-1], index[1:]
    a2, b2 = np.roll(a, -1, 1), np.roll(b, -1, 1)
    caps = [(count * 16, index[0, k], index[0, (k + 1) % 16]) for k in range(16)]
    caps += [(count * 16 + 1, index[-1, (k + 1) % 16], index[-1, k]) for k in range(16)]
    walls = [np.stack([a, b, a2], -1).reshape(-1, 3), np.stack([a2, b, b2], -1).reshape(-1, 3)]
    triangles = np.concatenate([*walls, np.array(caps)]).astype(np.int32)
    return Mesh(np.concatenate([*rings, ends]), triangles)


def sheet(wide: float = 1.0, deep: float = 0.5, cuts: int = 20) -> Mesh:
    """A flat wing without thickness in the plane z = 0."""
    x, y = np.meshgrid(np.linspace(0, wide, cuts + 1), np.linspace(-deep / 2, deep / 2, cuts // 2 + 1), indexing="ij")
    index = np.arange(x.size).reshape(x.shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return Mesh(np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], 1), triangles.astype(np.int32))
