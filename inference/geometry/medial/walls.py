"""The outer surface of a solid as samples that know which way is in, and the balls that touch it from within."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from ...anatomy import Mesh, Solid
from ..mesh.surface import sample_surface, triangle_normals

SAMPLES = 16_000
DENSE = 30_000  # samples that distances are measured to
PROBES = (0.5, 1.0)  # how far in from a sample the inside is looked for, in cells
PATCHES = 4  # nearest samples whose surroundings are measured
GROWTH = 1.15  # of the balls tried on the cells first
FINE = 6.0  # in cells; larger balls sit well enough in the middle of cells
MOST_STEPS = 12  # of shrinking a ball; nearly all need fewer than six
CLOSE = 0.98  # a ball is as good as empty when nothing is deeper in it than this share of its radius
FAR = 4.0  # how far around a sample its triangle is looked at, in spaces between samples; beyond it may be buried
ON_PLANE = 0.25  # a ball is put on the mirror plane from this share of its radius: it then serves both sides
MIRROR = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class WallSamples:
    """Points on a mesh."""

    points: np.ndarray  # (N, 3)
    inward: np.ndarray  # (N, 3) unit
    corners: np.ndarray  # (N, 3, 3) of the triangle each lies on
    flat: np.ndarray  # (N,) bool, in a sheet without volume

    def take(self, chosen: np.ndarray) -> WallSamples:
        fields = (self.points, self.inward, self.corners, self.flat)
        return WallSamples(*(field[chosen] for field in fields))


class Walls:
    """A mesh around its solid; with `mirrored`, all is done on the side x >= 0 and the other side is implied."""

    def __init__(self, solid: Solid, mesh: Mesh, *, mirrored: bool) -> None:
        self._solid, self._mesh, self._mirrored = solid, mesh, mirrored
        known = self.sampled(0, DENSE)
        places, ways, corners = known.points, known.inward, known.corners
        if mirrored:
            places, ways = np.concatenate([places, places * MIRROR]), np.concatenate([ways, ways * MIRROR])
            corners = np.concatenate([corners, corners * MIRROR])
        self._places, self._ways, self._corners, self._tree = places, ways, corners, KDTree(places)
        self._patch = float(np.sqrt(np.linalg.norm(triangle_normals(mesh), axis=1).sum() / 2 / DENSE))
        self._large = np.ptp(corners, axis=1).max(1) > self._patch

    def sampled(self, seed: int, count: int = SAMPLES) -> WallSamples:
        """Points all over the mesh, but for walls buried where shells overlap."""
        points, face = sample_surface(self._mesh, count, seed)
        normals, corners = triangle_normals(self._mesh)[face], self._mesh.vertices[self._mesh.triangles[face]]
        normals /= np.linalg.norm(normals, axis=1)[:, None]
        if self._mirrored:
            left = points[:, 0] < 0
            points[left], normals[left] = points[left] * MIRROR, normals[left] * MIRROR
            corners[left] *= MIRROR
        front, back = self._room(points, normals), self._room(points, -normals)
        cells = self._solid.cells_at(points)
        lost = (front == 0) & (back == 0)
        flat = lost & (cells >= 0) & self._solid.thin[cells]
        edge = np.flatnonzero(lost & ~flat)  # between a sharp edge and the first cells
        if len(edge):
            near = self._solid.centres[self._solid.tree.query(points[edge])[1]]
            back[edge] = np.where(((near - points[edge]) * normals[edge]).sum(1) < 0, 1.0, 0.0)
        inward = np.where((back > front)[:, None], -normals, normals)
        outer = (cells < 0) | (self._solid.depth[cells] < self._solid.spacing)
        if not outer.any():
            outer[:] = True
        return WallSamples(points, inward, corners, flat).take(outer)

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Distance from points (N, 3) inside to the outer surface, (N,)."""
        count = min(PATCHES, len(self._places))
        nearest = self._tree.query(points, k=count, workers=-1)[1].reshape(len(points), count)
        found = [np.linalg.norm(self._foot(points, nearest[:, k]) - points, axis=1) for k in range(count)]
        return np.min(found, axis=0)

    def touching_balls(self, samples: WallSamples) -> tuple[np.ndarray, np.ndarray]:
        """The largest inscribed balls that touch the surface at samples: centres (M, 3) and radii (M,).

        Large ones sit in the cell nearest to where they belong, those of sheets without volume in the sheet.
        """
        solid = self._solid
        sheets = samples.points[samples.flat]
        walls = samples.take(~samples.flat)
        generous = self._generous(walls)
        fine = generous <= FINE * solid.spacing
        small, radii = self._shrunk(walls.take(fine), generous[fine])
        middle = walls.points[~fine] + generous[~fine, None] / GROWTH * walls.inward[~fine]
        cells = solid.cells_at(middle)
        centres = np.concatenate([small, solid.centres[cells], sheets])
        radii = np.concatenate([radii, solid.depth[cells], np.full(len(sheets), solid.spacing / 2)])
        if self._mirrored:
            centres[:, 0] = np.abs(centres[:, 0])
        return centres, radii

    def _room(self, points: np.ndarray, normals: np.ndarray) -> np.ndarray:
        """How deep the solid is a little along the normals, (N,); 0 outside and in sheets without volume."""
        depth = np.zeros(len(points))
        for probe in PROBES:
            cells = self._solid.cells_at(points + probe * self._solid.spacing * normals)
            depth += np.where((cells >= 0) & ~self._solid.thin[cells], self._solid.depth[cells], 0)
        return depth

    def _generous(self, walls: WallSamples) -> np.ndarray:
        """Radii a little larger than those of the balls that touch at `walls`, by the depths of the cells, (M,)."""
        depth, h = self._solid.depth, self._solid.spacing
        radii, growing, step = np.full(len(walls.points), h), np.arange(len(walls.points)), h
        while len(growing) and step < 1.2 * depth.max() + h:
            cells = self._solid.cells_at(walls.points[growing] + step * walls.inward[growing])
            step *= GROWTH
            growing = growing[(cells >= 0) & (depth[cells] > step / GROWTH - h)]
            radii[growing] = step
        return radii

    def _shrunk(self, walls: WallSamples, radii: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Balls that are too large, cut down to the wall deepest in them until they are empty."""
        radii, full = radii.copy(), np.arange(len(radii))
        for _ in range(MOST_STEPS):
            start, way = walls.points[full], walls.inward[full]
            centres = start + radii[full, None] * way
            foot = self._foot(centres, np.asarray(self._tree.query(centres, workers=-1)[1]))
            cut = np.linalg.norm(foot - centres, axis=1) < CLOSE * radii[full]
            full, chord, way = full[cut], (foot - start)[cut], way[cut]
            if len(full) == 0:
                break
            radii[full] = (chord * chord).sum(1) / np.maximum(2 * (chord * way).sum(1), 1e-300)
        centres = walls.points + radii[:, None] * walls.inward
        if self._mirrored:
            centres[np.abs(centres[:, 0]) < ON_PLANE * radii, 0] = 0
        return centres, np.minimum(radii, self.distance(centres))

    def _foot(self, points: np.ndarray, nearest: np.ndarray) -> np.ndarray:
        """The point nearest to each of `points` on the surface around a sample, (N, 3).

        Small triangles stand for the smooth surface they are part of and go on in their plane.
        """
        place, way = self._places[nearest], self._ways[nearest]
        offset = points - place
        above = (offset * way).sum(1)[:, None]
        slide = np.where(above > 0, offset - above * way, 0.0)
        reach = np.full(len(points), self._patch)
        large = np.flatnonzero(self._large[nearest])
        slide[large] = nearest_on_triangles(points[large], self._corners[nearest[large]]) - place[large]
        reach[large] *= FAR
        length = np.linalg.norm(slide, axis=1)
        return place + slide * np.minimum(1.0, reach / np.maximum(length, 1e-300))[:, None]


def nearest_on_triangles(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """The point of each triangle (N, 3, 3) that is nearest to each point (N, 3), (N, 3)."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    above = _dot(points - corners[:, 0], normal) / np.maximum(_dot(normal, normal), 1e-300)
    best, inside = points - above[:, None] * normal, np.ones(len(points), bool)
    closest, least = corners[:, 0].copy(), np.full(len(points), np.inf)
    for k in range(3):
        start, side = corners[:, k], corners[:, (k + 1) % 3] - corners[:, k]
        inside &= _dot(np.cross(side, best - start), normal) >= 0
        share = _dot(points - start, side) / np.maximum(_dot(side, side), 1e-300)
        beside = start + np.clip(share, 0, 1)[:, None] * side
        apart = _dot(points - beside, points - beside)
        closer = apart < least
        closest[closer], least[closer] = beside[closer], apart[closer]
    return np.where(inside[:, None], best, closest)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", a, b)
