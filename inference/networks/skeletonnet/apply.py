"""What SkeletonNet's networks make of pictures: a skeleton, spheres and curves, and the surface around them.

Everything lies in the shape's own frame: box centred at the origin, longest side 1 at most, +Z up, facing -Y. Crops of
the same shape, (V, 4, S, S) with V of any number, are looked at together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree

from ...anatomy import CurveSkeleton, Grid, MedialSpheres, Mesh, SkeletalPoints
from ...geometry.curves.thinning import cell_curves
from ...geometry.medial.covering import Candidates, Cover
from ...progress import SILENT, Progress
from ..loader import Ask
from ..shelf import find_network
from .base import MOST_VERTICES, base_mesh, neighbours
from .inputs import places_in_picture, pyramid, subvolumes, voxels_of
from .names import (
    ENCODER,
    FIELD_DECODER,
    FIELD_ENCODER,
    MESH_DECODER,
    MESH_ENCODER,
    POINTS,
    VOLUMES,
)

BODIES = frozenset({"characters", "people"})  # groups of what is learned from
FULL = 0.3  # chance from which a cell is skeleton
QUERIES = 8192  # places that are asked for at once
COARSEST = 4  # cells between the places that are asked first
MOST_SPHERES = 256
COVERED = 0.98  # of the surface, by spheres a fifth larger than they are
SCALE = 1.2


@dataclass(frozen=True)
class SkeletonNetwork:
    """The trained networks from pictures to skeletons, and how their points are ordered."""

    encoder: Ask
    points: Ask
    volumes: Ask
    size: int  # pixels of a crop
    lines: int
    along: int  # points of a line
    squares: int
    across: int  # points of a square's side
    resolution: int
    bodies: bool = True  # it has learned from people or animals too


@dataclass(frozen=True)
class SurfaceNetwork:
    """Two trained networks: one that looks at pictures, one that is asked about places or vertices."""

    encoder: Ask
    decoder: Ask
    size: int
    vertices: int = MOST_VERTICES  # of the mesh that is deformed, at most


@dataclass(frozen=True)
class Glance:
    """Pictures of one shape as a network of surfaces sees them."""

    code: np.ndarray  # (1, m)
    maps: np.ndarray  # (1, V, C, h, h)
    cameras: np.ndarray  # (V, 3, 4)


@dataclass(frozen=True)
class Skeleton:
    """A skeleton as points and as a volume."""

    points: SkeletalPoints
    chances: np.ndarray  # (R, R, R) float32, of the cells of the cube from -0.5 to 0.5

    @property
    def cells(self) -> np.ndarray:
        """Which of them are full, (R, R, R) bool."""
        return self.chances > FULL


def skeleton_network() -> SkeletonNetwork | None:
    """The trained networks; None where there are no weights for them, or nothing that could run them."""
    encoder, points, volumes = (find_network(name) for name in (ENCODER, POINTS, VOLUMES))
    if encoder is None or points is None or volumes is None:
        return None
    sizes = {name: encoder.card.size(name) for name in ("size", "lines", "along", "squares", "across", "resolution")}
    families = encoder.card.config.get("families")
    bodies = not isinstance(families, list) or not BODIES.isdisjoint(str(family) for family in families)
    return SkeletonNetwork(encoder, points, volumes, **sizes, bodies=bodies)


def field_network() -> SurfaceNetwork | None:
    """SkeDISN, trained; None where there are no weights for it, or nothing that could run them."""
    return _surface_network(FIELD_ENCODER, FIELD_DECODER)


def mesh_network() -> SurfaceNetwork | None:
    """SkeGCNN, trained; None where there are no weights for it, or nothing that could run them."""
    return _surface_network(MESH_ENCODER, MESH_DECODER)


def code_of(network: SkeletonNetwork, crops: np.ndarray) -> np.ndarray:
    """The code (1, m) of pictures (V, 4, S, S) of one shape."""
    return network.encoder({"crops": np.ascontiguousarray(crops[None], np.float32)})[0]


def between(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """The code of a shape between two others: the first at 0, the second at 1."""
    return ((1 - share) * first + share * second).astype(np.float32)


def skeleton(network: SkeletonNetwork, code: np.ndarray) -> Skeleton:
    """The skeleton that a code stands for."""
    (points,) = network.points({"code": code})
    (chances,) = network.volumes({"code": code, "u_in": voxels_of(points, network.resolution // 2)})
    on_lines = np.repeat(np.arange(network.lines), network.along)
    on_squares = np.repeat(network.lines + np.arange(network.squares), network.across**2)
    primitive = np.concatenate([on_lines, on_squares]).astype(np.int32)
    known = SkeletalPoints(points[0].astype(np.float64), primitive, primitive >= network.lines)
    return Skeleton(known, chances[0])


def cameras(ask: Ask, crops: np.ndarray) -> np.ndarray:
    """Where pictures (V, 4, S, S) were taken from, as cameras (V, 3, 4)."""
    return ask({"crops": np.ascontiguousarray(crops, np.float32)})[0]


def look(network: SurfaceNetwork, crops: np.ndarray, seen_by: np.ndarray) -> Glance:
    """What a network of surfaces makes of pictures (V, 4, S, S) by cameras (V, 3, 4)."""
    code, maps = network.encoder({"crops": np.ascontiguousarray(crops[None], np.float32)})
    return Glance(code, maps, np.ascontiguousarray(seen_by, np.float32))


def field(
    network: SurfaceNetwork,
    crops: np.ndarray,
    seen_by: np.ndarray,
    cells: np.ndarray,
    resolution: int,
    progress: Progress = SILENT,
) -> Grid:
    """The inside of what pictures (V, 4, S, S) by cameras (V, 3, 4) show, around a skeletal volume (R, R, R) bool."""
    return field_between(network, [(look(network, crops, seen_by), 1.0)], cells, resolution, progress)


def field_between(
    network: SurfaceNetwork,
    looks: Sequence[tuple[Glance, float]],
    cells: np.ndarray,
    resolution: int,
    progress: Progress = SILENT,
) -> Grid:
    """The inside of a shape that looks at others count in, each by a share, around a skeletal volume (R, R, R) bool.

    A coarse lattice is asked first, then all places near the surface, near the skeleton or between places that differ;
    whatever is thinner than the lattice has its skeleton.
    """
    code, levels = _shared_code(looks), pyramid(cells)

    def asked(points: np.ndarray) -> np.ndarray:
        found = [np.zeros(0, np.float32)]
        for start in range(0, len(points), QUERIES):
            some = points[start : start + QUERIES]
            around, told = subvolumes(levels, some)[None], np.zeros(len(some), np.float32)
            for seen, share in looks:
                logits = network.decoder(
                    {
                        "code": code,
                        "maps": seen.maps,
                        "points": some[None].astype(np.float32),
                        "places": np.stack([places_in_picture(camera, some) for camera in seen.cameras])[None],
                        "around": around,
                    }
                )[0][0]
                told += np.float32(share) * (logits[:, 1] - logits[:, 0])
            found.append(np.tanh(told / 2))
        return np.concatenate(found)

    spacing = 1 / resolution
    axis = spacing * (np.arange(resolution) + 0.5) - 0.5
    values = np.full((resolution,) * 3, -1.0, np.float32)
    near_skeleton = _resampled(cells, resolution)
    wanted = np.ones_like(near_skeleton)
    stride = COARSEST
    while True:
        progress.step(1 - stride / (COARSEST + 1), "Asks for the surface")
        lattice = np.zeros_like(wanted)
        lattice[::stride, ::stride, ::stride] = True
        where = np.argwhere(lattice & wanted)
        told = asked(axis[where])
        for (x, y, z), value in zip(where.tolist(), told.tolist(), strict=True):
            values[x : x + stride, y : y + stride, z : z + stride] = value
        if stride == 1:
            return Grid(np.full(3, axis[0]), spacing, values)
        inside = values > 0
        differs = ndimage.maximum_filter(inside, 2 * stride + 1) != ndimage.minimum_filter(inside, 2 * stride + 1)
        wanted, stride = differs | near_skeleton, stride // 2


def deformed(
    network: SurfaceNetwork, crops: np.ndarray, seen_by: np.ndarray, cells: np.ndarray, most: int = MOST_VERTICES
) -> Mesh:
    """The surface of a skeletal volume (R, R, R) bool, blown up to what pictures by cameras (V, 3, 4) show."""
    return deformed_between(network, [(look(network, crops, seen_by), 1.0)], cells, most)


def deformed_between(
    network: SurfaceNetwork, looks: Sequence[tuple[Glance, float]], cells: np.ndarray, most: int = MOST_VERTICES
) -> Mesh:
    """The surface of a skeletal volume, blown up to a shape that looks at others count in, each by a share."""
    base = base_mesh(cells, most)
    if len(base.triangles) == 0:
        return base
    code, moved = _shared_code(looks), np.zeros_like(base.vertices)
    near, share_of = neighbours(base)
    for seen, share in looks:
        (vertices,) = network.decoder(
            {
                "code": code,
                "maps": seen.maps,
                "cameras": seen.cameras[None],
                "vertices": base.vertices[None].astype(np.float32),
                "near": near[None],
                "share": share_of[None],
            }
        )
        moved += share * vertices[0]
    return Mesh(moved, base.triangles)


def curves_of(found: Skeleton, surface: Mesh) -> CurveSkeleton:
    """The volume's centre lines, with radii by the distance to a surface."""
    resolution = len(found.chances)
    tree = KDTree(surface.vertices)
    origin = np.full(3, 0.5 / resolution - 0.5)
    return cell_curves(found.cells, origin, 1 / resolution, lambda points: tree.query(points)[0])


