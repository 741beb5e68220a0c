"""What the facing network is shown: a cloud in each of the 24 ways a box can be put down."""

from __future__ import annotations

import itertools

import numpy as np

from ...kinds import Kind

KINDS: tuple[Kind, ...] = (  # weights know them by their place
    *("biped", "quadruped", "bird", "fish", "insect", "serpent", "creature", "hand", "mech", "object", "plant"),
)
UP, FORWARD = np.array([0.0, 0.0, 1.0]), np.array([0.0, -1.0, 0.0])


def _turns() -> np.ndarray:
    """The 24 rotations that map the axes onto each other, the identity first; (24, 3, 3)."""
    found = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=3):
            turn = np.zeros((3, 3))
            turn[np.arange(3), order] = signs
            if np.linalg.det(turn) > 0:
                found.append(turn)
    return np.array(found)


TURNS = _turns()  # (24, 3, 3), each brings a way of standing into the frame: x -> TURNS[h] @ x


def turned_clouds(points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Points (P, 3) and unit normals (P, 3) as each of TURNS shows them, (24, P, 6) float32."""
    turned = TURNS.transpose(0, 2, 1).astype(np.float32)  # for row vectors
    return np.concatenate([points.astype(np.float32) @ turned, normals.astype(np.float32) @ turned], -1)
