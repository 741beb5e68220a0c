"""How close skin weights are to the artist's, and how they move.

Bones of two rigs are paired first (`match_bones`); on the truth's own skeleton bone i simply is bone i. Weights under
0.001 count as 0. Weights have no unit; points are
in the unit frame (longest side 1).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, Mesh, SkinWeights
from inference.frames import Frame
from inference.rigging.judging.posing import LARGEST_TURN, bend, pose
from inference.rigging.judging.posing import stretch as edge_stretch

NEGLIGIBLE = 1e-3
MATCH_REACH = 0.1  # joints farther apart than this share of the longest side are different bones
FAILED_L1 = 2.0  # of an asset that got no weights: every vertex entirely wrong


def match_bones(predicted: np.ndarray, truth: np.ndarray, reach: float = MATCH_REACH) -> np.ndarray:
    """For each predicted bone the truth's bone it stands for, or -1; (P,) from heads (P, 3) and (G, 3), unit frame.

    One to one, as many pairs within `reach` as possible and among those the closest together.
    """
    distance = np.linalg.norm(predicted[:, None] - truth[None], axis=2)
    allowed = distance <= reach
    cost = np.where(allowed, distance, 1.0 + distance[allowed].sum())
    rows, columns = linear_sum_assignment(cost)
    partner = np.full(len(predicted), -1, np.int32)
    good = allowed[rows, columns]
    partner[rows[good]] = columns[good]
    return partner


def skin_l1(predicted: np.ndarray, truth: np.ndarray, partner: np.ndarray | None = None) -> float:
    """Sum of absolute weight differences over the vertices: 0 (equal) .. 2 (nothing shared).

    Dense weights (V, P) and (V, G); `partner` (P,) as `match_bones` gives it, or None when column i is column i.
    A bone without partner is a column that the other side has only zeros for.
    """
    mine, theirs = _without_noise(predicted), _without_noise(truth)
    if partner is None:
        return float(np.abs(mine - theirs).sum() / len(mine))
    moved = np.zeros_like(theirs)
    paired = partner >= 0
    moved[:, partner[paired]] = mine[:, paired]
    alone = mine[:, ~paired].sum()
    return float((np.abs(moved - theirs).sum() + alone) / len(mine))


def matched_l1(predicted: tuple[Armature, SkinWeights], truth: tuple[Armature, SkinWeights], frame: Frame) -> float:
    """`skin_l1` of two rigs of one mesh, their bones matched in its unit frame."""
    (mine, my_skin), (theirs, their_skin) = predicted, truth
    partner = match_bones(frame.points_in(mine.heads), frame.points_in(theirs.heads))
    return skin_l1(my_skin.dense(len(mine.names)), their_skin.dense(len(theirs.names)), partner)


def stretch(mesh: Mesh, armature: Armature, skin: SkinWeights, poses: int = 5) -> float:
    """99th percentile over all edges and five random poses of length posed / length at rest; needs no truth.

    Every joint but the root turns by 0 to 40 degrees about a random axis, the same for every skin of one armature.
    """
    sides = np.sort(mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    ratios = edge_stretch(mesh.vertices, np.unique(sides, axis=0), skin, armature, range(poses))
    return float(np.percentile(ratios, 99))


def motion_error(
    points: np.ndarray,
    predicted: tuple[Armature, SkinWeights],
    truth: tuple[Armature, SkinWeights],
    partner: np.ndarray,
    poses: int = 5,
) -> float:
    """Mean distance between the points (V, 3) of both rigs in the same five random poses, x100, unit frame.

    Each bone of the truth but its root turns by 0 to 40 degrees about a random axis; a predicted bone turns like its
    partner (P,), a bone without partner not at all.
    """
    distance = []
    for seed in range(poses):
        rng = np.random.default_rng(seed)
        count = len(truth[0].names)
        axes = rng.normal(size=(count, 3))
        vectors = axes / np.linalg.norm(axes, axis=1, keepdims=True) * rng.uniform(0, LARGEST_TURN, (count, 1))
        vectors[truth[0].parents < 0] = 0
        mine = np.where(partner[:, None] >= 0, vectors[partner], 0.0)
        moved = bend(points, predicted[1], pose(predicted[0], Rotation.from_rotvec(mine).as_matrix()))
        wanted = bend(points, truth[1], pose(truth[0], Rotation.from_rotvec(vectors).as_matrix()))
        distance.append(np.linalg.norm(moved - wanted, axis=1).mean())
    return float(100 * np.mean(distance))


def sparse(dense: np.ndarray, influences: int = 4) -> SkinWeights:
    """The heaviest few bones of each row of dense weights (V, B), sum 1 unless a row is empty."""
    kept = min(influences, dense.shape[1])
    bones = np.argsort(-dense, axis=1, kind="stable")[:, :kept].astype(np.int32)
    weights = np.take_along_axis(dense, bones, 1).astype(np.float64)
    weights /= np.maximum(weights.sum(1, keepdims=True), 1e-12)
    return SkinWeights(np.where(weights > 0, bones, 0).astype(np.int32), weights.astype(np.float32))


def unweighted(skin: SkinWeights) -> int:
    """Vertices that no bone moves."""
    return int((skin.weights.sum(1) < NEGLIGIBLE).sum())


def _without_noise(weights: np.ndarray) -> np.ndarray:
    return np.where(weights < NEGLIGIBLE, 0.0, weights)
