"""Which way the middle joint of a limb has to lie, so that a solver of inverse kinematics bends it the natural way."""

from __future__ import annotations

import numpy as np

from ..rigging.bones.names import split_side

LEAST = 0.03  # of the limb: the middle joint lies at least this far off the line between its ends
ASKEW = np.cos(np.radians(50.0))  # a bend that is off the natural plane by more than this is turned into it
FORWARD = np.array([0.0, -1.0, 0.0])
MIDDLE_GOES = {"shin": FORWARD, "forearm": -FORWARD}  # knees forward, elbows back; animals as they are bent


def bent_middle(top: np.ndarray, middle: np.ndarray, bottom: np.ndarray, name: str, flex: np.ndarray) -> np.ndarray:
    """The middle joint (3,), moved where it has to be.

    `name` is that of the lower bone; `flex` is where its tail goes when the joint bends, which tells for animals.
    """
    span = bottom - top
    length = float(np.linalg.norm(span))
    if length < 1e-12:
        return middle
    along = span / length
    reach = float(np.linalg.norm(middle - top) + np.linalg.norm(bottom - middle))
    off = middle - top - ((middle - top) @ along) * along
    goes, far = MIDDLE_GOES.get(split_side(name)[0]), float(np.linalg.norm(off))
    if goes is None and far >= LEAST * reach:  # legs of animals bend on as they are bent
        return middle
    wanted = goes if goes is not None else -flex
    wanted = wanted - (wanted @ along) * along
    if np.linalg.norm(wanted) < 0.2:  # the limb points where it should bend: an arm held forwards
        wanted = np.array([0.0, 0.0, -1.0])
        wanted = wanted - (wanted @ along) * along
    wanted = wanted / max(float(np.linalg.norm(wanted)), 1e-12)
    right = float(off @ wanted)
    if right >= LEAST * reach and right >= ASKEW * far:
        return middle
    return middle - off + max(LEAST * reach, right) * wanted
