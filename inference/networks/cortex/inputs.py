"""What Cortex is shown and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.spatial import KDTree

from ..joints.inputs import AROUND, SPREAD, TOKENS, Surface, farthest

JOINTS = 64  # queries: at most so many joints
STEP = 0.1  # one unit of the network's moves, in the unit frame


@dataclass(frozen=True)
class Inputs:
    """N surfaces."""

    points: np.ndarray  # (N, P, 6) where, and which way the surface looks
    near: np.ndarray  # (N, T, K) int64, the points around each token
    centres: np.ndarray  # (N, T, 3) where the tokens are
    facing: np.ndarray  # (N, T, 3) normals at the centres


class Answer(NamedTuple):
    """What the network says of each query."""

    joints: np.ndarray  # (N, Q, 3)
    exists: np.ndarray  # (N, Q) logit
    root: np.ndarray  # (N, Q) logit
    adjacency: np.ndarray  # (N, Q, Q) 0..1, symmetric


def graph_inputs(surface: Surface) -> Inputs:
    """One surface (N = 1)."""
    spread = min(SPREAD, len(surface.points))
    cloud = np.concatenate([surface.points, surface.normals], 1).astype(np.float32)[:spread]
    centres = farthest(cloud[:, :3], TOKENS)
    tree = KDTree(cloud[:, :3])
    near = np.asarray(tree.query(centres, AROUND)[1])
    return Inputs(cloud[None], near[None], centres[None], cloud[near[:, 0], 3:][None])
