"""Whether a rig stands and looks as its shape does, and is of its kind."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from ...kinds import Kind
from ..standing.facing import facing_evidence
from .notes import Features
from .parts import LIKE_LEGS
from .placed import UP, PlacedRig

LEAST = 1e-3  # chances are never smaller than this
SIDE_TOLERANCE = 0.005  # bones this near to the middle are on either side
FRONT = "front"
LEGS: dict[Kind, float] = {"biped": 1.0, "quadruped": 2.0, "bird": 1.0, "insect": 3.0}  # pairs
OWNERS: dict[str, tuple[Kind, ...]] = {  # who has such a limb
    "arm": ("biped",),
    "hind leg": ("quadruped",),
    "wing": ("bird",),
    "head": ("biped", "quadruped", "bird", "creature"),
    "tail": ("quadruped", "bird", "fish"),
}


def about_stance(rig: PlacedRig, found: Features) -> None:
    """Note what there is to say."""
    if rig.evidence is not None:
        _kind(rig, found)
        found.add("up", _odds(rig.evidence.up_chance(UP)), "up")
    _upright(rig, found)
    if rig.left is None or rig.forward is None:
        return
    if rig.evidence is not None:
        found.add("front", _odds(rig.evidence.front_chance(UP, rig.forward)), FRONT)
        found.add("front or back", _front_or_back(rig, rig.forward), FRONT)
    _looks(rig, found, rig.left, rig.forward)
    _mirrored(rig, found, rig.left)


def _kind(rig: PlacedRig, found: Features) -> None:
    evidence = rig.evidence
    assert evidence is not None
    kinds = evidence.kinds
    mine, most = kinds.get(rig.parts.kind, 0.0), max(kinds.values())
    found.add(f"kind {rig.parts.kind}", _odds(mine), "kind")
    found.add("kind", np.log(max(mine, LEAST) / most), "kind")
    has = {limb for limb, _ in rig.parts.limbs}
    legs = sum("leg" in limb.split() or bool(LIKE_LEGS.match(limb)) for limb, side in rig.parts.limbs if side) / 2
    found.add("legs expected", sum(kinds.get(kind, 0.0) * count for kind, count in LEGS.items()) - legs, "legs")
    for limb, owners in OWNERS.items():
        chance = sum(kinds.get(kind, 0.0) for kind in owners)
        found.add(f"{limb} expected", chance - float(limb in has), limb)


def _front_or_back(rig: PlacedRig, forward: np.ndarray) -> float:
    """How much likelier it looks there than the other way."""
    assert rig.evidence is not None
    there, away = (rig.evidence.front_chance(UP, way) for way in (forward, -forward))
    return float(np.log(max(there, LEAST) / max(away, LEAST)))


def _odds(chance: float) -> float:
    chance = min(max(chance, LEAST), 1 - LEAST)
    return float(np.log(chance / (1 - chance)))


def _upright(rig: PlacedRig, found: Features) -> None:
    """Heads above, feet below; heights as shares of the shape's."""
    height = rig.surface @ UP
    low, tall = float(height.min()), max(float(np.ptp(height)), 1e-9)
    middles = ((rig.armature.heads + rig.armature.tails) @ UP / 2 - low) / tall
    tips = (rig.armature.tails @ UP - low) / tall
    for limb, places in (("head", middles), ("foot", tips)):
        bones = _bones(rig, limb)
        if len(bones):
            found.add(f"{limb} height", float(places[bones].mean()), limb)


def _looks(rig: PlacedRig, found: Features, left: np.ndarray, forward: np.ndarray) -> None:
    """Feet and heads point forwards, tails backwards; the surface itself tells too."""
    heads, tails = rig.armature.heads, rig.armature.tails
    feet = _bones(rig, "foot")
    if len(feet):
        along = tails[feet] - heads[feet]
        found.add("feet forward", float((along @ forward / _length(along)).mean()), FRONT)
    middle = float(np.mean(rig.solid.centres[rig.cells] @ forward))
    for limb in ("head", "tail", "jaw", "neck"):
        bones = np.flatnonzero([place == limb for place, _ in rig.parts.placed])
        if len(bones):
            ahead = (heads[bones] + tails[bones]) @ forward / 2
            found.add(f"{limb} ahead", (float(ahead.mean()) - middle) / rig.size, FRONT)
    skull = _bones(rig, "head")
    if len(skull):
        along = tails[skull] - heads[skull]
        found.add("head forward", float((along @ forward / _length(along)).mean()), FRONT)
    for limb, first, last in (("arm", 1, 3), ("leg", 1, 3), ("hind leg", 1, 3), ("front leg", 1, 3)):
        bends = [_bend(rig, limb, first, last, side) for side in (1, -1)]
        ahead = [float(bend @ forward) for bend in bends if bend is not None]
        if ahead:
            found.add(f"{limb} bend", float(np.mean(ahead)), FRONT)
    seen = np.stack([rig.surface @ left, -(rig.surface @ forward), rig.surface @ UP], 1) / rig.size
    found.add("surface forward", facing_evidence(seen), FRONT)


def _bend(rig: PlacedRig, limb: str, first: int, last: int, side: int) -> np.ndarray | None:
    """Where the middle joint of a limb lies beside the line between its ends, as a share of that line's length."""
    bones = [rig.parts.first(limb, place, side) for place in (first, first + 1, last)]
    if min(bones) < 0:
        return None
    a, b, c = rig.armature.heads[bones]
    line = c - a
    length = max(float(np.linalg.norm(line)), 1e-9)
    away = b - a
    return (away - (away @ line) * line / length**2) / length


def _mirrored(rig: PlacedRig, found: Features, left: np.ndarray) -> None:
    """Bones on their own side, and the shape itself mirrored in the plane between the sides."""
    sides = rig.parts.sides
    away = ((rig.armature.heads + rig.armature.tails) @ left / 2 - rig.middle) / rig.size
    sided = sides != 0
    found.add("crossed sides", float((sides[sided] * away[sided] < -SIDE_TOLERANCE).mean()), "sides")
    image = rig.surface - 2 * (rig.surface @ left - rig.middle)[:, None] * left
    gap = np.asarray(KDTree(rig.surface).query(image)[0]) / rig.size
    found.add("mirrored surface", float(gap.mean()), "sides")


def _bones(rig: PlacedRig, part: str) -> np.ndarray:
    """The head, or the feet of all legs, (N,)."""
    placed = rig.parts.placed
    if part == "foot":
        return np.flatnonzero([limb in ("leg", "front leg", "hind leg") and place == 3 for limb, place in placed])
    return np.flatnonzero([limb == part for limb, _ in placed])


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)
