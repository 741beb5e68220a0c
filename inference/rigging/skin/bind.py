"""Mesh and armature -> skin weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import KDTree

from ...anatomy import Armature, Mesh, SkinWeights, Solid
from ...errors import BadArmatureError, BadRequestError, EmptyMeshError
from ...geometry.mesh.surface import triangle_normals
from ...progress import SILENT, Progress
from ..bones.moved import parents_among
from .evidence import Evidence
from .heat import cotangents, spread, vertex_areas
from .islands import Islands, find_islands, foreignness, stiffen
from .locks import LockedWeights, keep_locked
from .proxy import MOST_VERTICES, Proxy, make_proxy, on_surface
from .prune import heaviest, normalised
from .reach import Blocks, Segments, blocks_below, bone_distances, distances, make_blocks

__all__ = ["LockedWeights", "skin_mesh"]

CHUNK = 40_000  # vertices handled at a time, to need little memory
CANDIDATES = 8  # bones looked at closely for each vertex
TIE = 0.002  # bones whose distances differ by less share a vertex, so that the middle leans to no side


Correction = Callable[[Evidence], np.ndarray]  # better weights (P, B) for the proxy, rows of sum 1


@dataclass(frozen=True)
class Ground:
    """What binding needs to know of a mesh, whatever its bones are."""

    surface: Mesh  # the usable triangles, with only the vertices that they use
    of_vertex: np.ndarray  # (V,) for each vertex of the mesh its own or the nearest one of `surface`, or -1
    normals: np.ndarray  # (N, 3) of the surface
    proxy: Proxy
    areas: np.ndarray  # (P,) of the proxy's vertices
    laplacian: csr_matrix  # (P, P) of the proxy
    solid: Solid
    blocks: Blocks


@dataclass(frozen=True)
class Ways:
    """How far the bones are from the inside of a solid."""

    solid: Solid
    blocks: Blocks
    straight: np.ndarray  # (N, B) from each block
    detour: np.ndarray  # (N, B) what the way through the inside costs beyond that


@dataclass(frozen=True)
class Carriers:
    """The bones that hold each vertex of a surface."""

    sources: csr_matrix  # (V, B) 1 for the nearest bone, parts of it where several are equally near
    distance: np.ndarray  # (V,) to the nearest


def make_ground(mesh: Mesh, solid: Solid, most: int = MOST_VERTICES) -> Ground:
    """What `skin_mesh` needs to know of `mesh` and its solid; made once where several armatures are bound to it.

    A surface of more than `most` vertices is looked at through a coarser one.
    """
    surface, of_vertex = _surface(mesh)
    proxy = make_proxy(surface, most)
    areas, laplacian = vertex_areas(proxy.mesh), cotangents(proxy.mesh)
    return Ground(surface, of_vertex, _vertex_normals(surface), proxy, areas, laplacian, solid, make_blocks(solid))


def skin_mesh(
    mesh: Mesh,
    solid: Solid,
    armature: Armature,
    *,
    influences: int = 4,
    locked: LockedWeights | None = None,
    smoothing: float = 1.0,
    correct: Correction | None = None,
    ground: Ground | None = None,
    progress: Progress = SILENT,
) -> SkinWeights:
    """Weights for every vertex of `mesh`, whatever the armature: drawn by hand, partly outside, in pieces.

    `smoothing` widens (above 1) or narrows (below) the blends between bones. Bones that do not deform get no weight.
    `correct` has the last word on the weights of free bones. `ground` is that of `mesh` and `solid`, where it is known.
    """
    if influences < 1 or not smoothing > 0:
        raise BadRequestError("Influences must be at least 1 and smoothing above 0. Choose other values.")
    deform = _deform_bones(armature)
    if locked is not None and locked.bones[deform].all():
        return locked.weights
    bones = Segments(np.asarray(armature.heads, float)[deform], np.asarray(armature.tails, float)[deform])
    progress.step(0.05, "Finding the ways from the bones to the skin")
    ground = make_ground(mesh, solid) if ground is None else ground
    surface, proxy = ground.surface, ground.proxy
    islands = find_islands(surface, proxy.piece[proxy.cluster], bones)
    ways = Ways(solid, ground.blocks, *bone_distances(solid, ground.blocks, bones))
    carriers = _gathered(proxy, surface, _carriers(ground, ways, bones, islands, progress.part(0.1, 0.5)))
    progress.step(0.5, "Spreading the weights")
    heat = spread(ground.laplacian, ground.areas, carriers.sources, carriers.distance, smoothing)
    parents = parents_among(armature.parents, deform)
    weights = stiffen(islands, proxy.piece, ground.areas, heat, parents)
    if correct is not None:
        weights = correct(_evidence(ground, ways, bones, parents, islands, carriers, heat, weights))
    if locked is not None:
        weights = _only(weights, ~locked.bones[deform], proxy, bones)
    progress.step(0.7, "Choosing the heaviest bones")
    skin = _sparse_rows(proxy, surface, weights, influences, progress.part(0.7, 0.95))
    fresh = _for_all_vertices(skin, ground.of_vertex, deform)
    return fresh if locked is None else keep_locked(fresh, locked, influences)


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
    """The usable triangles with only the vertices they use; for each input vertex its own or nearest one, or -1."""
    finite = np.isfinite(mesh.vertices).all(1)
    triangles = mesh.triangles[finite[mesh.triangles].all(1)]
    if len(triangles) == 0:
        raise EmptyMeshError("The mesh has no usable face. Select a mesh with faces.")
    used = np.zeros(len(finite), bool)
    used[triangles] = True
    of_vertex = np.where(used, np.cumsum(used) - 1, -1)
    surface = Mesh(np.asarray(mesh.vertices[used], np.float64), of_vertex[triangles].astype(np.int32))
    lonely = np.flatnonzero(finite & ~used)
    if len(lonely):
        of_vertex[lonely] = KDTree(surface.vertices).query(mesh.vertices[lonely])[1]
    return surface, of_vertex


def _carriers(ground: Ground, ways: Ways, bones: Segments, islands: Islands, progress: Progress) -> Carriers:
    """The bone nearest to each vertex through the inside; one behind the surface is nearer than one before."""
    surface, proxy = ground.surface, ground.proxy
    straight, detour = ways.straight, ways.detour
    piece = proxy.piece[proxy.cluster]
    below, normals = blocks_below(ways.solid, ways.blocks, surface.vertices, ground.normals, piece)
    count = min(CANDIDATES, len(bones.heads))
    candidates = np.argpartition(straight + detour, count - 1, axis=1)[:, :count]
    shares, nearest = np.empty((len(piece), count)), np.empty(len(piece))
    for start in range(0, len(piece), CHUNK):
        part = slice(start, start + CHUNK)
        progress.step(start / len(piece))
        near = candidates[below[part]]
        away = bones.offsets(surface.vertices[part], near)
        apart = np.sqrt(np.einsum("nkx,nkx->nk", away, away))
        facing = np.einsum("nkx,nx->nk", away, normals[part]) / np.maximum(apart, 1e-12)
        distance = (apart + detour[below[part, None], near]) / (0.5 * (facing + 1.001))
        foreign = islands.home[near] != piece[part, None]
        judged = np.maximum(distance, 1e-9) * np.where(foreign, foreignness(islands)[near], 1.0)
        share = np.clip(1 - (judged / judged.min(1, keepdims=True) - 1) / TIE, 0, 1)
        shares[part] = normalised(share)
        nearest[part] = np.where(share > 0, distance, np.inf).min(1)
    row, place = np.nonzero(shares)
    entries = (shares[row, place], (row, candidates[below[row], place]))
    return Carriers(csr_matrix(entries, (len(piece), len(bones.heads))), np.maximum(nearest, 1e-4))


def _evidence(
    ground: Ground,
    ways: Ways,
    bones: Segments,
    parents: np.ndarray,
    islands: Islands,
    carriers: Carriers,
    heat: np.ndarray,
    weights: np.ndarray,
) -> Evidence:
    proxy, mesh = ground.proxy, ground.proxy.mesh
    looks = ground.normals if mesh is ground.surface else _vertex_normals(mesh)
    below, normals = blocks_below(ways.solid, ways.blocks, mesh.vertices, looks, proxy.piece)
    return Evidence(
        mesh=mesh,
        normals=normals,
        piece=proxy.piece,
        areas=ground.areas,
        bones=bones,
        parents=parents,
        islands=islands,
        detour=ways.detour[below],
        nearest=carriers.distance,
        sources=carriers.sources,
        spread=heat,
        weights=weights,
    )


def _gathered(proxy: Proxy, surface: Mesh, carriers: Carriers) -> Carriers:
    """The carriers of a surface brought together at the vertices of its proxy."""
    if proxy.reach == 0.0:
        return carriers
    area = np.maximum(vertex_areas(surface), 1e-12)
    total = np.bincount(proxy.cluster, area)
    place = (proxy.cluster, np.arange(len(area)))
    gather = csr_matrix((area / total[proxy.cluster], place), (len(total), len(area)))
    return Carriers(csr_matrix(gather @ carriers.sources), (gather @ carriers.distance**-2) ** -0.5)


def _vertex_normals(mesh: Mesh) -> np.ndarray:
    """Unit normals (V, 3); every triangle counts the same, as thin as it may be."""
    normals = triangle_normals(mesh)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    corner, count = mesh.triangles.ravel(), len(mesh.vertices)
    spread_out = np.repeat(normals, 3, axis=0)
    total = np.stack([np.bincount(corner, spread_out[:, k], count) for k in range(3)], 1)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


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
    """Rows for the vertices of the input, bones numbered as in the armature; stray vertices go to the root."""
    bones = np.where(skin.weights > 0, deform[skin.bones], 0).astype(np.int32)[of_vertex]
    weights = skin.weights[of_vertex]
    nowhere = of_vertex < 0
    bones[nowhere], weights[nowhere] = 0, 0
    bones[nowhere, 0], weights[nowhere, 0] = deform[0], 1
    return SkinWeights(bones, weights)
