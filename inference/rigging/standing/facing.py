"""Which way a shape faces, read off its surface before anything else is known about it.

The mirror plane leaves two answers, forth and back. Things that stand upright point their feet forward. Things that
lie along their forward axis (animals, fish, vehicles) have a long thin end behind, and legs behind the middle
of the mass in front. The few factors were fitted on rigged animals and characters.
"""

from __future__ import annotations

import numpy as np

from ...anatomy import Mesh, Pose, Symmetry
from ...errors import BadRequestError
from ...geometry.mesh.surface import sample_surface

UP = np.array([0.0, 0.0, 1.0])
SAMPLES = 4000
UPRIGHT = 1.3  # height over depth from which a shape stands rather than lies
ASKEW = np.deg2rad(30.0)  # a mirror plane this near to a known front says more exactly where it is
LEVEL = 0.05  # a front is at least this level, as a share of its length
PLANE_SHARE = 0.7  # below this share of mirrored surface the plane says nothing about left and right
FEET = 0.012  # how far feet must reach out to tell the facing of a shape without a mirror plane


def find_pose(mesh: Mesh, symmetry: Symmetry, share: float, seed: int = 0) -> Pose:
    """Up, forward and left of a unit-sized mesh that stands on +Z."""
    points, _ = sample_surface(mesh, SAMPLES, seed)
    if share < PLANE_SHARE:
        return _pose_without_plane(points)
    forward = np.cross(symmetry.normal, UP)
    evidence = facing_evidence(_in_frame(points, forward))
    certainty = float(np.tanh(abs(evidence)) * share)
    return _pose(forward if evidence >= 0 else -forward, certainty)


def known_pose(front: np.ndarray, symmetry: Symmetry, share: float) -> Pose:
    """Up, forward and left of a mesh that stands on +Z and is known to look to its `front` (3,), about."""
    level = front - (front @ UP) * UP
    length = float(np.linalg.norm(level))
    if length < LEVEL * float(np.linalg.norm(front)):
        raise BadRequestError("The front points straight up or down. Choose one of the four sides.")
    forward = level / length
    along = np.cross(symmetry.normal, UP)
    along = along * np.copysign(1.0, along @ forward)
    follows = share >= PLANE_SHARE and along @ forward >= np.cos(ASKEW)
    return _pose(along if follows else forward, 1.0)


def facing_evidence(points: np.ndarray) -> float:
    """How strongly points (N, 3) in a frame that faces -Y speak for that facing; negative: they face +Y."""
    low, high = points.min(0), points.max(0)
    size = high - low
    if size[2] > UPRIGHT * size[1]:
        return _upright_evidence(points)
    return _lying_evidence(points)


def _upright_evidence(points: np.ndarray) -> float:
    height = _share_of_height(points)
    back = points[:, 1]
    middle = float(np.median(back))
    ankle = _mean(back, (height > 0.08) & (height < 0.2), middle)
    foot = _mean(back, height < 0.05, middle) - ankle
    sole = _mean(back, height < 0.03, middle) - middle
    thirds = _third_balance(points)
    return float(-(60 * foot + 15 * sole + 25 * thirds))


def _lying_evidence(points: np.ndarray) -> float:
    height = _share_of_height(points)
    back = points[:, 1]
    spread = back - back.mean()
    skew = float((spread**3).mean() / max(float((spread**2).mean()), 1e-12))
    legs = _mean(back, height < 0.2, float(np.median(back))) - float(np.median(back))
    along = _along(points)
    rear, front = along > 0.25, along < -0.25
    lowest = float(points[rear, 2].min() - points[front, 2].min()) if rear.any() and front.any() else 0.0
    return 8 * legs + 18 * skew - 2.5 * lowest


def _pose_without_plane(points: np.ndarray) -> Pose:
    """Nothing mirrors: trust the direction in which the feet reach out, else the usual facing of -Y.

    Only which axis it is nearest to: feet in a stride reach out askew, and files hold characters that face an axis.
    """
    height = _share_of_height(points)
    feet = points[height < 0.05, :2].mean(0) if (height < 0.05).sum() > 5 else points[:, :2].mean(0)
    shins = (height > 0.08) & (height < 0.2)
    reach = feet - points[shins, :2].mean(0) if shins.sum() > 5 else np.zeros(2)
    size = np.ptp(points, axis=0)
    upright = size[2] > UPRIGHT * min(size[0], size[1])
    length = float(np.linalg.norm(reach))
    if upright and length > FEET:
        axis = int(np.argmax(np.abs(reach)))
        return _pose(np.sign(reach[axis]) * np.eye(3)[axis], 0.3)
    return _pose(np.array([0.0, -1.0, 0.0]), 0.1)


def _pose(forward: np.ndarray, certainty: float) -> Pose:
    return Pose(UP, forward, np.cross(UP, forward), certainty)


def _in_frame(points: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """The same points with left as x, back as y and up as z."""
    return np.stack([points @ np.cross(UP, forward), -(points @ forward), points[:, 2]], axis=1)


def _share_of_height(points: np.ndarray) -> np.ndarray:
    low, high = points[:, 2].min(), points[:, 2].max()
    return (points[:, 2] - low) / max(high - low, 1e-9)


def _along(points: np.ndarray) -> np.ndarray:
    """Place along the depth, -0.5 at the front to 0.5 at the back."""
    low, high = points[:, 1].min(), points[:, 1].max()
    return (points[:, 1] - (low + high) / 2) / max(high - low, 1e-9)


def _third_balance(points: np.ndarray) -> float:
    """How much more of the surface lies in the front quarter than in the rear one."""
    along = _along(points)
    return 0.2 * float((along < -0.25).mean() - (along > 0.25).mean())


def _mean(values: np.ndarray, chosen: np.ndarray, default: float) -> float:
    return float(values[chosen].mean()) if chosen.sum() > 5 else default
