"""How close a predicted skeleton is to the artist's: J2J, J2B, B2B, IoU, precision, recall.

Frame: both skeletons are moved by `unit_frame` of the mesh they belong to, so its longest bounding-box side is 1.
Convention (the field's): a joint is the head of a bone; a bone is the segment from a joint's parent to the joint. Tips
of leaf bones are left out on both sides, because rigs in the wild do not store them. A skeleton of one joint has one
bone of no length there.
"""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree

from inference.anatomy import Armature, Mesh
from inference.frames import Frame

BONE_STEP = 0.005  # bones are sampled every so far
FIXED_TOLERANCE = 0.05  # the second threshold of IoU, in the unit frame
RAYS = 16  # around a joint, for the local shape diameter
FAILED_DISTANCE = 100.0  # J2J, J2B and B2B (x100) of an asset without a rig: the whole longest side


@dataclass(frozen=True)
class Skeleton:
    """Joints and who hangs on whom; what the metrics compare."""

    joints: np.ndarray  # (J, 3) unit frame
    parents: np.ndarray  # (J,) int32, -1 for roots

    @property
    def bones(self) -> np.ndarray:
        """Segments parent -> child, (J - 1, 2, 3); one of no length when there is a single joint."""
        child = np.flatnonzero(self.parents >= 0)
        if len(child) == 0:
            return np.stack([self.joints, self.joints], 1)
        return np.stack([self.joints[self.parents[child]], self.joints[child]], 1)


@dataclass(frozen=True)
class SkeletonScore:
    """One asset. Distances x100 in the unit frame (lower is better), shares 0..1 (higher is better)."""

    j2j: float
    j2b: float
    b2b: float
    iou: float  # tolerance: half the local shape diameter
    precision: float
    recall: float
    iou_fixed: float  # tolerance: 0.05
    precision_fixed: float
    recall_fixed: float


FAILED_SCORE = SkeletonScore(FAILED_DISTANCE, FAILED_DISTANCE, FAILED_DISTANCE, 0, 0, 0, 0, 0, 0)


def skeleton_of(armature: Armature, frame: Frame) -> Skeleton:
    """A predicted armature as the metrics see it: heads and parents of the bones that deform.

    A bone that does not deform is skipped and its children hang on the nearest ancestor that does; when no bone
    deforms, all count.
    """
    kept = armature.deform if armature.deform.any() else np.ones(len(armature.names), bool)
    place = np.cumsum(kept) - 1
    above = np.full(len(armature.names), -1, np.int32)
    for bone, parent in enumerate(armature.parents):
        if parent >= 0:
            above[bone] = place[parent] if kept[parent] else above[parent]
    return Skeleton(frame.points_in(armature.heads[kept]), above[kept])


def score_skeleton(predicted: Skeleton, truth: Skeleton, mesh: Mesh, frame: Frame) -> SkeletonScore:
    """Every distance and share at once."""
    tolerance = local_radius(truth, frame.into(mesh))
    local = matched_shares(predicted.joints, truth.joints, tolerance)
    fixed = matched_shares(predicted.joints, truth.joints, np.full(len(truth.joints), FIXED_TOLERANCE))
    return SkeletonScore(j2j(predicted, truth), j2b(predicted, truth), b2b(predicted, truth), *local, *fixed)


def j2j(predicted: Skeleton, truth: Skeleton) -> float:
    """Half the sum of the two mean distances from each joint to the nearest joint of the other, x100, unit frame."""
    return _two_way(predicted.joints, truth.joints, truth.joints, predicted.joints)


def j2b(predicted: Skeleton, truth: Skeleton) -> float:
    """Half the sum of the mean distances joints -> the other's bones (sampled every 0.005), x100, unit frame."""
    return _two_way(predicted.joints, sample_bones(truth.bones), truth.joints, sample_bones(predicted.bones))


def b2b(predicted: Skeleton, truth: Skeleton) -> float:
    """The same between bones and bones, both sampled every 0.005, x100, unit frame."""
    mine, theirs = sample_bones(predicted.bones), sample_bones(truth.bones)
    return _two_way(mine, theirs, theirs, mine)


