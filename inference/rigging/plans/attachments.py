"""What a humanoid carries beyond two arms, two legs and a head: tail, ears, horns, wings, a trunk."""

from __future__ import annotations

import numpy as np

from ...requests import Density
from ..bodies.limbs import Limb
from ..bodies.traits import Traits
from .draft import Draft
from .extras import build_line

LEAST_REACH: dict[Density, float] = {"few": 0.15, "normal": 0.12, "many": 0.07}
COVERED = 0.035  # a point this near to a bone, beyond the shape around it, belongs to that bone
TOO_FLAT = 3.2  # volume over that of a tube from which it is a brim, a plate or a skirt
MOST_ALIKE = 2  # of one name on one side
STANDS_OUT = 1.5
SLENDER = 2.2  # length over mean radius from which something that sticks out is worth bones


def add_attachments(draft: Draft, traits: Traits, density: Density) -> None:
    """Chains for the limbs that no bone of the draft runs through, each hung on the nearest bone."""
    own = list(range(len(draft.bones)))
    found: list[tuple[Limb, int, str]] = []
    for number, limb in enumerate(traits.body.limbs):
        if number == 0 or limb.loose or (draft.symmetric and limb.side < 0):
            continue
        if limb.reach < LEAST_REACH[density] or not _slender(limb) or traits.flat[number] > TOO_FLAT:
            continue
        if _covered(draft, own, limb):
            continue
        root = limb.points[max(limb.leaves - 1, 0)]
        carrier = draft.nearest(root, limb.side, [b for b in own if draft.bones[b].side in (0, limb.side)])
        name = _name(draft, limb, carrier)
        if name and not any(carried is traits.body.limbs[limb.parent] for carried, _, _ in found):
            found.append((limb, carrier, name))
    for limb, carrier, name in _few_of_each(found):
        build_line(draft, limb, name, carrier, density)


def _few_of_each(found: list[tuple[Limb, int, str]]) -> list[tuple[Limb, int, str]]:
    """Many alike in one place are foliage, hair or frills: keep such a group only where one stands out."""
    kept = []
    for name in dict.fromkeys(name for _, _, name in found):
        alike = sorted((item for item in found if item[2] == name), key=lambda item: (-item[0].reach, item[0].side))
        sides = 1 if all(item[0].side >= 0 for item in alike) else 2
        most = MOST_ALIKE * sides
        if len(alike) <= most:
            kept += alike
        elif alike[sides - 1][0].reach > STANDS_OUT * alike[sides][0].reach:
            kept += alike[:sides]
    return kept


def _slender(limb: Limb) -> bool:
    return limb.length > SLENDER * float(np.mean(limb.radii))


def _covered(draft: Draft, bones: list[int], limb: Limb) -> bool:
    """Whether the outer half of a limb runs along bones that are there."""
    outer = limb.points[len(limb.points) // 2 :]
    radii = limb.radii[len(limb.points) // 2 :]
    mirrored = outer * [-1.0, 1.0, 1.0] if draft.symmetric else outer
    gap = np.full(len(outer), np.inf)
    for number in bones:
        bone = draft.bones[number]
        for points in (outer, mirrored):
            gap = np.minimum(gap, _distance(points, bone.head, bone.tail))
    return bool((gap < COVERED + radii).mean() > 0.5)


def _distance(points: np.ndarray, head: np.ndarray, tail: np.ndarray) -> np.ndarray:
    """Distance of points (N, 3) from a segment, (N,)."""
    span = tail - head
    along = np.clip((points - head) @ span / max(float(span @ span), 1e-12), 0.0, 1.0)
    return np.linalg.norm(points - head - along[:, None] * span, axis=1)


def _name(draft: Draft, limb: Limb, carrier: int) -> str:
    """What a rigger would call something that grows there in that direction; "" for pads, pockets and hems."""
    bone = draft.bones[carrier].name
    way = limb.tip - limb.points[max(limb.leaves - 1, 0)]
    backwards = way[1] > 0.4 * float(np.linalg.norm(way))
    if bone in ("head", "neck"):
        if limb.side:
            return "ear"
        return "hair" if backwards else "trunk" if way[1] < 0 and way[2] <= 0 else "crest"
    if bone in ("hips", "spine", "thigh") and limb.side == 0:
        return "tail"
    if bone in ("chest", "shoulder", "upper_arm") or bone.startswith("spine"):
        return "wing" if limb.side and backwards and limb.reach > 0.15 else ""
    return ""
