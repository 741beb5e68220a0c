"""A pose that shows at a glance whether the bones bend the mesh where they should: how each bone turns, by its name."""

from __future__ import annotations

import numpy as np

from ...anatomy import Pose
from .names import side_of

# Words a bone's name starts with -> (direction its tip turns to, the same on the right side, degrees).
# Left and right take opposite steps, as in walking, so that a limb moved by its neighbour's weights shows.
_MOVES: tuple[tuple[tuple[str, ...], str, str, float], ...] = (
    (("upper_arm", "arm"), "down", "up", 30.0),
    (("forearm",), "forward", "forward", 35.0),
    (("wing",), "up", "up", 12.0),
    (("thigh", "upper_leg.front"), "forward", "back", 22.0),
    (("upper_leg", "leg"), "back", "forward", 18.0),
    (("lower_leg.hind",), "forward", "forward", 18.0),  # an animal's knee bends the other way round
    (("shin", "lower_leg"), "back", "back", 22.0),
    (("finger", "thumb", "f_", "palm", "shoulder", "hand", "foot", "toe", "claw", "paw"), "", "", 0.0),
    (("neck", "head", "jaw", "ear", "eye", "horn", "antenna"), "left", "right", 8.0),
    (("spine", "chest"), "left", "left", 3.0),
    (("root", "hips", "pelvis", "body", "hip"), "", "", 0.0),
    (("tail", "fin"), "left", "left", 14.0),
)
_OTHER = ("up", "up", 12.0)  # chains without a better name curl


def trial_turn(name: str, along: np.ndarray, pose: Pose) -> np.ndarray:
    """How the bone called `name`, which points `along` (3,), turns: an axis times radians, (3,).

    Its tip turns to a side, less where it points there already. The root should stay: it would turn the whole.
    """
    target, degrees = _move(name)
    if not target:
        return np.zeros(3)
    ways = {"up": pose.up, "forward": pose.forward, "left": pose.left}
    ways |= {"down": -pose.up, "back": -pose.forward, "right": -pose.left}
    axis = np.cross(along, ways[target])
    share = float(np.linalg.norm(axis))
    if share < 0.05:
        return np.zeros(3)
    return axis / share * np.radians(degrees) * min(1.0, 2.0 * share)


def _move(name: str) -> tuple[str, float]:
    """(direction, degrees) for the bone called `name`; no direction for bones that stay."""
    left, right, degrees = _OTHER
    for words, on_left, on_right, angle in _MOVES:
        if name.lower().startswith(words):
            left, right, degrees = on_left, on_right, angle
            break
    return (right if side_of(name) == "R" else left), degrees
