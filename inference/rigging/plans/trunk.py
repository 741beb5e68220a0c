"""The trunk of an animal: where spine, neck, head and tail bones go along its centre line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..bodies.limbs import Limb, arc_length
from ..bones.names import numbered
from .chain import at_shares, even_count, place_joints, value_at
from .draft import Draft

SPINE = {"few": 2, "normal": 3, "many": 5}  # bones between hips and chest
NECK_SHARE, HEAD_SHARE = 0.17, 0.63  # of the way from the shoulders to the nose
SHORT_NECK = 0.12  # a neck and head shorter than this get one bone
TAIL_STARTS = 0.55  # a tail begins where the trunk is thinner than this share of the hips
RUMP = 1.3  # or at the latest this many radii behind the hips
SHORT_TAIL = 0.06


@dataclass(frozen=True)
class TrunkBones:
    """Where on the trunk things are, and the bones made for it. Shares run from the tail's tip to the nose."""

    hips: float
    shoulders: float
    head: float  # where the head begins
    spine: list[int]  # bones from the hips forwards; the first is the root, the last the chest
    neck: list[int]
    head_bone: int
    tail: list[int]

    @property
    def pelvis(self) -> int:
        """The bone hind legs hang on."""
        return self.spine[0]

    @property
    def chest(self) -> int:
        """The bone front legs, wings and arms hang on."""
        return self.spine[-1]


def build_trunk(
    draft: Draft, trunk: Limb, hips: float, shoulders: float, density: str, lift: float = 0.0
) -> TrunkBones:
    """Bones along a trunk between the given shares. `lift` raises the spine towards the back, in radii."""
    shoulders = min(shoulders, 0.97)
    hips = float(np.clip(hips, 0.0, shoulders - 0.02))
    line = _raised(draft, trunk, lift, hips, shoulders)
    head_length = (1.0 - shoulders) * arc_length(line)[-1]
    spine_shares = np.linspace(hips, shoulders, SPINE[density] + 1)
    long_neck = head_length > SHORT_NECK
    neck_start = shoulders + NECK_SHARE * (1.0 - shoulders) if long_neck else shoulders
    head_start = shoulders + (HEAD_SHARE if long_neck else 0.35) * (1.0 - shoulders)
    neck_count = {"few": 1, "normal": 2, "many": 3}[density] if long_neck else 1
    neck_length = (head_start - neck_start) * arc_length(line)[-1]
    neck_count = max(1, min(neck_count + int(neck_length > 0.3), int(neck_length / 0.03)))
    names = [*numbered("spine", SPINE[density]), "chest"]
    shares = [*spine_shares, neck_start] if long_neck else spine_shares
    spine = draft.add_line(line, shares, names[: len(shares) - 1], -1)
    neck_shares = np.linspace(neck_start, head_start, neck_count + 1)
    neck = draft.add_line(line, neck_shares, numbered("neck", neck_count), spine[-1], connected=True)
    head = draft.add_line(line, [head_start, 0.985], ["head"], neck[-1], connected=True)
    tail = _build_tail(draft, trunk, hips, spine[0], density)
    return TrunkBones(hips, shoulders, head_start, spine, neck, head[0], tail)


def _raised(draft: Draft, trunk: Limb, lift: float, hips: float, shoulders: float) -> np.ndarray:
    """The centre line, raised at the hips and lowered at the shoulders, as artists lay spines."""
    share = trunk.arc / max(trunk.length, 1e-9)
    ease = np.clip((share - hips + 0.1) / 0.1, 0, 1) * np.clip((shoulders + 0.1 - share) / 0.1, 0, 1)
    fall = np.clip((share - hips) / max(shoulders - hips, 1e-9), 0, 1)
    points = trunk.points.copy()
    points[:, 2] += lift * (1.0 - 2.0 * fall) * ease * trunk.radii
    return points


def _build_tail(draft: Draft, trunk: Limb, hips: float, pelvis: int, density: str) -> list[int]:
    """A chain from the rump to the tail's tip, numbered from the rump."""
    share = trunk.arc / max(trunk.length, 1e-9)
    thick = value_at(trunk.points, trunk.radii, [hips])[0]
    thin = np.flatnonzero((share < hips) & (trunk.radii < TAIL_STARTS * thick))
    rump = hips - RUMP * thick / trunk.length
    start = min(max(share[thin[-1]] if len(thin) else 0.0, rump), hips - 0.04)
    length = start * trunk.length
    if length < SHORT_TAIL:
        return []
    line = at_shares(trunk.points, np.linspace(start, 0.0, 60))
    radii = value_at(trunk.points, trunk.radii, np.linspace(start, 0.0, 60))
    count = even_count(length, float(np.mean(radii)), density)
    shares = place_joints(draft.interior, line, radii, density, least=count, most=count)
    return draft.add_line(line, shares, numbered("tail", count), pelvis, flex=np.array([0.0, 0.0, 1.0]))
