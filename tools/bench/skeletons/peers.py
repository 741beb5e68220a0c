"""Other skeletonisers that run here. Each takes a mesh in the unit frame and gives its centre lines.

All are optional: what is not installed is reported as such. None of them is used by Bonewright itself.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import igl
import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import Mesh
from training.metrics.skeleton import Curves

GRID = 128  # voxels along the longest side, for those that work on voxels
REMESHED_EDGE = 0.015  # what the contraction of CGAL is given: even triangles of this side

Skeletoniser = Callable[[Mesh], Curves]


def cgal(mesh: Mesh) -> Curves:
    """CGAL: isotropic remeshing, then mean-curvature flow (compas_cgal)."""
    from compas_cgal.meshing import trimesh_remesh  # pyright: ignore[reportMissingImports]
    from compas_cgal.skeletonization import mesh_skeleton  # pyright: ignore[reportMissingImports]

    even = trimesh_remesh((mesh.vertices, mesh.triangles.astype(np.int64)), REMESHED_EDGE, 5)
    segments = np.array(mesh_skeleton((np.asarray(even[0]), np.asarray(even[1]))), float)
    return Curves(segments.reshape(-1, 3), np.arange(2 * len(segments)).reshape(-1, 2))


def skeletor(mesh: Mesh) -> Curves:
    """skeletor: wavefronts over the surface."""
    import skeletor as package  # pyright: ignore[reportMissingImports]
    import trimesh

    made = package.skeletonize.by_wavefront(
        trimesh.Trimesh(mesh.vertices, mesh.triangles), waves=1, step_size=1, progress=False
    )
    return Curves(np.asarray(made.vertices, float), np.asarray(made.edges, int))


def kimimaro_teasar(mesh: Mesh) -> Curves:
    """kimimaro: TEASAR on voxels at 128^3."""
    import kimimaro  # pyright: ignore[reportMissingImports]

    filled, origin, step = voxels(mesh)
    found = kimimaro.skeletonize(
        filled.astype(np.uint8),
        teasar_params={"scale": 1.5, "const": 3.0, "pdrf_scale": 100000, "pdrf_exponent": 4},
        anisotropy=(1, 1, 1),
        dust_threshold=10,
        progress=False,
        parallel=1,
    )
    points = [np.asarray(one.vertices, float) for one in found.values()]
    starts = np.cumsum([0] + [len(p) for p in points])
    edges = [np.asarray(one.edges, int) + first for one, first in zip(found.values(), starts, strict=False)]
    return Curves(origin + step * np.concatenate(points), np.concatenate(edges))


def thinning(mesh: Mesh) -> Curves:
    """scikit-image: thinning of voxels at 128^3 (Lee)."""
    from skimage.morphology import skeletonize  # pyright: ignore[reportMissingImports]

    filled, origin, step = voxels(mesh)
    places = np.argwhere(skeletonize(filled, method="lee"))
    return Curves(origin + step * places, voxel_edges(places))


def voxels(mesh: Mesh, grid: int = GRID) -> tuple[np.ndarray, np.ndarray, float]:
    """Inside the mesh or not, (X, Y, Z) bool, the place of voxel (0, 0, 0) and the step."""
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    step = float((high - low).max() / grid)
    counts = np.ceil((high - low) / step).astype(int) + 3
    origin = low - step
    places = np.stack(np.meshgrid(*[np.arange(n) for n in counts], indexing="ij"), -1).reshape(-1, 3)
    winding = igl.fast_winding_number(mesh.vertices, mesh.triangles.astype(np.int64), origin + step * places)
    return (np.abs(winding) > 0.5).reshape(counts), origin, step


def voxel_edges(places: np.ndarray) -> np.ndarray:
    """Edges between touching voxels (N, 3): short ones first, and none across a corner that two shorter ones turn.

    Otherwise three voxels in an L would count as a loop.
    """
    pairs = KDTree(places).query_pairs(1.8, output_type="ndarray")
    length = np.abs(places[pairs[:, 0]] - places[pairs[:, 1]]).sum(1)
    neighbours: list[set[int]] = [set() for _ in places]
    kept = []
    for a, b in pairs[np.argsort(length, kind="stable")]:
        if neighbours[a].isdisjoint(neighbours[b]):
            kept.append((a, b))
            neighbours[a].add(b)
            neighbours[b].add(a)
    return np.array(kept, int).reshape(-1, 2)


PEERS: dict[str, tuple[str, Skeletoniser]] = {
    # shown name -> (module it needs, function)
    "CGAL mean curvature": ("compas_cgal", cgal),
    "skeletor wavefront": ("skeletor", skeletor),
    "kimimaro 128^3": ("kimimaro", kimimaro_teasar),
    "thinning 128^3": ("skimage", thinning),
}


def is_installed(module: str) -> bool:
    """Whether a peer's package is there, without importing it."""
    return find_spec(module) is not None
