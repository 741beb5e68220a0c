"""Mesh files of any kind as vertices and triangles in the file's own axes. OBJ keeps its order of vertices."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from inference.anatomy import Mesh

from .common import Frame, checked_mesh, damage_named
from .vtk_polydata import read_polydata

MESH_ENDINGS = (".obj", ".stl", ".ply", ".off", ".glb", ".vtp", ".vtk")


def mesh_paths(folder: Path) -> list[Path]:
    """Every mesh file below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in MESH_ENDINGS)


def read_mesh_file(path: Path, frame: Frame, name: str = "") -> Mesh:
    """The mesh of a file in this project's frame; `name` is what an error calls it."""
    with damage_named(name or path.stem):
        ending = path.suffix.lower()
        if ending == ".obj":
            vertices, triangles = read_obj(path)
        elif ending in (".vtp", ".vtk"):
            polydata = read_polydata(path)
            vertices, triangles = polydata.points, polydata.triangles
        else:
            vertices, triangles = _by_trimesh(path)
        mesh = checked_mesh(vertices, triangles)
        return Mesh(frame.apply(mesh.vertices), mesh.triangles)


def read_obj(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) in the file's order and triangles (F, 3); faces with more corners are cut into fans.

    Rig files number the vertices of their OBJ, so nothing is merged, split or left out.
    """
    lines = path.read_bytes().replace(b"\\\n", b" ").replace(b"\\\r\n", b" ").splitlines()
    vertex = np.array([line.startswith((b"v ", b"v\t")) for line in lines], bool)
    face = np.array([line.startswith((b"f ", b"f\t")) for line in lines], bool)
    points = _points([lines[i] for i in np.flatnonzero(vertex)])
    # "3/7/2" names a vertex, a texture place and a normal: only the first counts here.
    corners = [re.sub(rb"/\S*", b"", lines[i]).split()[1:] for i in np.flatnonzero(face)]
    counts = np.array([len(row) for row in corners], np.int64)
    flat = np.array([corner for row in corners for corner in row], dtype=bytes).astype(np.int64)
    if (flat == 0).any():
        raise ValueError("a face refers to vertex 0, but an OBJ counts from 1")
    # A negative number counts back from the last vertex above the face's line.
    above = np.repeat(np.cumsum(vertex)[face], counts)
    flat = np.where(flat < 0, above + flat, flat - 1)
    return points, _fans(flat, counts)


def _points(lines: list[bytes]) -> np.ndarray:
    """The first three numbers of each vertex line; colours may follow."""
    if not lines:
        raise ValueError("it has no vertex")
    rows = [line.split()[1:4] for line in lines]
    if min(map(len, rows)) < 3:
        raise ValueError("a vertex has fewer than three coordinates")
    return np.array(rows, dtype=bytes).astype(np.float64)


def _fans(flat: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Polygons, one after the other in `flat`, as triangles around their first corner."""
    fans = np.maximum(counts - 2, 0)
    first = np.repeat(np.cumsum(counts) - counts, fans)
    step = np.arange(fans.sum()) - np.repeat(np.cumsum(fans) - fans, fans)
    return np.stack([flat[first], flat[first + step + 1], flat[first + step + 2]], 1)


def _by_trimesh(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """STL, PLY, OFF and GLB; equal places become one vertex, for an STL has three for each of its triangles."""
    import trimesh

    try:
        mesh = trimesh.load_mesh(path, process=False)
    except (RuntimeError, NameError, AttributeError, OverflowError, AssertionError, MemoryError) as error:
        raise ValueError(f"it is damaged ({error})") from error  # its parsers stumble over what they did not expect
    if isinstance(mesh, trimesh.Scene):
        mesh = mesh.to_mesh()
    if not isinstance(mesh, trimesh.Trimesh):
        raise ValueError("it holds no mesh")
    places, number = np.unique(np.asarray(mesh.vertices), axis=0, return_inverse=True)
    triangles = number.reshape(-1)[np.asarray(mesh.faces)].reshape(-1, 3)
    apart = (
        (triangles[:, 0] != triangles[:, 1])
        & (triangles[:, 1] != triangles[:, 2])
        & (triangles[:, 2] != triangles[:, 0])
    )
    return places, triangles[apart]
