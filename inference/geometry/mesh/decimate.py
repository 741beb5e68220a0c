"""Meshes of fewer triangles with the same topology."""

from __future__ import annotations

import igl
import numpy as np

from ...anatomy import Mesh


def decimated(mesh: Mesh, most: int) -> Mesh:
    """The closed mesh with `most` triangles at most, as far as its topology allows: the shortest edges go first."""
    if len(mesh.triangles) <= most:
        return mesh
    vertices = np.asfortranarray(mesh.vertices, np.float64)
    found = igl.decimate(vertices, np.asfortranarray(mesh.triangles, np.int32), most)
    return Mesh(np.ascontiguousarray(found[0]), np.ascontiguousarray(found[1], np.int32))