def matched_shares(predicted: np.ndarray, truth: np.ndarray, tolerance: np.ndarray) -> tuple[float, float, float]:
    """IoU, precision and recall of joints (P, 3) and (G, 3), matched one to one within a tolerance (G,) of the truth's.

    IoU is the field's: 2 x matched / (P + G). The matching makes as many pairs as possible; among those the closest.
    """
    distance = np.linalg.norm(predicted[:, None] - truth[None], axis=2)
    allowed = distance <= tolerance[None]
    # A forbidden pair costs more than all allowed ones together, so the count of matches comes first.
    cost = np.where(allowed, distance, 1.0 + distance[allowed].sum() + len(truth))
    rows, columns = linear_sum_assignment(cost)
    matched = int(allowed[rows, columns].sum())
    return 2 * matched / (len(predicted) + len(truth)), matched / len(predicted), matched / len(truth)


def local_radius(truth: Skeleton, mesh: Mesh) -> np.ndarray:
    """Half the local shape diameter at each truth joint, (J,), in the frame of both.

    The median distance to the surface along 16 rays at right angles to the bone that ends in the joint (at a root: to
    the first that starts there). Where most rays meet nothing (a joint outside), the distance to the nearest surface.
    """
    vertices, triangles = mesh.vertices.astype(np.float64), mesh.triangles.astype(np.int64)
    nearest = np.sqrt(igl.point_mesh_squared_distance(truth.joints.astype(np.float64), vertices, triangles)[0])
    corners = vertices[triangles]
    result = np.empty(len(truth.joints))
    for joint, start in enumerate(truth.joints):
        reach = _first_hits(start, _fan(_direction(truth, joint)), corners)
        met = np.isfinite(reach)
        result[joint] = np.median(reach[met]) if met.sum() > RAYS // 2 else nearest[joint]
    return result


def sample_bones(bones: np.ndarray, step: float = BONE_STEP) -> np.ndarray:
    """Points along segments (B, 2, 3), evenly spaced no more than `step` apart, middles of equal pieces; (N, 3).

    Middles, not ends: each point stands for the same length, and a joint of many bones does not count many times.
    """
    length = np.linalg.norm(bones[:, 1] - bones[:, 0], axis=1)
    pieces = np.maximum(np.ceil(length / step - 1e-9).astype(int), 1)
    bone = np.repeat(np.arange(len(bones)), pieces)
    place = np.arange(len(bone)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = (place + 0.5) / pieces[bone]
    return bones[bone, 0] + along[:, None] * (bones[bone, 1] - bones[bone, 0])


def _two_way(from_a: np.ndarray, to_b: np.ndarray, from_b: np.ndarray, to_a: np.ndarray) -> float:
    there = KDTree(to_b).query(from_a)[0].mean()
    back = KDTree(to_a).query(from_b)[0].mean()
    return float(100 * (there + back) / 2)


def _direction(skeleton: Skeleton, joint: int) -> np.ndarray:
    """Unit direction of the bone at a joint."""
    parent = skeleton.parents[joint]
    children = np.flatnonzero(skeleton.parents == joint)
    other = parent if parent >= 0 else (children[0] if len(children) else -1)
    step = skeleton.joints[joint] - skeleton.joints[other] if other >= 0 else np.array([0.0, 0.0, 1.0])
    length = np.linalg.norm(step)
    return step / length if length > 1e-9 else np.array([0.0, 0.0, 1.0])


def _fan(axis: np.ndarray) -> np.ndarray:
    """Unit directions all around an axis, at right angles to it, (RAYS, 3)."""
    helper = np.eye(3)[np.argmin(np.abs(axis))]
    across = np.cross(axis, helper)
    across /= np.linalg.norm(across)
    turn = 2 * np.pi * np.arange(RAYS) / RAYS
    return np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * np.cross(axis, across)


def _first_hits(start: np.ndarray, directions: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Distance along each ray (R, 3) to the first triangle (F, 3, 3), infinity when it meets none; (R,)."""
    side_a, side_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    to_start = start - corners[:, 0]
    normal = np.cross(side_a, side_b)
    # Moeller-Trumbore with the cross products turned so that everything but the ray is worked out once per triangle.
    about_start = np.cross(to_start, side_a)
    across = np.cross(side_b, to_start)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = -1.0 / (directions @ normal.T)
        distance = (normal * to_start).sum(1) * scale
        u = (directions @ across.T) * scale
        v = (directions @ about_start.T) * scale
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 1e-9)
    return np.where(hit, distance, np.inf).min(1)
