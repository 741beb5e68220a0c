"""Meshes that are wrong in the ways meshes of users are wrong; each is made from its number alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from inference.anatomy import Mesh

from ..figures import creature, person
from ..making.implicit import mesh_around
from ..topology import known_solids

Random = np.random.Generator


@dataclass(frozen=True)
class BrokenMesh:
    """What was done, and what came of it."""

    seed: int
    name: str  # "holes", "tiny after flipped", ...
    mesh: Mesh


def broken_mesh(seed: int) -> BrokenMesh:
    """Number `seed`: every way in turn, on a shape of chance; each third mesh is broken in two ways."""
    rng = np.random.default_rng(seed)
    names = list(WAYS)
    name = names[seed % len(names)]
    mesh = _sound(rng)
    label = name
    if rng.random() < 1 / 3:
        second = str(rng.choice(COMBINED))
        mesh, label = WAYS[second](mesh, rng), f"{name} after {second}"
    result = WAYS[name](mesh, rng)
    return BrokenMesh(seed, label, Mesh(np.asarray(result.vertices, float), result.triangles.astype(np.int32)))


@cache
def _sound_shapes() -> tuple[Mesh, ...]:
    figures = [mesh_around(person(), 48), mesh_around(creature(), 40), mesh_around(creature(), 24)]
    return (*figures, *(solid.mesh for solid in known_solids(24)))


def _sound(rng: Random) -> Mesh:
    shapes = _sound_shapes()
    return shapes[int(rng.integers(len(shapes)))]


def _grid(columns: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Parameters (N, 2) in 0..1 and triangles of a rectangular sheet."""
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows), indexing="ij")
    index = np.arange(columns * rows).reshape(columns, rows)
    a, b, c, d = (x.ravel() for x in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    return np.stack([u.ravel(), v.ravel()], 1), triangles


def _holes(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(mesh.vertices, mesh.triangles[rng.random(len(mesh.triangles)) > rng.uniform(0.02, 0.7)])


def _torn_off(mesh: Mesh, rng: Random) -> Mesh:
    """Everything on one side of a plane is gone."""
    middle = mesh.vertices[mesh.triangles].mean(1)
    along = middle @ rng.normal(size=3)
    return Mesh(mesh.vertices, mesh.triangles[along > np.quantile(along, rng.uniform(0.1, 0.8))])


def _flipped(mesh: Mesh, rng: Random) -> Mesh:
    turned = rng.random(len(mesh.triangles)) < rng.choice([0.1, 0.5, 1.0])
    return Mesh(mesh.vertices, np.where(turned[:, None], mesh.triangles[:, ::-1], mesh.triangles))


def _doubled(mesh: Mesh, rng: Random) -> Mesh:
    again = mesh.triangles[rng.random(len(mesh.triangles)) < 0.6]
    back = mesh.triangles[rng.random(len(mesh.triangles)) < 0.3][:, ::-1]
    return Mesh(mesh.vertices, np.concatenate([mesh.triangles, again, back]))


def _not_a_number(mesh: Mesh, rng: Random) -> Mesh:
    vertices = mesh.vertices.copy()
    bad = rng.random(len(vertices)) < rng.choice([0.001, 0.05, 0.5])
    bad[rng.integers(len(vertices))] = True
    vertices[bad, rng.integers(3)] = rng.choice([np.nan, np.inf, -np.inf])
    return Mesh(vertices, mesh.triangles)


def _all_not_a_number(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(np.full_like(mesh.vertices, np.nan), mesh.triangles)


def _repeated_corners(mesh: Mesh, rng: Random) -> Mesh:
    triangles = mesh.triangles.copy()
    bad = rng.random(len(triangles)) < 0.3
    triangles[bad, 1] = triangles[bad, 0]
    return Mesh(mesh.vertices, triangles)


def _no_area(mesh: Mesh, rng: Random) -> Mesh:
    """Slivers: the third corner lies on the line of the other two."""
    vertices, triangles = mesh.vertices.copy(), mesh.triangles
    bad = triangles[rng.random(len(triangles)) < 0.1]
    vertices[bad[:, 2]] = (vertices[bad[:, 0]] + vertices[bad[:, 1]]) / 2
    return Mesh(vertices, triangles)


def _single_triangle(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(rng.normal(size=(3, 3)), np.array([[0, 1, 2]], np.int32))


def _few_triangles(mesh: Mesh, rng: Random) -> Mesh:
    count = int(rng.integers(2, 12))
    return Mesh(rng.normal(size=(count + 2, 3)), np.arange(3) + np.arange(count, dtype=np.int32)[:, None])


def _nothing(mesh: Mesh, rng: Random) -> Mesh:
    vertices = mesh.vertices if rng.random() < 0.5 else np.zeros((0, 3))
    return Mesh(vertices, np.zeros((0, 3), np.int32))


def _many_pieces(mesh: Mesh, rng: Random) -> Mesh:
    """Two hundred separate small solids, some of them inside each other."""
    count, corners = 200, np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], float)
    faces = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]], np.int32)
    centres, sizes = rng.normal(size=(count, 1, 3)), rng.uniform(0.005, 0.3, (count, 1, 1))
    vertices = (centres + sizes * corners).reshape(-1, 3)
    return Mesh(vertices, (faces + 4 * np.arange(count, dtype=np.int32)[:, None, None]).reshape(-1, 3))


