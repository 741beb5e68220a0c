"""Names after a turn: what was left may be in front, what was in front behind, what was a leg an arm.

A limb stands somewhere seen from the middle of the body: to the left or right, in front or behind, above or below. Its
name says where, in three ways: by its end (`.L`, `.front`), by a number counted from the front (`leg2`), or by what it
is called (arms are above legs). So a turn of the body turns these places, and the names are read off again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .names import sided, sign_of_side, split_side

FORE = {"front": 1.0, "mid": 0.0, "hind": -1.0}
ARM = ("shoulder", "upper_arm", "forearm", "hand", "hand")
LEG = ("pelvis", "thigh", "shin", "foot", "toe")
ON_FOUR = (None, "upper_leg", "lower_leg", "foot", "toe")  # girdles are called as those of arms and legs
RANKED = re.compile(r"(leg|limb|wing)(\d*)$")
NOWHERE = 0.5  # a place nearer to the middle than this is neither before nor behind it


@dataclass(frozen=True)
class Stance:
    """Axes of a body (rows: left, forward, up) and where its trunk leads, all as unit vectors in one frame."""

    left: np.ndarray
    forward: np.ndarray
    up: np.ndarray
    trunk: np.ndarray  # one of the axes: from the hips to the head

    @property
    def upright(self) -> bool:
        """The head is above the hips, or below."""
        return abs(float(self.trunk @ self.up)) > NOWHERE

    @property
    def across(self) -> bool:
        """The trunk leads from side to side."""
        return abs(float(self.trunk @ self.left)) > NOWHERE


@dataclass(frozen=True)
class Mark:
    """A name taken apart."""

    stem: str  # "upper_leg", "fin.pelvic", "leg"
    number: str  # along the chain: "001", or nothing
    side: int
    fore: float | None  # of `.front`, `.mid` and `.hind`
    rank: int  # of `leg2`: 2; 0 where the stem has none


def mark_of(name: str) -> Mark:
    """Take a name apart."""
    base, _ = split_side(name)
    words = base.split(".")
    number = words.pop() if len(words) > 1 and words[-1].isdigit() else ""
    fore = next((FORE[word] for word in words if word in FORE), None)
    stem = ".".join(word for word in words if word not in FORE)
    ranked = RANKED.match(stem)
    if ranked is None or fore is not None:
        return Mark(stem, number, sign_of_side(name), fore, 0)
    return Mark(ranked[1], number, sign_of_side(name), None, int(ranked[2] or 1))


def names_in(names: Sequence[str], before: Stance, after: Stance) -> list[str]:
    """The same bones, called by where they are seen from a body that stands as `after`; not yet unique."""
    marks = [mark_of(name) for name in names]
    on_four = any(mark.stem == "upper_leg" for mark in marks)
    arms, legs = (any(mark.stem == part for mark in marks) for part in ("upper_arm", "thigh"))
    most: dict[str, int] = defaultdict(int)
    for mark in marks:
        most[mark.stem] = max(most[mark.stem], mark.rank)
    places = [_place(mark, before, most[mark.stem], on_four=on_four) for mark in marks]
    seen = np.array([[place @ axis for axis in (after.left, after.forward, after.up)] for place in places])
    tipped = abs(float(before.forward @ after.up)) > NOWHERE  # counted as before: nobody knows from where else
    ranks = _ranks(marks, seen, most, 1 if tipped else round(float(before.forward @ after.forward)))
    four = (on_four or (arms and legs)) and not after.upright
    named = []
    for mark, (left, ahead, above), rank in zip(marks, seen, ranks, strict=True):
        side = int(np.sign(left)) if abs(left) > NOWHERE / 2 else 0
        stem, fore = mark.stem, ""
        segment = _segment(mark, on_four=on_four)
        if segment is not None:
            stem, fore = _limb_name(mark.stem, segment, ahead, above, after, four=four)
        elif rank:
            stem = stem if rank == 1 and mark.stem == "wing" else f"{stem}{rank}"
        elif mark.fore is not None:
            fore = _fore_word(mark.fore if tipped else ahead)
        if not side and not fore and not rank and abs(ahead) > NOWHERE:  # what was at a side is before or behind now
            fore = _fore_word(ahead)
        words = [word for word in (stem, fore, mark.number) if word]
        named.append(sided(".".join(words), side))
    return named


def _place(mark: Mark, stance: Stance, most: int, *, on_four: bool) -> np.ndarray:
    """Where a bone's limb is seen from the middle."""
    place = mark.side * stance.left
    segment = _segment(mark, on_four=on_four)
    if segment is not None:
        return place + (1.0 if _of_head_end(mark) else -1.0) * stance.trunk
    if mark.fore is not None:
        return place + mark.fore * stance.forward
    return place + ((most + 1) / 2 - mark.rank) * stance.forward if mark.rank else place


def _segment(mark: Mark, *, on_four: bool) -> int | None:
    """Which part of an arm or leg it is, from the trunk on; None for other bones."""
    if on_four and mark.fore and mark.stem in ON_FOUR:
        return ON_FOUR.index(mark.stem)
    for part in (ARM, LEG):
        if mark.stem in part and (mark.side or mark.fore is not None):
            return part.index(mark.stem)
    return None


def _of_head_end(mark: Mark) -> bool:
    return mark.stem in ARM or (mark.stem in ON_FOUR and mark.fore == 1.0)


def _limb_name(stem: str, segment: int, ahead: float, above: float, after: Stance, *, four: bool) -> tuple[str, str]:
    """What a bone of an arm or leg is called, and whether `.front` or `.hind` belongs to it."""
    if after.upright:
        return (ARM if above > 0 else LEG)[segment], ""
    if not four:
        return stem, ""
    word = ON_FOUR[segment]
    if word is None:
        return (ARM if ahead > 0 else LEG)[segment], ""
    return word, _fore_word(ahead)


def _fore_word(ahead: float) -> str:
    return "mid" if abs(ahead) <= NOWHERE else "front" if ahead > 0 else "hind"


def _ranks(marks: Sequence[Mark], seen: np.ndarray, most: dict[str, int], same_way: int) -> list[int]:
    """New numbers of limbs that are counted from the front; 0 for other bones.

    `same_way`: 1 or -1 where they are still counted along the same line, forth or back.
    """
    if same_way:
        return [mark.rank and (mark.rank if same_way > 0 else most[mark.stem] + 1 - mark.rank) for mark in marks]
    keys = [
        (mark.stem, int(np.sign(round(left, 3))), -round(ahead, 3), abs(round(left, 3)))
        for mark, (left, ahead, _) in zip(marks, seen.tolist(), strict=True)
    ]
    order = sorted({key for mark, key in zip(marks, keys, strict=True) if mark.rank})
    sides = {key: [other for other in order if other[:2] == key[:2]] for key in order}
    return [mark.rank and 1 + sides[key].index(key) for mark, key in zip(marks, keys, strict=True)]
