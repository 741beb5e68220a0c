"""Mesh and armature -> skin weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.spatial import cKDTree

from ..anatomy import Armature, Mesh, SkinWeights, Solid
from ..errors import BadArmatureError, BadRequestError
from ..geometry.soup import clean_mesh
from ..geometry.surface import triangle_normals
from ..progress import SILENT, Progress
from .heat import spread
from .islands import Islands, find_islands, foreignness, stiffen
from .locks import LockedWeights, keep_locked
from .proxy import Proxy, make_proxy, on_surface
from .prune import heaviest, normalised
from .reach import Segments, blocks_below, detours, distances, make_blocks

__all__ = ["LockedWeights", "skin_mesh"]

CANDIDATES = 8  # bones looked at closely for each vertex
TIE = 0.01  # bones whose distances differ by less share a vertex, so that the middle leans to no side


@dataclass(frozen=True)
class Carriers:
    """The bones that hold each vertex of a surface."""

    bones: np.ndarray  # (V, K) int, nearest bones in no order
    shares: np.ndarray  # (V, K) 1 for the nearest, parts of it where several are equally near
    distance: np.ndarray  # (V,) to the nearest


def skin_mesh(
    mesh: Mesh,
    solid: Solid,
    armature: Armature,
    *,
    influences: int = 4,
    locked: LockedWeights | None = None,
    smoothing: float = 1.0,
    progress: Progress = SILENT,
) -> SkinWeights:
    """Weights for every vertex of `mesh`, whatever the armature: drawn by hand, partly outside, in pieces.

    `smoothing` widens (above 1) or narrows (below) the blends between bones. Bones that do not deform get no weight.
    """
    if influences < 1 or not smoothing > 0:
        raise BadRequestError("Influences must be at least 1 and smoothing above 0. Choose other values.")
    deform = _deform_bones(armature)
    surface, of_vertex = _surface(mesh)
    bones = Segments(np.asarray(armature.heads, float)[deform], np.asarray(armature.tails, float)[deform])
    progress.step(0.05, "Finding the ways from the bones to the skin")
    proxy = make_proxy(surface)
    islands = find_islands(proxy.mesh, proxy.piece, bones)
    carriers = _carriers(proxy, solid, bones, islands)
    progress.step(0.5, "Spreading the weights")
    weights = spread(proxy.mesh, _as_matrix(carriers, len(deform)), carriers.distance, smoothing)
    weights = stiffen(islands, proxy.mesh, weights)
    free = np.ones(len(deform), bool) if locked is None else ~locked.bones[deform]
    if free.any() and not free.all():
        weights = _only(weights, free, proxy, bones)
    progress.step(0.7, "Choosing the heaviest bones")
    skin = _sparse_rows(proxy, surface, weights, influences, progress.part(0.7, 0.95))
    fresh = _for_all_vertices(skin, of_vertex, deform)
    return fresh if locked is None else keep_locked(fresh, locked, influences if free.any() else 0)


def _deform_bones(armature: Armature) -> np.ndarray:
    """Numbers of the bones that take part, parents first."""
    deform = np.flatnonzero(armature.deform)
    if len(deform) == 0:
        raise BadArmatureError(
            "The armature has no bone that deforms. Switch on Deform for at least one bone in the Bone properties."
        )
    broken = ~(np.isfinite(armature.heads) & np.isfinite(armature.tails)).all(1)[deform]
    if broken.any():
        name = armature.names[deform[broken.argmax()]]
        raise BadArmatureError(f"Bone '{name}' has a position that is not a number. Place or delete it.")
    return deform


def _surface(mesh: Mesh) -> tuple[Mesh, np.ndarray]:
    """Cleaned triangles with only the vertices they use, and for each input vertex its own or nearest one, or -1."""
    clean, merged = clean_mesh(mesh)
    used = np.unique(clean.triangles)
    rank = np.full(len(clean.vertices), -1, np.int64)
    rank[used] = np.arange(len(used))
    surface = Mesh(clean.vertices[used], rank[clean.triangles].astype(np.int32))
    of_vertex = np.where(merged >= 0, rank[merged], -1)
    lonely = np.flatnonzero((merged >= 0) & (of_vertex < 0))
    if len(lonely):
        of_vertex[lonely] = cKDTree(surface.vertices).query(clean.vertices[merged[lonely]])[1]
    return surface, of_vertex


def _carriers(proxy: Proxy, solid: Solid, bones: Segments, islands: Islands) -> Carriers:
    """The nearest bone of each vertex, measured through the flesh; one behind the surface is nearer than one before."""
    blocks = make_blocks(solid)
    detour = detours(solid, blocks, bones)
    points = proxy.mesh.vertices
    below, normals = blocks_below(solid, blocks, points, _vertex_normals(proxy.mesh), proxy.piece)
    count = min(CANDIDATES, len(bones.heads))
    near = np.argpartition(distances(bones, blocks.centres) + detour.T, count - 1, axis=1)[:, :count]
    near = near[below]
    away = points[:, None] - bones.nearest(points, near)
    straight = np.linalg.norm(away, axis=2)
    facing = np.einsum("nkx,nx->nk", away, normals) / np.maximum(straight, 1e-12)
    distance = (straight + detour[near, below[:, None]]) / (0.5 * (facing + 1.001))
    foreign = islands.home[near] != proxy.piece[:, None]
    judged = np.maximum(distance, 1e-9) * np.where(foreign, foreignness(islands)[near], 1.0)
    least = judged.min(1, keepdims=True)
    shares = np.clip(1 - (judged / least - 1) / TIE, 0, 1)
    return Carriers(near, normalised(shares), np.where(shares > 0, distance, np.inf).min(1))


def _vertex_normals(mesh: Mesh) -> np.ndarray:
    """Unit normals (V, 3); every triangle counts the same, as thin as it may be."""
    normals = triangle_normals(mesh)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    corner, count = mesh.triangles.ravel(), len(mesh.vertices)
    spread_out = np.repeat(normals, 3, axis=0)
    total = np.stack([np.bincount(corner, spread_out[:, k], count) for k in range(3)], 1)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def _as_matrix(carriers: Carriers, bone_count: int) -> csr_matrix:
    row = np.repeat(np.arange(len(carriers.bones)), carriers.bones.shape[1])
    entries = (carriers.shares.ravel(), (row, carriers.bones.ravel()))
    return coo_matrix(entries, (len(carriers.bones), bone_count)).tocsr()


def _only(weights: np.ndarray, free: np.ndarray, proxy: Proxy, bones: Segments) -> np.ndarray:
    """Weights of the free bones alone; where none of them reaches, the nearest takes all."""
    weights = np.where(free, weights, 0.0)
    bare = np.flatnonzero(weights.sum(1) < 1e-9)
    if len(bare):
        apart = np.where(free, distances(bones, proxy.mesh.vertices[bare]), np.inf)
        weights[bare, apart.argmin(1)] = 1.0
    return normalised(weights)


def _sparse_rows(proxy: Proxy, surface: Mesh, weights: np.ndarray, influences: int, progress: Progress) -> SkinWeights:
    """The weights of the proxy on the surface itself, heaviest bones only."""
    count, keep = len(surface.vertices), min(influences, weights.shape[1])
    bones, values = np.zeros((count, keep), np.int32), np.zeros((count, keep), np.float32)
    for part, dense in on_surface(proxy, surface.vertices, weights):
        progress.step(part.start / count)
        bones[part], values[part] = heaviest(dense, keep)
    return SkinWeights(bones, values)


def _for_all_vertices(skin: SkinWeights, of_vertex: np.ndarray, deform: np.ndarray) -> SkinWeights:
    """Rows for the vertices of the input, bones numbered as in the armature; vertices that are nowhere go to the root."""
    bones = np.where(skin.weights > 0, deform[skin.bones], 0).astype(np.int32)[of_vertex]
    weights = skin.weights[of_vertex]
    nowhere = of_vertex < 0
    bones[nowhere], weights[nowhere] = 0, 0
    bones[nowhere, 0], weights[nowhere, 0] = deform[0], 1
    return SkinWeights(bones, weights)
