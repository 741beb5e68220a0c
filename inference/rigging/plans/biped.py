"""A humanoid's armature from its landmarks.

Heights along the trunk and places along the limbs are shares fitted on rigged characters, realistic and stylised:
artists agree on them far better than on anything that the surface shows. Everything else is measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from ...anatomy import Mesh, Solid
from ...requests import Density
from ..bodies.hands import Hand, find_hand, wrist_distance
from ..bodies.interior import WELL_INSIDE, Interior
from ..bodies.landmarks import Landmarks, LimbMarks
from ..bodies.profile import Profile
from .draft import Draft

# Height of the hip joints: a share of the whole height and of the shoulders' height.
HIP_OF_HEIGHT, HIP_OF_SHOULDER = -0.248, 0.982
HIP_OVER_CROTCH = (0.06, -0.113, 1.164)  # of height, shoulder and crotch, where the crotch is where it can be
CROTCH_TRUST = 0.1  # of the height: how far the crotch may be from where the proportions expect it
# Along the trunk, as shares of the way from the hips to the shoulders.
PELVIS, SPINE, SPINE_1, CHEST, NECK, HEAD = 0.04, 0.17, 0.43, 0.70, 1.10, 1.22
KNEE_OF_HIP, KNEE_OF_SHOULDER = 0.205, 0.238
ANKLE = 0.105  # of the hip's height
SPINE_DEPTH = 0.62  # from the belly (0) to the back (1)
NECK_DEPTH = 0.5
CLAVICLE_OUT, CLAVICLE_DROP = 0.33, 0.02
TOE_ALONG, TOE_HEIGHT = 0.7, 0.35
# Along the arm from the tip: shares of the way to the trunk and, where there is one, of the way to the wrist.
SHOULDER = 0.935
ELBOW, ELBOW_OF_WRIST = 0.42, 0.615
ELBOW_ALONE = 0.61
# Along a finger from the place where it leaves the hand (0) to its tip (1).
KNUCKLES = {
    "thumb": (-0.8, -0.42, 0.29),
    "f_index": (-0.22, 0.27, 0.62),
    "f_middle": (-0.28, 0.24, 0.63),
    "f_ring": (-0.3, 0.24, 0.62),
    "f_pinky": (-0.4, 0.2, 0.6),
}
OTHER_FINGERS = {1: ("f_middle",), 2: ("f_index", "f_pinky"), 3: ("f_index", "f_middle", "f_pinky")}
ALL_FINGERS = ("f_index", "f_middle", "f_ring", "f_pinky")


@dataclass(frozen=True)
class _Trunk:
    """Heights above the ground."""

    hip: float
    shoulder: float

    def at(self, share: float) -> float:
        return self.hip + share * (self.shoulder - self.hip)


def biped_armature(
    mesh: Mesh | None, solid: Solid, interior: Interior, marks: Landmarks, density: Density, *, symmetric: bool
) -> Draft:
    """A draft of the humanoid: trunk, head, arms with fingers, legs. Missing limbs are left out.

    Fingers are finer than the solid: without the mesh they are not looked for.
    """
    draft = Draft(interior, symmetric)
    trunk = _trunk(marks)
    body = _Slices(solid, marks)
    chest = _add_trunk(draft, body, marks, trunk, density)
    for side, arm in ((1, marks.arms[0]), (-1, marks.arms[1])):
        if arm is None or (symmetric and side < 0):
            continue
        hand = Hand((), thumb=False) if density == "few" or mesh is None else find_hand(mesh, arm)
        _add_arm(draft, body, arm, hand, chest, side, density)
    for side in (1,) if symmetric else (1, -1):
        _add_leg(draft, body, trunk, side, density)
    return draft


def _trunk(marks: Landmarks) -> _Trunk:
    roots = [arm.profile.at(arm.trunk)[2] - marks.ground for arm in marks.arms if arm is not None]
    shoulder = float(np.mean(roots)) if roots else 0.78 * marks.height
    hip = HIP_OF_HEIGHT * marks.height + HIP_OF_SHOULDER * shoulder
    if abs(marks.crotch - hip) < CROTCH_TRUST * marks.height:
        seen = HIP_OVER_CROTCH[0] * marks.height + HIP_OVER_CROTCH[1] * shoulder + HIP_OVER_CROTCH[2] * marks.crotch
        hip = (hip + seen) / 2
    return _Trunk(float(np.clip(hip, 0.1 * marks.height, 0.8 * shoulder)), shoulder)


class _Slices:
    """The solid level by level, without the arms."""

    def __init__(self, solid: Solid, marks: Landmarks) -> None:
        self._centres = solid.centres
        self._half = max(0.012, 1.2 * solid.spacing)
        self.ground, self.height = marks.ground, marks.height
        self.crown = marks.crown
        self._parted = marks.crotch
        self._body = np.ones(len(self._centres), bool)
        for arm in marks.arms:
            if arm is not None:
                self._body &= ~_along_arm(self._centres, arm)

    def middle(self, height: float, share: float) -> np.ndarray:
        """The point on the middle line at a height, `share` of the way from the front to the back, (3,)."""
        near = np.abs(self._centres[:, 2] - self.ground - height) < self._half
        near &= np.abs(self._centres[:, 0]) < 0.03
        back = self._centres[near, 1] if near.any() else self._centres[:, 1]
        low, high = float(back.min()), float(back.max())
        return np.array([0.0, low + share * (high - low), self.ground + height])

    def leg(self, height: float, side: int) -> np.ndarray:
        """The middle of one leg at a height, (3,); above the crotch, where the leg would go on to."""
        if 0.5 * height < self._parted < height:
            below = self.leg(0.85 * self._parted, side)
            return np.array([below[0], below[1], self.ground + height])
        near = (np.abs(self._centres[:, 2] - self.ground - height) < self._half) & self._body
        near &= side * self._centres[:, 0] > 0
        if not near.any():
            near = side * self._centres[:, 0] > 0
        x, y = self._centres[near, 0].mean(), self._centres[near, 1].mean()
        return np.array([x, y, self.ground + height])

    def toe_tip(self, side: int, ankle: np.ndarray) -> np.ndarray:
        """The front of the foot, at the height of the sole's middle, (3,)."""
        low = self._centres[:, 2] - self.ground < max(0.05 * self.height, 3 * self._half)
        low &= (side * self._centres[:, 0] > 0) & self._body
        foot = self._centres[low] if low.any() else ankle[None]
        tip = float(foot[:, 1].min())
        front = foot[foot[:, 1] < 0.6 * tip + 0.4 * ankle[1]]
        toes = foot[foot[:, 1] < tip + 0.02]
        return np.array([front[:, 0].mean() if len(front) else ankle[0], tip, toes[:, 2].mean()])


