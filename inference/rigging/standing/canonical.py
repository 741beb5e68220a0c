"""The canonical frame: unit size, upright, facing -Y, left at +X, mirror plane at x = 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Armature, CurveSkeleton, MedialSpheres, Mesh, Pose, Symmetry
from ...geometry.mesh.surface import bounds, used_vertices
from ..bones.rolls import bone_axes, rolls_towards
from .facing import find_pose, known_pose
from .symmetry import find_symmetry, is_symmetric

UPRIGHT = np.eye(3)
FOLLOW_PLANE = 0.6  # share of mirrored surface from which the middle of the shape is the mirror plane


@dataclass(frozen=True)
class Frame:
    """A turn, a shift and a scale: canonical = (mesh - origin) @ axes.T / size."""

    axes: np.ndarray  # (3, 3) rows are left, back and up in the mesh's frame
    origin: np.ndarray  # (3,) what becomes (0, 0, 0)
    size: float  # what becomes 1
    symmetric: bool = False
    certainty: float = 0.0  # of the facing, 0..1

    def points_in(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) of the mesh's frame in the canonical one."""
        return (points - self.origin) @ self.axes.T / self.size

    def points_out(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) of the canonical frame in the mesh's own."""
        return points @ self.axes * self.size + self.origin

    def mesh_in(self, mesh: Mesh) -> Mesh:
        """The mesh in the canonical frame."""
        # Rounded so that moving or scaling the input does not tip a cell that is just inside.
        return Mesh(np.round(self.points_in(mesh.vertices), 9), mesh.triangles)

    def armature_in(self, armature: Armature) -> Armature:
        """An armature of the mesh's frame in the canonical one."""
        return _moved(armature, self.points_in, self.axes, 1 / self.size, None)

    def armature_out(self, armature: Armature) -> Armature:
        """An armature of the canonical frame in the mesh's own."""
        plane = None
        if armature.symmetry is not None:
            plane = Symmetry(self.axes[0], float(self.axes[0] @ self.origin))
        return _moved(armature, self.points_out, self.axes.T, self.size, plane)

    def spheres_out(self, spheres: MedialSpheres) -> MedialSpheres:
        """Spheres of the canonical frame in the mesh's own."""
        return replace(spheres, centres=self.points_out(spheres.centres), radii=spheres.radii * self.size)

    def curves_out(self, curves: CurveSkeleton) -> CurveSkeleton:
        """Curves of the canonical frame in the mesh's own."""
        return replace(curves, points=self.points_out(curves.points), radii=curves.radii * self.size)

    @property
    def pose(self) -> Pose:
        """How the shape stands, in the mesh's frame."""
        return Pose(self.axes[2], -self.axes[1], self.axes[0], self.certainty)

    def after(self, turn: np.ndarray) -> Frame:
        """This frame of a turned mesh as one of the mesh before the turn (3, 3)."""
        return replace(self, axes=self.axes @ turn, origin=self.origin @ turn)

    def turned_round(self) -> Frame:
        """The same frame when the shape faces the other way."""
        return replace(self, axes=self.axes * np.array([[-1.0], [-1.0], [1.0]]))


def plain_frame(mesh: Mesh) -> Frame:
    """The mesh's own directions, moved to the middle and scaled to unit size."""
    low, high = bounds(mesh)
    return Frame(np.eye(3), (low + high) / 2, float((high - low).max()))


def canonical_frame(
    mesh: Mesh,
    *,
    mirror: bool = True,
    seed: int = 0,
    turn: np.ndarray = UPRIGHT,
    front: np.ndarray | None = None,
) -> Frame:
    """The frame in which the shape of a cleaned mesh stands upright, faces -Y and mirrors itself in x = 0.

    It is taken to stand on +Z after a `turn` (3, 3) of column vectors, and to look to its `front` (3,) where that is
    known; both are in the mesh's frame.
    """
    if np.array_equal(turn, UPRIGHT):
        return _standing_frame(mesh, mirror=mirror, seed=seed, front=front)
    turned = Mesh(mesh.vertices @ turn.T, mesh.triangles)
    front = None if front is None else turn @ front
    return _standing_frame(turned, mirror=mirror, seed=seed, front=front).after(turn)


def _standing_frame(mesh: Mesh, *, mirror: bool, seed: int, front: np.ndarray | None) -> Frame:
    """The canonical frame of a mesh that stands on +Z."""
    plain = plain_frame(mesh)
    unit = plain.mesh_in(mesh)
    symmetry, share = find_symmetry(unit, seed)
    pose = find_pose(unit, symmetry, share, seed) if front is None else known_pose(front, symmetry, share)
    axes = np.stack([pose.left, -pose.forward, pose.up])
    turned = used_vertices(unit) @ axes.T
    low, high = turned.min(0), turned.max(0)
    middle = (low + high) / 2
    along_normal = float(symmetry.normal @ pose.left)
    in_plane = abs(along_normal) > 0.999  # not where the front is known to look across the plane
    if share >= FOLLOW_PLANE and in_plane:
        middle[0] = symmetry.offset * np.sign(along_normal)
    origin = plain.points_out((middle @ axes)[None])[0]
    size = plain.size * float((high - low).max())
    return Frame(axes, origin, size, mirror and in_plane and is_symmetric(share), pose.certainty)


def _moved(
    armature: Armature,
    move: Callable[[np.ndarray], np.ndarray],
    turn: np.ndarray,
    scale: float,
    plane: Symmetry | None,
) -> Armature:
    """Heads and tails moved, rolls kept relative to the flesh."""
    heads, tails = move(armature.heads), move(armature.tails)
    z = bone_axes(armature.heads, armature.tails, armature.rolls)[:, 2] @ turn.T
    rolls = rolls_towards(heads, tails, z)
    return replace(armature, heads=heads, tails=tails, rolls=rolls, radii=armature.radii * scale, symmetry=plane)
