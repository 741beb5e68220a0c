"""Signed distance to spheres, cones and slabs, in closed form, for many primitives and points at once.

A cone is what a sphere sweeps between two spheres, a slab what it sweeps between three. Over such a sweep the distance
|x - c| - r is a convex function of the place c, so its one minimum is found without search: where it lies inside the
segment or triangle it has a closed form, otherwise it lies on the border.
"""

from __future__ import annotations

import numpy as np

from ...anatomy import MedialMesh

STEEPEST = 0.9999  # radii that grow as fast as their distance: one sphere holds the other


class Slabs:
    """The primitives of a medial mesh: every sphere, then every edge, then every face."""

    def __init__(self, mesh: MedialMesh) -> None:
        centres, radii = np.asarray(mesh.spheres.centres, np.float64), np.asarray(mesh.spheres.radii, np.float64)
        self._centres, self._radii = centres, radii
        self._edges, self._faces = mesh.edges.astype(np.intp), mesh.faces.astype(np.intp)
        start, end = self._edges[:, 0], self._edges[:, 1]
        along = centres[end] - centres[start]
        self._length = np.maximum(np.linalg.norm(along, axis=1), 1e-12)
        self._axis = along / self._length[:, None]
        self._slope = np.clip((radii[end] - radii[start]) / self._length, -STEEPEST, STEEPEST)
        self._face_frames(centres[self._faces], radii[self._faces])
        self._sides = self._edge_numbers()
        self.count = len(radii) + len(self._edges) + len(self._faces)

    def _face_frames(self, corners: np.ndarray, radii: np.ndarray) -> None:
        """For each face its plane, the in-plane gradients of its two barycentric coordinates and of the radius."""
        one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        normal = np.cross(one, two)
        area = np.linalg.norm(normal, axis=1)
        safe = np.maximum(area, 1e-15)[:, None]
        self._normal = normal / safe
        self._toward_one = np.cross(two, self._normal) / safe
        self._toward_two = np.cross(self._normal, one) / safe
        self._growth = (radii[:, 1] - radii[:, 0])[:, None] * self._toward_one
        self._growth += (radii[:, 2] - radii[:, 0])[:, None] * self._toward_two
        steep = (self._growth**2).sum(1)
        self._flat = (area > 1e-12) & (steep < STEEPEST)
        self._lift = 1 / np.sqrt(1 - np.minimum(steep, STEEPEST))

    def _edge_numbers(self) -> np.ndarray:
        """The edges of each face, (T, 3)."""
        count = len(self._radii)
        keys = self._edges[:, 0] * count + self._edges[:, 1]
        order = np.argsort(keys)
        faces = np.sort(self._faces, axis=1)
        wanted = np.stack([faces[:, a] * count + faces[:, b] for a, b in ((0, 1), (1, 2), (0, 2))], 1)
        return order[np.searchsorted(keys[order], wanted)] if len(wanted) else np.zeros((0, 3), np.intp)

    def boxes(self) -> tuple[np.ndarray, np.ndarray]:
        """Low and high corner of each primitive, two of (count, 3)."""
        low, high = self._centres - self._radii[:, None], self._centres + self._radii[:, None]
        edges, faces = self._edges, self._faces
        return (
            np.concatenate([low, low[edges].min(1), low[faces].min(1)]),
            np.concatenate([high, high[edges].max(1), high[faces].max(1)]),
        )

    @property
    def needed(self) -> np.ndarray:
        """Primitives that make up the shape: all but the spheres that some cone holds."""
        alone = np.ones(self.count, bool)
        alone[self._edges.ravel()] = False
        return np.flatnonzero(alone)

    def distance(self, primitives: np.ndarray, points: np.ndarray, *, whole: bool = True) -> np.ndarray:
        """Signed distance of points (N, 3) to one primitive each (N,).

        With `whole` false a slab answers infinity where one of its edges is nearer: enough when those are asked too.
        """
        spheres, edges = len(self._radii), len(self._edges)
        result = np.empty(len(points))
        for low, high, measure in (
            (0, spheres, self._to_spheres),
            (spheres, spheres + edges, self._to_cones),
            (spheres + edges, self.count, self._to_slabs if whole else self._to_slab_planes),
        ):
            asked = np.flatnonzero((primitives >= low) & (primitives < high))
            result[asked] = measure(primitives[asked] - low, points[asked])
        return result

    def _to_spheres(self, which: np.ndarray, points: np.ndarray) -> np.ndarray:
        return np.linalg.norm(points - self._centres[which], axis=1) - self._radii[which]

    def _to_cones(self, which: np.ndarray, points: np.ndarray) -> np.ndarray:
        start = self._edges[which, 0]
        away = points - self._centres[start]
        height = np.einsum("nk,nk->n", away, self._axis[which])
        aside = np.sqrt(np.maximum(np.einsum("nk,nk->n", away, away) - height * height, 0))
        slope = self._slope[which]
        place = np.clip(height + aside * slope / np.sqrt(1 - slope * slope), 0, self._length[which])
        return np.hypot(height - place, aside) - self._radii[start] - slope * place

    def _to_slab_planes(self, which: np.ndarray, points: np.ndarray) -> np.ndarray:
        first = self._faces[which, 0]
        away = points - self._centres[first]
        height = np.einsum("nk,nk->n", away, self._normal[which])
        reach = np.abs(height) * self._lift[which]  # distance to the nearest centre of the sweep
        foot = away - height[:, None] * self._normal[which] + reach[:, None] * self._growth[which]
        one = np.einsum("nk,nk->n", foot, self._toward_one[which])
        two = np.einsum("nk,nk->n", foot, self._toward_two[which])
        within = self._flat[which] & (one >= 0) & (two >= 0) & (one + two <= 1)
        radius = self._radii[first] + np.einsum("nk,nk->n", foot, self._growth[which])
        return np.where(within, reach - radius, np.inf)

    def _to_slabs(self, which: np.ndarray, points: np.ndarray) -> np.ndarray:
        nearest = self._to_slab_planes(which, points)
        for side in range(3):
            nearest = np.minimum(nearest, self._to_cones(self._sides[which, side], points))
        return nearest
