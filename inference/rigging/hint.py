"""What somebody who has seen many shapes says about one, and how far the geometry follows it.

The geometry takes a shape to stand on +Z and knows the front of one that does better than the network; that a person or
an animal lies on its back only the network sees. Of furniture and plants it is often wrongly sure: they stay as they
are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

SURE_UP = 0.6  # certainty from which a shape is stood up
STOOD_UP = ("biped", "quadruped")  # kinds that are


@dataclass(frozen=True)
class Hint:
    """What a network thinks of a shape, in the mesh's frame; certainties are calibrated, 0..1."""

    kind: str  # one of inference/networks/facing.py
    kind_certainty: float
    up: np.ndarray  # (3,) unit
    forward: np.ndarray  # (3,) unit, square to up
    upright: float  # that up is right, to the nearest axis
    certainty: float  # that up and forward are

    def turned(self, turn: np.ndarray) -> Hint:
        """The same for the mesh turned by a rotation (3, 3) of column vectors."""
        return replace(self, up=turn @ self.up, forward=turn @ self.forward)


def standing_turn(hint: Hint | None) -> np.ndarray:
    """The rotation (3, 3) that stands a shape up, one of the 24 that map axes onto axes.

    None for other kinds than those on two or four legs, nor when the hint is not sure.
    A shape that is stood up also faces -Y as nearly as it can, so that all 24 ways of lying end in the same one.
    """
    if hint is None or hint.kind not in STOOD_UP or hint.upright < SURE_UP:
        return np.eye(3)
    up = nearest_axis(hint.up)
    if up[2] > 0:
        return np.eye(3)
    forward = nearest_axis(hint.forward - (hint.forward @ up) * up)
    return np.stack([np.cross(up, forward), -forward, up])


def nearest_axis(direction: np.ndarray) -> np.ndarray:
    """The one of the six axis directions that is nearest to a direction (3,)."""
    axis = np.zeros(3)
    longest = int(np.argmax(np.abs(direction)))
    axis[longest] = 1.0 if direction[longest] >= 0 else -1.0
    return axis
