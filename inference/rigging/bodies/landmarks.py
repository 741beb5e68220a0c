"""What tells a humanoid: hands, feet, crown, crotch, neck, and where each limb runs into the trunk.

Everything is read off walks through the solid, so it holds for T-poses, A-poses and thick or thin limbs alike.
The solid is in the canonical frame: +Z up, facing -Y, left at +X.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix

from ...anatomy import Solid
from .profile import Profile, distances, profile

STEP = 0.01  # thickness of a slice
TRUNK = 4.0  # a limb has run into the trunk where its slice is this many times its usual area
GAP_LOW, GAP_HIGH = 0.03, 0.65  # where between ground and crown the legs' gap is looked for
ARM_LOW = 0.28  # hands are above this share of the height


@dataclass(frozen=True)
class LimbMarks:
    """An arm walked from its tip."""

    tip: np.ndarray  # (3,)
    profile: Profile
    wrist: float  # distance from the tip of the narrow place behind the palm; 0 when there is none
    trunk: float  # distance from the tip at which the trunk begins
    girth: float  # usual area of its slices


@dataclass(frozen=True)
class Landmarks:
    """Measures of an upright two-legged shape. Heights are above the ground."""

    ground: float  # z of the soles
    height: float
    crotch: float  # height at which the legs part; 0 when they cannot be told apart
    neck: float  # height of the narrowest slice below the head; 0 when there is none
    arms: tuple[LimbMarks | None, LimbMarks | None]  # left, right
    crown: np.ndarray  # (3,) top of the head on the middle line


def find_landmarks(solid: Solid, graph: csr_matrix, *, symmetric: bool) -> Landmarks:
    """Read the landmarks of a solid; arms that cannot be told from the trunk are None."""
    centres = solid.centres
    ground, top = centres[:, 2].min() - solid.spacing / 2, centres[:, 2].max() + solid.spacing / 2
    height = top - ground
    crotch = _crotch(solid, ground, height)
    middle = _middle(solid, ground, height)
    from_middle = distances(graph, middle)
    left = _arm(solid, graph, from_middle, ground, height, 1.0)
    right = _mirrored(left) if symmetric else _arm(solid, graph, from_middle, ground, height, -1.0)
    crown = _crown(solid, from_middle)
    neck = _neck(solid, graph, crown, ground, height)
    return Landmarks(ground, height, crotch, neck, (left, right), centres[crown])


def _middle(solid: Solid, ground: float, height: float) -> int:
    """The deepest cell on the middle line around the waist."""
    centres = solid.centres
    off = 3 * np.abs(centres[:, 0]) + np.abs(centres[:, 2] - ground - 0.55 * height)
    return int(np.argmin(np.round(off - 2 * solid.depth, 9)))


def _crotch(solid: Solid, ground: float, height: float) -> float:
    """The top of the gap between the legs, searched upwards along the middle line."""
    share = (solid.centres[:, 2] - ground) / height
    bridging = np.abs(solid.centres[:, 0]) < 0.75 * solid.spacing
    layer = solid.cells[:, 2]
    lowest, highest = layer.min(), layer.max()
    solid_layers = np.zeros(highest + 1, bool)
    solid_layers[np.unique(layer[bridging])] = True
    best, run = 0.0, 0
    for z in range(lowest, highest + 1):
        here = share[layer == z]
        if not len(here) or here[0] > GAP_HIGH:
            break
        if not solid_layers[z]:
            run += 1
            if run >= 3 and here[0] > GAP_LOW:
                best = float(here[0] * height + solid.spacing / 2)
        elif best > 0.18 * height:
            break
        else:
            run = 0
    return best


def _arm(
    solid: Solid, graph: csr_matrix, from_middle: np.ndarray, ground: float, height: float, side: float
) -> LimbMarks | None:
    """The limb to one side whose tip is farthest from the middle, neither foot nor head."""
    centres = solid.centres
    share = (centres[:, 2] - ground) / height
    out = side * centres[:, 0]
    able = np.isfinite(from_middle) & (share > ARM_LOW) & (out > 0.3 * out.max())
    if not able.any():
        return None
    # Ears, horns and hair reach far too, but upwards: count what reaches sideways.
    reach = from_middle + out - 2.0 * np.maximum(share - 0.88, 0.0)
    tip = int(np.argmax(np.where(able, np.round(reach, 9), -np.inf)))
    limb = profile(solid, distances(graph, tip, limit=0.75), STEP)
    return _measure_arm(limb, centres[tip])


def _mirrored(limb: LimbMarks | None) -> LimbMarks | None:
    if limb is None:
        return None
    turn = np.array([-1.0, 1.0, 1.0])
    return replace(limb, tip=limb.tip * turn, profile=replace(limb.profile, centre=limb.profile.centre * turn))


def _measure_arm(limb: Profile, tip: np.ndarray) -> LimbMarks | None:
    area = smoothed(limb.area)
    if len(area) < 12:
        return None
    usual = np.array([np.median(area[max(2, k // 4) : max(3, k)]) for k in range(len(area))])
    # A palm behind thin fingers widens too, but only the trunk goes on to a good share of the greatest slice.
    ahead = np.array([area[k : k + 12].max() for k in range(len(area))])
    lasting = np.array([area[k : k + 12].min() for k in range(len(area))]) > 0.5 * TRUNK * usual
    jumps = np.flatnonzero((area > TRUNK * usual) & lasting & (ahead > 0.2 * area.max()) & (np.arange(len(area)) >= 8))
    if not len(jumps):
        return None
    trunk = int(jumps[0])
    return LimbMarks(tip, limb, _wrist(area[:trunk]) * limb.step, (trunk + 0.5) * limb.step, float(usual[trunk]))


def _wrist(area: np.ndarray) -> float:
    """Slice of the narrow place behind the palm; 0 when the limb has none."""
    count = len(area)
    palm = int(np.argmax(area[: max(3, int(0.4 * count))]))
    for narrow in range(max(palm + 1, int(0.12 * count)), int(0.55 * count)):
        lowest = area[narrow] <= area[narrow - 1] and area[narrow] <= area[narrow + 1]
        beyond = area[narrow : max(narrow + 2, int(0.75 * count))].max()
        if lowest and area[narrow] < 0.8 * area[palm] and area[narrow] < 0.87 * beyond:
            return narrow + 0.5
    return 0.0


def smoothed(values: np.ndarray) -> np.ndarray:
    """Running mean of three."""
    return np.convolve(np.pad(values, 1, mode="edge"), np.ones(3) / 3, mode="valid")


def _crown(solid: Solid, from_middle: np.ndarray) -> int:
    """The highest reachable cell near the middle line."""
    centres = solid.centres
    near = np.isfinite(from_middle) & (np.abs(centres[:, 0]) < max(2 * solid.spacing, 0.02))
    return int(np.argmax(np.where(near, np.round(centres[:, 2] - 0.1 * np.abs(centres[:, 1]), 9), -np.inf)))


def _neck(solid: Solid, graph: csr_matrix, crown: int, ground: float, height: float) -> float:
    """Height of the narrowest slice between the head and the shoulders."""
    head = profile(solid, distances(graph, crown, limit=0.6 * height), STEP)
    area = smoothed(head.area)
    for k in range(4, len(area) - 3):
        before, after = area[:k].max(), area[k : k + 6].max()
        if area[k] <= area[k - 1] and area[k] <= area[k + 1] and area[k] < 0.8 * before and after > 1.15 * area[k]:
            return float(head.centre[k, 2] - ground)
    return 0.0
