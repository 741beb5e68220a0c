"""Cameras of crops: where a shape that stands in its own frame is seen, and what that is in the seen frame.

A camera is a matrix (3, 4), as the networks that draw surfaces have it: from (x, y, z, 1) of the shape's own frame to
(u w, v w, w), u from -1 at the crop's left edge to 1 at its right one, v from its upper edge down, w the depth. It
stands at DISTANCE from the shape's middle, and what it sees is cropped. The seen frame's camera sees nothing but the
crop, so the two agree on places in the picture, and on depths but for the crop's width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...anatomy import MedialSpheres, Mesh
from ...frames import Frame
from ..camera import DISTANCE, FIELD_OF_VIEW
from ..placing import filling, turned_to

TANGENT = math.tan(math.radians(FIELD_OF_VIEW / 2))
USUAL = 0.7  # width of a crop over that of its picture, where nothing else is known
NEAREST = 0.1  # nothing is taken to be nearer to the eye


@dataclass(frozen=True)
class Looking:
    """A camera by its parts."""

    turn: np.ndarray  # (3, 3) rows are right, down and forward in the shape's own frame
    scale: float  # width of the crop over that of the picture
    shift: np.ndarray  # (2,) tangents of the angles to the crop's middle, right and down

    @property
    def matrix(self) -> np.ndarray:
        """The same as (3, 4)."""
        whole = np.column_stack([self.turn, [0.0, 0.0, DISTANCE]])
        beside = (whole[:2] - self.shift[:, None] * whole[2]) / (self.scale * TANGENT)
        return np.concatenate([beside, whole[2:]])

    @property
    def axes(self) -> np.ndarray:
        """The shape's own axes (3, 3) in the seen frame, a row each."""
        right, down, forward = self.turn
        ray = np.array([self.shift[0], 1.0, -self.shift[1]])
        return np.stack([right, forward, -down], 1) @ turned_to(np.eye(3), ray).T

    def seen(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) of the shape in the seen frame."""
        depth, y = self._depths(points)
        u, v = (points @ self.turn[:2].T / depth[:, None] - self.shift).T / (self.scale * TANGENT)
        away = TANGENT * (DISTANCE + y)
        return np.stack([u * away, y, -v * away], 1)

    def seen_spheres(self, spheres: MedialSpheres) -> MedialSpheres:
        """Spheres of the shape in the seen frame, as large as they look."""
        depth, y = self._depths(spheres.centres)
        larger = (DISTANCE + y) / depth / self.scale
        return MedialSpheres(self.seen(spheres.centres), spheres.radii * larger, spheres.sheet)

    def own_spheres(self, spheres: MedialSpheres) -> MedialSpheres:
        """Spheres of the seen frame in the shape's own."""
        x, y, z = spheres.centres.T
        depth = self.scale * y + DISTANCE
        smaller = self.scale * depth / (DISTANCE + y)
        right, down = smaller * x + self.shift[0] * depth, self.shift[1] * depth - smaller * z
        centres = np.stack([right, down, depth - DISTANCE], 1) @ self.turn
        return MedialSpheres(centres, spheres.radii * smaller, spheres.sheet)

    def _depths(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far points (N, 3) are from the eye, and where they are along the seen frame's line of sight."""
        forward = points @ self.turn[2]
        return np.maximum(forward + DISTANCE, NEAREST), forward / self.scale


def looking_by(matrix: np.ndarray) -> Looking:
    """The parts of a camera (3, 4)."""
    matrix = matrix.astype(np.float64)
    forward = matrix[2, :3] / np.linalg.norm(matrix[2, :3])
    along = matrix[:2, :3] @ forward
    across = matrix[:2, :3] - along[:, None] * forward
    right = across[0] / np.linalg.norm(across[0])
    turn = np.stack([right, np.cross(forward, right), forward])
    scale = 2 / (np.linalg.norm(across, axis=1).sum() * TANGENT)
    return Looking(turn, float(scale), -along * scale * TANGENT)


def looking_along(axes: np.ndarray) -> Looking:
    """The camera that sees a shape's own axes (3, 3) so; where the crop lies is to be found."""
    right, forward, up = axes.T
    return Looking(np.stack([right, -up, forward]), USUAL, np.zeros(2))


def gone_round(first: Looking, azimuth: float) -> Looking:
    """The camera that went so many degrees round the shape, to its right and about its own upward axis."""
    angle = math.radians(azimuth)
    about = np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]])
    return Looking(first.turn @ about.T, USUAL, np.zeros(2))


def azimuth_between(first: Looking, other: Looking) -> float:
    """How many degrees the camera went round the shape, to its right, from the one place to the other."""
    angles = [math.degrees(math.atan2(each.turn[2, 1], each.turn[2, 0])) for each in (first, other)]
    return (angles[1] - angles[0]) % 360.0


def placed_before(camera: Looking, surface: Mesh) -> Frame:
    """From the shape's own frame to the seen one, all of it as it is and only turned, shifted and scaled.

    The crop's perspective is not the seen frame's: so silhouettes agree as well as they can.
    """
    return filling(Frame(camera.axes, 1 / camera.scale, np.zeros(3)), surface.vertices)