def _unwelded(mesh: Mesh, rng: Random) -> Mesh:
    corners = mesh.vertices[mesh.triangles].reshape(-1, 3)
    corners = corners + rng.normal(size=corners.shape) * rng.choice([0.0, 1e-6, 1e-3])
    return Mesh(corners, np.arange(len(corners), dtype=np.int32).reshape(-1, 3))


def _far_away(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(mesh.vertices + rng.normal(size=3) * 1e6, mesh.triangles)


def _tiny(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(mesh.vertices * 1e-4, mesh.triangles)


def _huge(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(mesh.vertices * 1e6, mesh.triangles)


def _beyond_measure(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(mesh.vertices * rng.choice([1e30, 1e-30, 1e200, 1e-200]), mesh.triangles)


def _needle(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(mesh.vertices * rng.permutation([1.0, 1e-3, 1e-3]), mesh.triangles)


def _pancake(mesh: Mesh, rng: Random) -> Mesh:
    """Pressed flat, to nothing at times."""
    return Mesh(mesh.vertices * rng.permutation([1.0, 1.0, rng.choice([0.0, 1e-9, 1e-4])]), mesh.triangles)


def _fins(mesh: Mesh, rng: Random) -> Mesh:
    """A third and a fourth face on some edges."""
    chosen = mesh.triangles[rng.random(len(mesh.triangles)) < 0.1]
    tips = mesh.vertices[chosen].mean(1) + rng.normal(size=(len(chosen), 3)) * 0.05
    fins = np.stack([chosen[:, 0], chosen[:, 1], len(mesh.vertices) + np.arange(len(chosen))], 1).astype(np.int32)
    return Mesh(np.concatenate([mesh.vertices, tips]), np.concatenate([mesh.triangles, fins]))


def _pinched(mesh: Mesh, rng: Random) -> Mesh:
    """Faraway vertices merged into one: the surface touches itself in points."""
    swap = np.arange(len(mesh.vertices), dtype=np.int32)
    ends = rng.integers(len(swap), size=(max(2, len(swap) // 200), 2))
    swap[ends[:, 0]] = ends[:, 1]
    return Mesh(mesh.vertices, swap[mesh.triangles])


def _crumpled(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(mesh.vertices + rng.normal(size=mesh.vertices.shape) * rng.choice([0.01, 0.05, 0.3]), mesh.triangles)


def _intersecting(mesh: Mesh, rng: Random) -> Mesh:
    other = _sound(rng)
    moved = other.vertices + rng.normal(size=3) * 0.1
    return Mesh(
        np.concatenate([mesh.vertices, moved]),
        np.concatenate([mesh.triangles, other.triangles + len(mesh.vertices)]).astype(np.int32),
    )


def _same_place_twice(mesh: Mesh, rng: Random) -> Mesh:
    twice = np.concatenate([mesh.vertices, mesh.vertices])
    return Mesh(twice, np.concatenate([mesh.triangles, mesh.triangles + len(mesh.vertices)]).astype(np.int32))


def _soup(mesh: Mesh, rng: Random) -> Mesh:
    count = int(rng.integers(50, 3000))
    centres = rng.uniform(-1, 1, (count, 1, 3))
    corners = (centres + rng.normal(size=(count, 3, 3)) * rng.choice([0.02, 0.2, 1.0])).reshape(-1, 3)
    return Mesh(corners, np.arange(3 * count, dtype=np.int32).reshape(-1, 3))


def _cloth(mesh: Mesh, rng: Random) -> Mesh:
    """An open sheet that waves."""
    place, triangles = _grid(int(rng.integers(2, 60)), int(rng.integers(2, 60)))
    wave = rng.uniform(0, 0.2) * np.sin(place @ rng.uniform(0, 20, 2))
    return Mesh(np.stack([place[:, 0], wave, place[:, 1]], 1)[:, rng.permutation(3)], triangles)


def _moebius(mesh: Mesh, rng: Random) -> Mesh:
    place, triangles = _grid(60, 6)
    turn, across = 2 * np.pi * place[:, 0], 0.3 * (place[:, 1] - 0.5)
    radius = 1 + across * np.cos(turn / 2)
    return Mesh(np.stack([radius * np.cos(turn), radius * np.sin(turn), across * np.sin(turn / 2)], 1), triangles)


def _one_point(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(np.tile(rng.normal(size=3), (len(mesh.vertices), 1)), mesh.triangles)


def _one_line(mesh: Mesh, rng: Random) -> Mesh:
    return Mesh(np.outer(rng.normal(size=len(mesh.vertices)), rng.normal(size=3)), mesh.triangles)


def _out_of_range(mesh: Mesh, rng: Random) -> Mesh:
    triangles = mesh.triangles.copy()
    bad = rng.integers(triangles.size, size=3)
    triangles.ravel()[bad] = rng.choice([-1, len(mesh.vertices), 2**31 - 1, -(2**31)])
    return Mesh(mesh.vertices, triangles)


def _lost_vertex(mesh: Mesh, rng: Random) -> Mesh:
    """A speck of a face far from everything, as left behind by a slip of the hand."""
    speck = np.array([1, 1, 1]) * rng.choice([10.0, 1e3, 1e5]) + rng.normal(size=(3, 3)) * 1e-3
    face = len(mesh.vertices) + np.arange(3, dtype=np.int32)
    return Mesh(np.concatenate([mesh.vertices, speck]), np.concatenate([mesh.triangles, face[None]]))


def _unused_vertices(mesh: Mesh, rng: Random) -> Mesh:
    """Vertices of no face, some of them no numbers, before and after the used ones."""
    stray = rng.normal(size=(50, 3)) * rng.choice([1.0, 1e4, np.nan])
    return Mesh(np.concatenate([stray, mesh.vertices, stray]), (mesh.triangles + 50).astype(np.int32))


def _nested(mesh: Mesh, rng: Random) -> Mesh:
    """The same shell smaller inside itself, turned outward or inward."""
    inner = mesh.vertices.mean(0) + (mesh.vertices - mesh.vertices.mean(0)) * rng.uniform(0.2, 0.99)
    faces = mesh.triangles[:, ::-1] if rng.random() < 0.5 else mesh.triangles
    return Mesh(
        np.concatenate([mesh.vertices, inner]),
        np.concatenate([mesh.triangles, faces + len(mesh.vertices)]).astype(np.int32),
    )


def _mixed_sizes(mesh: Mesh, rng: Random) -> Mesh:
    """A second shape a thousand times smaller or larger beside the first."""
    other = _sound(rng)
    moved = other.vertices * rng.choice([1e-3, 1e3]) + rng.normal(size=3)
    return Mesh(
        np.concatenate([mesh.vertices, moved]),
        np.concatenate([mesh.triangles, other.triangles + len(mesh.vertices)]).astype(np.int32),
    )


def _hair(mesh: Mesh, rng: Random) -> Mesh:
    """Hundreds of thin strips without volume."""
    count, place, strip = 300, *_grid(2, 8)
    root, tip = rng.normal(size=(count, 1, 3)), rng.normal(size=(count, 1, 3))
    width = rng.normal(size=(count, 1, 3)) * 0.01
    points = root + place[None, :, 1:] * tip + place[None, :, :1] * width
    return Mesh(
        points.reshape(-1, 3), (strip + len(place) * np.arange(count, dtype=np.int32)[:, None, None]).reshape(-1, 3)
    )


WAYS: dict[str, Callable[[Mesh, Random], Mesh]] = {
    "holes": _holes,
    "torn off": _torn_off,
    "flipped": _flipped,
    "doubled faces": _doubled,
    "not a number": _not_a_number,
    "all not a number": _all_not_a_number,
    "repeated corners": _repeated_corners,
    "no area": _no_area,
    "single triangle": _single_triangle,
    "few triangles": _few_triangles,
    "nothing": _nothing,
    "many pieces": _many_pieces,
    "unwelded": _unwelded,
    "far away": _far_away,
    "tiny": _tiny,
    "huge": _huge,
    "beyond measure": _beyond_measure,
    "needle": _needle,
    "pancake": _pancake,
    "fins": _fins,
    "pinched": _pinched,
    "crumpled": _crumpled,
    "intersecting": _intersecting,
    "same place twice": _same_place_twice,
    "soup": _soup,
    "cloth": _cloth,
    "moebius": _moebius,
    "one point": _one_point,
    "one line": _one_line,
    "out of range": _out_of_range,
    "lost vertex": _lost_vertex,
    "unused vertices": _unused_vertices,
    "nested": _nested,
    "mixed sizes": _mixed_sizes,
    "hair": _hair,
}
# Ways that leave something for a second way to spoil.
COMBINED = (
    "holes",
    "torn off",
    "flipped",
    "doubled faces",
    "unwelded",
    "fins",
    "crumpled",
    "far away",
    "tiny",
    "needle",
)
