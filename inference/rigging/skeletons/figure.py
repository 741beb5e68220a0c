"""The person that the built-in skeletons are drawn for: joints of ordinary proportions, standing in T-pose."""

from __future__ import annotations

import numpy as np

from ...anatomy import Armature, Symmetry
from ..bones.hinges import FINGERS, with_natural_rolls
from ..bones.names import numbered

Point = tuple[float, float, float]
# bone, the bone above, where it starts and where it ends; metres, canonical frame
_MIDDLE: tuple[tuple[str, str, Point, Point], ...] = (
    ("hips", "", (0.0, 0.0, 0.98), (0.0, 0.0, 1.08)),
    ("spine", "hips", (0.0, 0.0, 1.08), (0.0, 0.01, 1.2)),
    ("spine.001", "spine", (0.0, 0.01, 1.2), (0.0, 0.02, 1.32)),
    ("chest", "spine.001", (0.0, 0.02, 1.32), (0.0, 0.04, 1.48)),
    ("neck", "chest", (0.0, 0.04, 1.48), (0.0, 0.02, 1.58)),
    ("head", "neck", (0.0, 0.02, 1.58), (0.0, 0.02, 1.78)),
)
_LEFT: tuple[tuple[str, str, Point, Point], ...] = (
    ("shoulder", "chest", (0.05, 0.03, 1.45), (0.18, 0.04, 1.45)),
    ("upper_arm", "shoulder", (0.18, 0.04, 1.45), (0.45, 0.04, 1.45)),
    ("forearm", "upper_arm", (0.45, 0.04, 1.45), (0.7, 0.04, 1.45)),
    ("hand", "forearm", (0.7, 0.04, 1.45), (0.79, 0.04, 1.45)),
    ("thumb.01", "hand", (0.73, 0.02, 1.44), (0.76, -0.01, 1.43)),
    ("thumb.02", "thumb.01", (0.76, -0.01, 1.43), (0.785, -0.035, 1.42)),
    ("thumb.03", "thumb.02", (0.785, -0.035, 1.42), (0.81, -0.055, 1.42)),
    ("thigh", "hips", (0.09, 0.0, 0.93), (0.09, -0.005, 0.51)),
    ("shin", "thigh", (0.09, -0.005, 0.51), (0.09, 0.02, 0.1)),
    ("foot", "shin", (0.09, 0.02, 0.1), (0.09, -0.11, 0.02)),
    ("toe", "foot", (0.09, -0.11, 0.02), (0.09, -0.18, 0.02)),
)
_FINGERS = {  # of each: where its knuckle is across the hand, and how long its bones are
    "f_index": (0.01, (0.04, 0.025, 0.022)),
    "f_middle": (0.035, (0.045, 0.028, 0.024)),
    "f_ring": (0.06, (0.042, 0.026, 0.023)),
    "f_pinky": (0.08, (0.034, 0.02, 0.02)),
}
_KNUCKLES, _PALM = 0.79, 1.45


def figure(*, necks: int = 1) -> Armature:
    """The person under our names, with all fingers and so many bones in the neck; rolls by the house's convention."""
    rows = [*_MIDDLE[:4], *_neck(necks)]
    for mark, sign in ((".L", 1.0), (".R", -1.0)):
        side = [*_LEFT, *(row for stem in FINGERS for row in _finger(stem))]
        own = {row[0] for row in side}
        rows += [
            (name + mark, above + mark if above in own else above, _mirrored(head, sign), _mirrored(tail, sign))
            for name, above, head, tail in side
        ]
    names = tuple(row[0] for row in rows)
    parents = np.array([names.index(row[1]) if row[1] else -1 for row in rows], np.int32)
    heads, tails = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
    count = len(rows)
    made = Armature(
        names,
        parents,
        heads,
        tails,
        np.zeros(count),
        (parents >= 0) & (tails[np.maximum(parents, 0)] == heads).all(1),
        np.ones(count),
        np.ones(count, bool),
        np.zeros((count, 2)),
        "biped",
        Symmetry(np.array([1.0, 0.0, 0.0]), 0.0),
    )
    return with_natural_rolls(made)


def _neck(count: int) -> list[tuple[str, str, Point, Point]]:
    """The neck cut into so many bones, and the head on it."""
    (_, above, start, end), (head, _, low, high) = _MIDDLE[4:]
    cuts = [tuple(np.array(start) + k / count * (np.array(end) - start)) for k in range(count + 1)]
    names = numbered("neck", count)
    bones = zip(names, (above, *names), cuts, cuts[1:], strict=False)
    return [*bones, (head, names[-1], low, high)]


def _finger(stem: str) -> list[tuple[str, str, Point, Point]]:
    across, lengths = _FINGERS[stem]
    along = _KNUCKLES + np.concatenate([[0.0], np.cumsum(lengths)])
    return [
        (
            f"{stem}.{k + 1:02d}",
            "hand" if k == 0 else f"{stem}.{k:02d}",
            (float(along[k]), across, _PALM),
            (float(along[k + 1]), across, _PALM),
        )
        for k in range(3)
    ]


def _mirrored(point: Point, sign: float) -> Point:
    return (sign * point[0], point[1], point[2])
