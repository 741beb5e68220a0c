"""Legs: from the shoulder or the hip to the toes."""

from __future__ import annotations

import numpy as np

from ..bodies.limbs import Limb
from ..bones.names import numbered
from .chain import arc_length, at_shares, place_expected, place_joints
from .draft import RASTER, WELL_INSIDE, Draft

BACKWARDS = np.array([0.0, 1.0, 0.0])
FORWARDS = np.array([0.0, -1.0, 0.0])
# Where a leg begins, as a share of the height of the trunk's centre line above the floor, and where its joints are,
# as shares of the way from there to the toes: found on animals rigged by hand.
TOP = {"front": 0.84, "hind": 0.92}
JOINTS = {
    "front": {"few": [0.0, 0.46, 1.0], "normal": [0.0, 0.45, 0.85, 0.945, 1.0], "many": [0.0, 0.45, 0.84, 0.94, 1.0]},
    "hind": {
        "few": [0.0, 0.5, 1.0],
        "normal": [0.0, 0.29, 0.55, 0.9, 1.0],
        "many": [0.0, 0.29, 0.55, 0.86, 0.95, 1.0],
    },
}
KNEE_FORWARD = 0.6  # hind knees lie this share of the thigh's radius in front of the thigh's centre line
NAMES = {
    "front": {
        2: ["upper_leg.front", "lower_leg.front"],
        3: ["upper_leg.front", "lower_leg.front", "foot.front"],
        4: ["upper_leg.front", "lower_leg.front", "foot.front", "toe.front"],
    },
    "hind": {
        2: ["upper_leg.hind", "lower_leg.hind"],
        3: ["upper_leg.hind", "lower_leg.hind", "foot.hind"],
        4: ["upper_leg.hind", "lower_leg.hind", "foot.hind", "toe.hind"],
        5: ["upper_leg.hind", "lower_leg.hind", "foot.hind", "toe.hind", "claw.hind"],
    },
    "two": {
        2: ["thigh", "shin"],
        3: ["thigh", "shin", "foot"],
        4: ["thigh", "shin", "foot", "toe"],
        5: ["thigh", "shin", "foot", "toe", "claw"],
    },
}
GIRDLE = {"front": "shoulder", "hind": "pelvis"}
ABOVE = 0.85  # a leg's top is this much as far out as its next joint: its centre line bends inwards too early
INNER = 0.5  # the shoulder's inner joint, as a share of the outer one's distance from the middle


def free_part(leg: Limb, floor: float, trunk_height: float, top: float) -> np.ndarray:
    """The line of a leg from its uppermost joint to the toes, (N, 3)."""
    level = floor + top * (trunk_height - floor)
    above = np.flatnonzero(leg.points[:, 2] >= level)
    start = int(above[-1]) if len(above) else 0
    if start < len(leg.points) - 1 and len(above):
        low, high = leg.points[start + 1], leg.points[start]
        mix = (level - low[2]) / max(high[2] - low[2], 1e-9)
        first = low + np.clip(mix, 0, 1) * (high - low)
        line = np.concatenate([[first], leg.points[start + 1 :]])
    else:
        line = leg.points[max(leg.leaves - 1, 0) :]
    return line if len(line) > 1 else leg.points[-2:]


def build_leg(
    draft: Draft, leg: Limb, line: np.ndarray, place: str, names: str, carrier: int, density: str, salience: float
) -> list[int]:
    """The bones of one leg: a girdle bone inside the trunk, then the leg along its line."""
    radii = np.interp(arc_length(line) / arc_length(line)[-1], np.linspace(0, 1, len(leg.radii)), leg.radii)
    expected = JOINTS[place][density]
    shares = place_expected(draft.interior, line, radii, expected, slack=0.07)
    joints = _as_artists_put_them(draft, at_shares(line, shares), leg, place)
    parent, connected = carrier, False
    if density != "few":
        inner = np.stack([joints[0] * [INNER, 1.0, 1.0], joints[0]])
        if draft.interior.share_inside(inner[:1], inner[1:], RASTER)[0] >= WELL_INSIDE:
            girdle = draft.add(inner, [GIRDLE[place]], carrier, leg.side, salience=salience)
            parent, connected = girdle[-1], True
    bones = NAMES[names][len(joints) - 1]
    return draft.add(joints, bones, parent, leg.side, connected=connected, salience=salience, flex=BACKWARDS)


def _as_artists_put_them(draft: Draft, joints: np.ndarray, leg: Limb, place: str) -> np.ndarray:
    """The joints of a leg, its top straight above it and a hind knee at the front of the thick thigh."""
    wanted = joints.copy()
    outer = joints[1:2, 0] if len(joints) > 2 else joints[-1:, 0]
    wanted[0, 0] = leg.side * max(abs(joints[0, 0]), ABOVE * float(np.abs(outer).mean()))
    if place == "hind" and len(joints) > 3:
        wanted[1, 1] -= KNEE_FORWARD * float(draft.interior.depth(joints[1:2])[0])
    inside = draft.interior.share_inside(wanted[:2], wanted[1:3], RASTER)
    return wanted if inside.min() >= WELL_INSIDE else joints


def build_arm(
    draft: Draft, arm: Limb, carrier: int, density: str, salience: float, names: tuple[str, ...] = ()
) -> list[int]:
    """An arm that does not reach the floor: shoulder, upper arm, forearm, hand."""
    line = arm.points[max(arm.leaves - 2, 0) :]
    radii = arm.radii[max(arm.leaves - 2, 0) :]
    bones = list(names) if names else ["upper_arm", "forearm", "hand"]
    if len(line) < 4 or density == "few":
        bones = bones[:2]
    expected = np.linspace(0, 1, 3) if len(bones) == 2 else np.array([0.0, 0.42, 0.8, 1.0])
    shares = place_expected(draft.interior, line, radii, expected, slack=0.08)
    return draft.add_line(line, shares, bones, carrier, arm.side, salience=salience, flex=FORWARDS)


def build_insect_leg(draft: Draft, leg: Limb, name: str, carrier: int, density: str, salience: float) -> list[int]:
    """A many-jointed leg: from where it leaves the body, one bone between every two bends."""
    start = max(leg.leaves - 1, 0)
    line, radii = leg.points[start:], leg.radii[start:]
    least = {"few": 2, "normal": 3, "many": 4}[density]
    shares = place_joints(draft.interior, line, radii, density, least=least, most=least + 1)
    return draft.add_line(
        line, shares, numbered(name, len(shares) - 1), carrier, leg.side, salience=salience, flex=np.array([0.0, 0, -1])
    )
