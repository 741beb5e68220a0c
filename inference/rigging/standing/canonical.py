"""The canonical frame: unit size, upright, facing -Y, left at +X, mirror plane at x = 0."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Mesh, Pose, Symmetry
from ...frames import Frame
from ...geometry.mesh.surface import unit_frame, used_vertices
from .facing import find_pose, known_pose
from .symmetry import find_symmetry, is_symmetric

UPRIGHT = np.eye(3)
FOLLOW_PLANE = 0.6  # share of mirrored surface from which the middle of the shape is the mirror plane


@dataclass(frozen=True)
class StandingFrame(Frame):
    """The canonical frame of a shape: its axes are the shape's left, back and up."""

    symmetric: bool
    certainty: float  # of the facing, 0..1

    @property
    def pose(self) -> Pose:
        """How the shape stands, in the mesh's frame."""
        return Pose(self.axes[2], -self.axes[1], self.axes[0], self.certainty)

    @property
    def plane(self) -> Symmetry:
        """The plane x = 0, in the mesh's frame."""
        return Symmetry(self.axes[0], float(self.axes[0] @ self.origin))

    def after(self, turn: np.ndarray) -> StandingFrame:
        """This frame of a turned mesh as one of the mesh before the turn (3, 3)."""
        return replace(self, axes=self.axes @ turn, origin=self.origin @ turn)

    def turned(self, turn: np.ndarray) -> StandingFrame:
        """The same frame when the shape is turned (3, 3) about z; the plane x = 0 mirrors it after half a turn only."""
        half = bool(turn[0, 0] < -0.5) or bool(turn[0, 0] > 0.5)
        return replace(self, axes=turn @ self.axes, symmetric=self.symmetric and half)


def canonical_frame(
    mesh: Mesh,
    *,
    mirror: bool = True,
    seed: int = 0,
    turn: np.ndarray = UPRIGHT,
    front: np.ndarray | None = None,
) -> StandingFrame:
    """The frame in which the shape of a cleaned mesh stands upright, faces -Y and mirrors itself in x = 0.

    It is taken to stand on +Z after a `turn` (3, 3) of column vectors, and to look to its `front` (3,) where that is
    known; both are in the mesh's frame.
    """
    if np.array_equal(turn, UPRIGHT):
        return _standing_frame(mesh, mirror=mirror, seed=seed, front=front)
    turned = Mesh(mesh.vertices @ turn.T, mesh.triangles)
    front = None if front is None else turn @ front
    return _standing_frame(turned, mirror=mirror, seed=seed, front=front).after(turn)


def _standing_frame(mesh: Mesh, *, mirror: bool, seed: int, front: np.ndarray | None) -> StandingFrame:
    """The canonical frame of a mesh that stands on +Z."""
    plain = unit_frame(mesh)
    unit = shape_in(plain, mesh)
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
    return StandingFrame(axes, size, origin, mirror and in_plane and is_symmetric(share), pose.certainty)


def shape_in(frame: Frame, mesh: Mesh) -> Mesh:
    """The mesh in a frame, rounded so that moving or scaling the mesh does not tip a cell that is just inside."""
    moved = frame.into(mesh)
    return replace(moved, vertices=np.round(moved.vertices, 9))
