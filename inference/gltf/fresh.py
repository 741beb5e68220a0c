"""A document for a mesh that comes from no file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..anatomy import Array, Mesh
from .accessors import VERTEX_DATA, append_accessor
from .asset import Asset
from .tree import TURN

CORNER_DATA = {"target": 34963}  # what a buffer view with vertex numbers is for
GREY = {"baseColorFactor": [0.6, 0.6, 0.6, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.6}


def mesh_asset(mesh: Mesh, name: str) -> Asset:
    """A document that shows `mesh` (Z up), smoothly shaded. Every vertex is to be used by some triangle."""
    asset = Asset(f"{name}.glb", Path(), {"asset": {"version": "2.0", "generator": "Bonewright"}, "scene": 0}, [])
    positions = (mesh.vertices @ TURN.T).astype(np.float32)
    place = append_accessor(asset, positions, "VEC3", VERTEX_DATA)
    box = {"min": positions.min(0).tolist(), "max": positions.max(0).tolist()}
    asset.entries("accessors")[place].update(box)
    normals = append_accessor(asset, _normals(mesh) @ TURN.T.astype(np.float32), "VEC3", VERTEX_DATA)
    corners = append_accessor(asset, mesh.triangles.reshape(-1, 1).astype(np.uint32), "SCALAR", CORNER_DATA)
    material = asset.append("materials", {"name": "grey", "pbrMetallicRoughness": GREY})
    drawn = {"attributes": {"POSITION": place, "NORMAL": normals}, "indices": corners, "material": material}
    shown = asset.append("nodes", {"name": name, "mesh": asset.append("meshes", {"name": name, "primitives": [drawn]})})
    asset.append("scenes", {"nodes": [shown]})
    asset.document["buffers"] = [{"byteLength": len(asset.added)}]
    asset.buffers.append(bytes(asset.added))
    asset.added.clear()
    return asset


def _normals(mesh: Mesh) -> Array:
    """Unit normals of the vertices (V, 3) float32: those of the triangles around, by their areas."""
    a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    total = np.zeros_like(mesh.vertices, dtype=np.float64)
    for k in range(3):
        np.add.at(total, mesh.triangles[:, k], across)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    flat = length[:, 0] == 0
    total[flat], length[flat] = (0.0, 0.0, 1.0), 1.0
    return (total / length).astype(np.float32)
