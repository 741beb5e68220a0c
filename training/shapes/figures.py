"""Plain figures with limbs, for tests and for timing: a person in A-pose and a horned four-legged creature.

Z up, facing -Y, left at +X, mirror-symmetric in x = 0, about one unit large.
"""

from __future__ import annotations

import numpy as np

from .making.implicit import Sticks

PERSON = {
    "pelvis": ((0, 0, 0.50), 0.075, None),
    "chest": ((0, 0, 0.70), 0.085, "pelvis"),
    "neck": ((0, 0, 0.82), 0.035, "chest"),
    "head": ((0, -0.01, 0.92), 0.07, "neck"),
    "shoulder": ((0.12, 0, 0.76), 0.042, "chest"),
    "elbow": ((0.24, 0.01, 0.62), 0.030, "shoulder"),
    "wrist": ((0.34, -0.01, 0.50), 0.022, "elbow"),
    "fingers": ((0.39, -0.02, 0.43), 0.016, "wrist"),
    "hip": ((0.07, 0, 0.47), 0.060, "pelvis"),
    "knee": ((0.085, -0.01, 0.26), 0.042, "hip"),
    "ankle": ((0.095, 0.01, 0.05), 0.028, "knee"),
    "toes": ((0.10, -0.10, 0.025), 0.022, "ankle"),
}
FINGERS = {"index": -0.030, "middle": -0.008, "ring": 0.014, "pinky": 0.034}  # how far back each one lies
PERSON_WITH_HANDS = {
    **{name: PERSON[name] for name in ("pelvis", "chest", "neck", "head", "hip", "knee", "ankle", "toes")},
    "shoulder": ((0.12, 0, 0.76), 0.040, "chest"),
    "elbow": ((0.28, 0.005, 0.76), 0.030, "shoulder"),
    "wrist": ((0.42, 0, 0.76), 0.020, "elbow"),
    "palm": ((0.46, 0, 0.76), 0.024, "wrist"),
    "thumb": ((0.51, -0.085, 0.755), 0.009, "palm"),
    **{f"{name} knuckle": ((0.485, back, 0.76), 0.010, "palm") for name, back in FINGERS.items()},
    **{f"{name} tip": ((0.555, 1.25 * back, 0.76), 0.008, f"{name} knuckle") for name, back in FINGERS.items()},
}
CREATURE = {
    "rump": ((0, 0.32, 0.50), 0.11, None),
    "chest": ((0, -0.14, 0.52), 0.12, "rump"),
    "neck": ((0, -0.32, 0.70), 0.06, "chest"),
    "skull": ((0, -0.38, 0.80), 0.065, "neck"),
    "snout": ((0, -0.50, 0.76), 0.038, "skull"),
    "horn": ((0.09, -0.36, 0.93), 0.014, "skull"),
    "tail root": ((0, 0.46, 0.52), 0.03, "rump"),
    "tail tip": ((0, 0.60, 0.30), 0.018, "tail root"),
    "shoulder": ((0.10, -0.16, 0.44), 0.060, "chest"),
    "elbow": ((0.11, -0.14, 0.22), 0.035, "shoulder"),
    "paw": ((0.11, -0.17, 0.03), 0.032, "elbow"),
    "hip": ((0.10, 0.32, 0.44), 0.070, "rump"),
    "knee": ((0.11, 0.28, 0.23), 0.038, "hip"),
    "hind paw": ((0.11, 0.32, 0.03), 0.032, "knee"),
}

Plan = dict[str, tuple[tuple[float, float, float], float, str | None]]


def person() -> Sticks:
    """Two arms, two legs, a head."""
    return _mirrored(PERSON)


def person_with_hands() -> Sticks:
    """In T-pose, with five fingers on each hand."""
    return _mirrored(PERSON_WITH_HANDS)


def creature() -> Sticks:
    """Four legs, a tail, a snout, two horns."""
    return _mirrored(CREATURE)


def _mirrored(plan: Plan) -> Sticks:
    """Points off the middle plane are made twice."""
    points: list[np.ndarray] = []
    radii: list[float] = []
    edges: list[tuple[int, int]] = []
    place: dict[tuple[str, int], int] = {}
    for name, (where, radius, parent) in plan.items():
        for side in (1, -1) if where[0] else (0,):
            place[name, side] = len(points)
            points.append(np.array(where) * [side or 1, 1, 1])
            radii.append(radius)
            if parent is not None:
                edges.append((place.get((parent, side), place.get((parent, 0), -1)), place[name, side]))
    return Sticks(np.array(points), np.array(radii), np.array(edges, np.int32))