def _along_arm(points: np.ndarray, arm: LimbMarks) -> np.ndarray:
    """Which points (N, 3) lie in the arm's own volume, (N,)."""
    count = max(1, int(0.9 * arm.trunk / arm.profile.step))
    gap, place = KDTree(arm.profile.centre[:count]).query(points)
    return gap < 1.5 * arm.profile.radius[:count][place] + arm.profile.step


def _add_trunk(draft: Draft, body: _Slices, marks: Landmarks, trunk: _Trunk, density: Density) -> int:
    """Hips to head; the number of the chest bone."""
    spine = {
        "few": [PELVIS, SPINE, CHEST],
        "normal": [PELVIS, SPINE, SPINE_1, CHEST],
        "many": [PELVIS, SPINE, 0.34, 0.52, CHEST],
    }[density]
    names = ["hips", "spine", *(f"spine.{k:03d}" for k in range(1, len(spine) - 2)), "chest"]
    joints = [body.middle(trunk.at(share), SPINE_DEPTH) for share in spine]
    neck = min(trunk.at(NECK), 0.93 * marks.height)
    head = min(trunk.at(HEAD), 0.95 * marks.height)
    joints += [body.middle(neck, NECK_DEPTH), body.middle(head, NECK_DEPTH)]
    top = body.middle(marks.height * 0.99, NECK_DEPTH)
    top[1] = joints[-1][1] + 0.5 * (body.crown[1] - joints[-1][1])
    bones = draft.add(np.array([*joints, top]), [*names, "neck", "head"], -1)
    return bones[min(len(spine) - 1, len(bones) - 1)]


def _add_arm(draft: Draft, body: _Slices, arm: LimbMarks, hand: Hand, chest: int, side: int, density: Density) -> None:
    shoulder_at, wrist_at = SHOULDER * arm.trunk, wrist_distance(arm)
    elbow_at = ELBOW * arm.trunk + ELBOW_OF_WRIST * arm.wrist if arm.wrist else ELBOW_ALONE * arm.trunk
    line = [_on_axis(arm.profile, at) for at in (shoulder_at, elbow_at, wrist_at)]
    knuckles = arm.profile.at(0.45 * wrist_at) if hand.fingers else arm.tip
    parent = chest
    if density != "few":
        root = np.array([CLAVICLE_OUT * line[0][0], line[0][1], line[0][2] - CLAVICLE_DROP * body.height])
        parent = draft.add(np.array([root, line[0]]), ["shoulder"], chest, side)[-1]
    forward = np.array([0.0, -1.0, 0.0])
    bones = draft.add(
        np.array([*line, knuckles]),
        ["upper_arm", "forearm", "hand"],
        parent,
        side,
        connected=density != "few",
        salience=1.0,
        flex=forward,
    )
    _add_fingers(draft, hand, bones[-1], side)


