"""Whether the fingers of each hand are all there, each once and side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .notes import Features
from .parts import FINGERS, called
from .placed import PlacedRig

ENOUGH = 3  # fingers from which a hand has an order
WHOLE = 5


@dataclass(frozen=True)
class FingerBones:
    """One chain of a hand."""

    place: int  # into FINGERS
    base: np.ndarray  # (3,)
    tip: np.ndarray  # (3,)
    points: np.ndarray  # (N, 3) its joints and the tip


def about_fingers(rig: PlacedRig, found: Features) -> None:
    """Note the worse hand of the two."""
    hands = {side: fingers_of(rig, side) for side in (1, -1)}
    hands = {side: fingers for side, fingers in hands.items() if fingers}
    if not hands:
        return
    counts = [len(fingers) for fingers in hands.values()]
    fewest = min(hands, key=lambda side: len(hands[side]))
    about = called("hand", fewest)
    found.add("fingers", float(min(counts)), about)
    found.add("fingers missing", float(max(0, WHOLE - min(counts)) if min(counts) >= ENOUGH else np.nan), about)
    found.add("fingers uneven", float(abs(len(fingers_of(rig, 1)) - len(fingers_of(rig, -1)))), about)
    measures = {
        "fingers crossed": (crossings, max),
        "fingers together": (closest, min),
        "thumb astray": (thumb_astray, max),
        "finger lengths": (unlike_lengths, max),
    }
    for name, (measure, worse) in measures.items():
        values = {side: measure(fingers) for side, fingers in hands.items() if len(fingers) >= ENOUGH}
        if values:
            worst = worse(values, key=lambda side: values[side])
            found.add(name, values[worst], called("hand", worst))


def fingers_of(rig: PlacedRig, side: int) -> list[FingerBones]:
    """The fingers of one hand, from the thumb on."""
    made = []
    bones = rig.parts.limbs.get(("fingers", side), np.zeros(0, int))
    for place in range(len(FINGERS)):
        chain = [int(bone) for bone in bones if rig.parts.placed[bone][1] == place]
        if chain:
            points = np.concatenate([rig.armature.heads[chain], rig.armature.tails[chain[-1:]]])
            made.append(FingerBones(place, points[0], points[-1], points))
    return made


def crossings(fingers: list[FingerBones]) -> float:
    """How many pairs of fingers (without the thumb) stand at their base the other way round than at their tips."""
    row = [finger for finger in fingers if finger.place > 0]
    if len(row) < 2:
        return 0.0
    bases, tips = (np.array([getattr(finger, end) for finger in row]) for end in ("base", "tip"))
    across = bases[-1] - bases[0]
    along = (tips - bases).mean(0)
    across = across - (across @ along) * along / max(float(along @ along), 1e-12)
    orders = [
        ends @ across for ends in (bases, tips, np.array([finger.points[len(finger.points) // 2] for finger in row]))
    ]
    wrong = 0
    for i in range(len(row)):
        for j in range(i + 1, len(row)):
            wrong += any(order[j] <= order[i] for order in orders)
    return float(wrong)


def closest(fingers: list[FingerBones]) -> float:
    """The least distance between the outer halves of two fingers, against their mean length: none for duplicates."""
    length = np.mean([_length(finger) for finger in fingers])
    least = np.inf
    for i, one in enumerate(fingers):
        for other in fingers[i + 1 :]:
            count = min(len(one.points), len(other.points)) // 2 or 1
            gaps = np.linalg.norm(one.points[-count:, None] - other.points[None, -count:], axis=2)
            least = min(least, float(gaps.min()))
    return least / max(float(length), 1e-9)


def thumb_astray(fingers: list[FingerBones]) -> float:
    """1 where the thumb springs from nearer to another finger than the first one beside it."""
    if fingers[0].place != 0:
        return 0.0
    away = [float(np.linalg.norm(finger.points[1] - fingers[0].points[0])) for finger in fingers[1:]]
    return float(int(np.argmin(away)) != 0)


def unlike_lengths(fingers: list[FingerBones]) -> float:
    """The longest finger over the shortest, the thumb left out."""
    lengths = [_length(finger) for finger in fingers if finger.place > 0]
    return max(lengths) / max(min(lengths), 1e-9) if lengths else 1.0


def _length(finger: FingerBones) -> float:
    return float(np.linalg.norm(np.diff(finger.points, axis=0), axis=1).sum())
