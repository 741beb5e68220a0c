"""What somebody who has seen many shapes says about one, and how far the geometry follows it.

The geometry takes a shape to stand on +Z and is seldom wrong about the front of one that does; a network sees at a
glance that a shape lies on its back. Certainties from which the one overrules the other were chosen on training data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..anatomy import Pose

SURE_UP = 0.8  # certainty from which a shape is stood up
SURE_FRONT = 0.9  # certainty of the front from which the geometry's is doubted
ALONG = 0.7  # how nearly two directions must agree to be called the same: less than 45 degrees apart


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
    """The rotation (3, 3) that stands a shape up, one of the 24 that map axes onto axes; none unless the hint is sure.

    A shape that is stood up also faces -Y as nearly as it can, so that all 24 ways of lying end in the same one.
    """
    if hint is None or hint.upright < SURE_UP:
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


def facing_by(pose: Pose, hint: Hint | None) -> Pose:
    """A pose, turned round where the hint is sure of the other way and the geometry is not sure of its own.

    Both are for a shape that stands. The mirror plane keeps its two answers: a hint cannot turn a shape sideways.
    """
    if hint is None or hint.certainty < SURE_FRONT or hint.up @ pose.up < ALONG:
        return pose
    along = float(hint.forward @ pose.forward)
    if abs(along) < ALONG or hint.certainty <= pose.certainty:
        return pose
    if along > 0:
        return replace(pose, certainty=hint.certainty)
    return Pose(pose.up, -pose.forward, -pose.left, hint.certainty)
