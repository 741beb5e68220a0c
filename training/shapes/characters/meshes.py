"""Closed polygon tubes and slabs, and their exact union."""

from __future__ import annotations

import manifold3d
import numpy as np

from inference.anatomy import Mesh

from .plan import Flesh, Panel

DOME = (0.35, 0.8)  # how far out the rings of a round cap stand, in the cap's height


def tube(flesh: Flesh, sides: int) -> Mesh:
    """A tube with round or, where it is boxy, flat ends."""
    line, radii = flesh.line, flesh.radii
    if len(line) == 1:
        line = line + 1e-3 * radii.min() * np.array([[0, 0, -1.0], [0, 0, 1.0]])
        radii = np.repeat(radii, 2, 0)
    ways = np.gradient(line, axis=0)
    ways /= np.maximum(np.linalg.norm(ways, axis=1), 1e-9)[:, None]
    across = flesh.across - (ways @ flesh.across)[:, None] * ways
    size = np.linalg.norm(across, axis=1)[:, None]
    across = np.where(size > 1e-3, across, np.cross(ways, [0.36, 0.48, 0.8]))
    across /= np.linalg.norm(across, axis=1)[:, None]
    third = np.cross(ways, across)
    low, high = flesh.cap * radii[0].min(), flesh.cap * radii[-1].min()
    dome = np.array(DOME if not flesh.boxy else (0.0,))
    narrow = np.sqrt(1 - dome**2)[:, None]
    centres = np.concatenate(
        [line[0] - low * dome[::-1, None] * ways[0], line, line[-1] + high * dome[:, None] * ways[-1]]
    )
    reach = np.concatenate([narrow[::-1] * radii[0], radii, narrow * radii[-1]])
    if flesh.boxy:
        centres, reach = line, radii
    place = np.clip(np.arange(len(centres)) - (len(centres) - len(line)) // 2, 0, len(line) - 1)
    angles = 2 * np.pi * (np.arange(sides) + 0.5) / sides
    cosine, sine = np.cos(angles), np.sin(angles)
    if flesh.boxy:
        corner = (cosine**4 + sine**4) ** 0.25
        cosine, sine = cosine / corner, sine / corner
    rings = (
        centres[:, None]
        + (reach[:, :1] * cosine)[..., None] * across[place][:, None]
        + (reach[:, 1:] * sine)[..., None] * third[place][:, None]
    )
    tips = np.stack([line[0] - (0 if flesh.boxy else low) * ways[0], line[-1] + (0 if flesh.boxy else high) * ways[-1]])
    return _closed(rings, tips)


def _closed(rings: np.ndarray, tips: np.ndarray) -> Mesh:
    """Rings (N, K, 3) with a fan at both ends."""
    count, sides = rings.shape[:2]
    number = np.arange(count * sides).reshape(count, sides)
    here, there = number[:-1], number[1:]
    here_next, there_next = np.roll(here, -1, 1), np.roll(there, -1, 1)
    first, last = number[0], number[-1]
    triangles = [
        np.stack([here, here_next, there_next], -1).reshape(-1, 3),
        np.stack([here, there_next, there], -1).reshape(-1, 3),
        np.stack([np.full(sides, count * sides), np.roll(first, -1), first], 1),
        np.stack([np.full(sides, count * sides + 1), last, np.roll(last, -1)], 1),
    ]
    return outwards(np.concatenate([rings.reshape(-1, 3), tips]), np.concatenate(triangles))


def slab(panel: Panel) -> Mesh:
    """Both faces of a panel and its rim."""
    points, half = panel.points, 0.5 * panel.thickness[..., None]
    rows, columns = points.shape[:2]
    if panel.closed:
        padded = np.concatenate([points[:, -1:], points, points[:, :1]], 1)
        by_column = 0.5 * (padded[:, 2:] - padded[:, :-2])
    else:
        by_column = np.gradient(points, axis=1)
    normal = np.cross(np.gradient(points, axis=0), by_column)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-12)
    vertices = np.concatenate([(points + half * normal).reshape(-1, 3), (points - half * normal).reshape(-1, 3)])
    number = np.arange(rows * columns).reshape(rows, columns)
    if panel.closed:
        number = np.concatenate([number, number[:, :1]], 1)
    a, b, c, d = number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]
    face = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    under = rows * columns
    rims = [number[0], number[-1][::-1]]
    if not panel.closed:
        rims += [number[::-1, 0], number[:, -1]]
    sides = []
    for rim in rims:
        s, t = rim[:-1], rim[1:]
        sides += [np.stack([s, t, t + under], 1), np.stack([s, t + under, s + under], 1)]
    return outwards(vertices, np.concatenate([face, face[:, ::-1] + under, *sides]))


def outwards(vertices: np.ndarray, triangles: np.ndarray) -> Mesh:
    """The closed mesh with its triangles turned outwards."""
    corners = vertices[triangles]
    volume = (np.cross(corners[:, 0], corners[:, 1]) * corners[:, 2]).sum()
    return Mesh(vertices, np.ascontiguousarray(triangles if volume > 0 else triangles[:, ::-1], np.int32))


def union(meshes: list[Mesh]) -> tuple[Mesh, np.ndarray]:
    """The exact union, and which of the meshes each vertex (V,) came from (at seams: one of them)."""
    first = manifold3d.Manifold.reserve_ids(len(meshes))
    bodies = [
        manifold3d.Manifold(
            manifold3d.Mesh(
                mesh.vertices.astype(np.float32),
                np.ascontiguousarray(mesh.triangles, np.uint32),
                run_index=np.array([0, 3 * len(mesh.triangles)], np.uint32),
                run_original_id=np.array([first + place], np.uint32),
            )
        )
        for place, mesh in enumerate(meshes)
    ]
    result = manifold3d.Manifold.batch_boolean(bodies, manifold3d.OpType.Add).to_mesh()
    vertices = np.asarray(result.vert_properties, float)[:, :3]
    triangles = np.asarray(result.tri_verts).astype(np.int32)
    source = np.zeros(len(vertices), np.int32)
    runs = np.asarray(result.run_index) // 3
    for place, original in enumerate(result.run_original_id):
        source[triangles[runs[place] : runs[place + 1]]] = int(original) - first
    return Mesh(vertices, triangles), source