def spheres_of(found: Skeleton, surface: Mesh, most: int = MOST_SPHERES) -> MedialSpheres:
    """Few spheres around the volume's cells that touch a surface and cover it; tube or sheet as the points say."""
    resolution = len(found.chances)
    centres = (np.argwhere(found.cells) + 0.5) / resolution - 0.5
    if len(centres) == 0 or len(surface.vertices) == 0:
        return MedialSpheres(np.zeros((0, 3)), np.zeros(0), np.zeros(0, bool))
    radii = np.maximum(KDTree(surface.vertices).query(centres)[0], 0.25 / resolution)
    cover = Cover(Candidates(centres, radii, np.zeros(len(centres), np.int32)), mirrored=False)
    cover.choose(surface.vertices, SCALE * radii, COVERED, most)
    chosen = np.array(cover.chosen, np.intp)
    centres = centres[chosen]
    sheet = found.points.sheet[KDTree(found.points.points).query(centres)[1]]
    return MedialSpheres(centres, radii[chosen], sheet)


def _surface_network(encoder_name: str, decoder_name: str) -> SurfaceNetwork | None:
    encoder, decoder = find_network(encoder_name), find_network(decoder_name)
    if encoder is None or decoder is None:
        return None
    vertices = encoder.card.config.get("vertices", MOST_VERTICES)
    return SurfaceNetwork(
        encoder, decoder, encoder.card.size("size"), vertices if isinstance(vertices, int) else MOST_VERTICES
    )


def _shared_code(looks: Sequence[tuple[Glance, float]]) -> np.ndarray:
    return sum((np.float32(share) * seen.code for seen, share in looks), np.zeros_like(looks[0][0].code))


def _resampled(cells: np.ndarray, resolution: int) -> np.ndarray:
    """Which cells of another resolution are near full ones."""
    grown = ndimage.maximum_filter(cells, 3)
    at = np.minimum((np.arange(resolution) + 0.5) / resolution * len(cells), len(cells) - 1).astype(int)
    return grown[at][:, at][:, :, at]