def _on_axis(profile: Profile, at: float) -> np.ndarray:
    """The axis of the limb, smoothed over a few slices, (3,)."""
    around = [profile.at(at + shift * profile.step) for shift in (-2, -1, 0, 1, 2)]
    return np.mean(around, axis=0)


def _add_fingers(draft: Draft, hand: Hand, parent: int, side: int) -> None:
    others = len(hand.fingers) - hand.thumb
    names = (("thumb",) if hand.thumb else ()) + OTHER_FINGERS.get(others, ALL_FINGERS)[:others]
    for name, finger in zip(names, hand.fingers, strict=False):
        joints = [_along(finger.points, share) for share in KNUCKLES[name]]
        chain = [f"{name}.{k:02d}" for k in (1, 2, 3)]
        draft.add(np.array([*joints, finger.points[-1]]), chain, parent, side, connected=False, salience=0.9)


def _along(points: np.ndarray, share: float) -> np.ndarray:
    """A point on a polyline (N, 3); negative shares lie straight behind its start."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    run = np.concatenate([[0.0], np.cumsum(steps)])
    if share < 0:
        behind = points[0] - points[min(2, len(points) - 1)]
        return points[0] - share * run[-1] * behind / max(float(np.linalg.norm(behind)), 1e-9)
    return np.array([np.interp(share * run[-1], run, points[:, k]) for k in range(3)])


def _add_leg(draft: Draft, body: _Slices, trunk: _Trunk, side: int, density: Density) -> None:
    knee_height = KNEE_OF_HIP * trunk.hip + KNEE_OF_SHOULDER * trunk.shoulder
    ankle_height = ANKLE * trunk.hip
    thigh = body.leg(0.93 * trunk.hip, side)
    hip = np.array([thigh[0], thigh[1], body.ground + trunk.hip])
    knee = body.leg(min(knee_height, 0.7 * trunk.hip), side)
    ankle = body.leg(max(1.4 * ankle_height, 0.02 * body.height), side)
    ankle[2] = body.ground + ankle_height
    tip = body.toe_tip(side, ankle)
    ball = ankle + TOE_ALONG * (tip - ankle)
    ball[2] = body.ground + TOE_HEIGHT * ankle_height
    ankle = _below_instep(draft.interior, ankle, ball)
    joints, names = [hip, knee, ankle, ball], ["thigh", "shin", "foot"]
    if density != "few":
        joints, names = [*joints, tip], [*names, "toe"]
    draft.add(np.array(joints), names, 0, side, connected=False, salience=1.0)


def _below_instep(interior: Interior, ankle: np.ndarray, ball: np.ndarray) -> np.ndarray:
    """The ankle, lowered as far as it takes for the foot's bone not to leave the shape over the instep."""
    lowered = ankle
    for _ in range(6):
        if interior.share_inside(lowered[None], ball[None])[0] >= WELL_INSIDE:
            return lowered
        lowered = np.array([lowered[0], lowered[1], ball[2] + 0.8 * (lowered[2] - ball[2])])
    return lowered


def biped_certainty(solid: Solid, marks: Landmarks) -> float:
    """How sure it is that the shape is a humanoid, 0..1."""
    left, right = marks.arms
    arms = [arm for arm in marks.arms if arm is not None]
    feet = solid.centres[solid.centres[:, 2] < marks.ground + 0.06 * marks.height]
    if not arms or len(feet) == 0:
        return 0.0
    depth = float(np.quantile(solid.centres[:, 1], 0.98) - np.quantile(solid.centres[:, 1], 0.02))
    stride = float(np.ptp(feet[:, 1]))
    width = float(np.ptp(solid.centres[:, 0]))
    roots = [arm.profile.at(arm.trunk) for arm in arms]
    tips = [float(arm.tip[2] - marks.ground) / marks.height for arm in arms]
    slim = [arm.girth / max(float(arm.profile.area.max()), 1e-9) for arm in arms]
    evidence = [
        1.0 if left is not None and right is not None else 0.6,
        _falling(depth / marks.height, 0.6, 1.1),
        _falling(stride / marks.height, 0.42, 0.65),
        _rising(min(arm.trunk for arm in arms) / max(marks.height, 1e-9), 0.08, 0.2),
        _rising(min(tips), 0.18, 0.3),
        _rising(min(float(root[2] - marks.ground) for root in roots) / marks.height, 0.3, 0.42),
        _falling(max(slim), 0.25, 0.6),
        _falling(max(abs(float(root[1])) for root in roots) / max(depth, 1e-9), 0.35, 0.6),
        _falling(width / marks.height, 2.2, 3.2),
        1.0 if marks.crotch > 0.04 * marks.height else 0.5,
    ]
    return float(np.prod(evidence))


def _rising(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def _falling(value: float, low: float, high: float) -> float:
    return 1.0 - _rising(value, low, high)
