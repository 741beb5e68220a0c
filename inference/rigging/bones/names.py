"""What bones are called.

Blender's own conventions: lower case, words joined by `_`, the bones of one chain numbered `tail`, `tail.001`,
`tail.002`, and `.L` or `.R` at the end for the character's left and right.

| where | names |
|---|---|
| trunk of an animal | `spine`, `spine.001` ..., `chest`, `neck`, `neck.001`, `head`, `jaw`, `tail`, `tail.001` ... |
| front leg | `shoulder.L`, `upper_leg.front.L`, `lower_leg.front.L`, `foot.front.L`, `toe.front.L` |
| hind leg | `pelvis.L`, `upper_leg.hind.L`, `lower_leg.hind.L`, `foot.hind.L`, `toe.hind.L` |
| arms and legs of two-legged animals | `shoulder.L`, `upper_arm.L`, `forearm.L`, `hand.L`; `thigh.L`, `shin.L`, `foot.L`, `toe.L` |
| legs of insects | three pairs `leg.front.L`, `leg.front.001.L` ..., `leg.mid.L`, `leg.hind.L`; else `leg1.L`, `leg2.L` ... from the front |
| wings, fins | `wing.L`, `wing.001.L` ..., a second pair `wing2.L`; `fin.L`, `fin.pelvic.L`, `fin.tail.L` |
| on the head | `ear.L`, `ear.001.L`, `horn.L`, `antenna.L`, `jaw`; in the middle of the back `crest` |
| serpents | `spine` ..., `head`, `tail` ..., `jaw` |
| anything else | `root` or `trunk`, `trunk.lower`; `arm.L`, or `limb1.L`, `limb1.001.L` ... on creatures, `chain1` ... on objects |
| helpers | `upper_arm.twist.L`, `forearm.twist.L`, `thigh.twist.L`, `shin.twist.L` |
| limbs of limbs | `toe.front.L`, `toe.hind.L`, else the name of the limb and `.tip`: `horn.tip.L` |
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Container

BOTH_SIDES = (".L", ".R")
_MARKS = {1: ".L", -1: ".R", 0: ""}


def numbered(base: str, count: int, first: int = 0) -> list[str]:
    """Names for a chain: `tail`, `tail.001`, ...; `first` is the number of the first."""
    return [base if i == 0 else f"{base}.{i:03d}" for i in range(first, first + count)]


def sided(name: str, side: int) -> str:
    """The name with its side at the end, where Blender looks for it."""
    return name + _MARKS[side]


def split_side(name: str) -> tuple[str, str]:
    """The name without its side, and `.L`, `.R` or nothing."""
    return (name[:-2], name[-2:]) if name.endswith(BOTH_SIDES) else (name, "")


def sign_of_side(name: str) -> int:
    """1 for the character's left, where +X is; -1 for its right; 0 in the middle."""
    return int(name.endswith(".L")) - int(name.endswith(".R"))


def side_of(name: str) -> str:
    """`L`, `R` or nothing, whether or not Blender has put a number behind the side: `hand.L`, `hand.L.001`."""
    return split_side(name.rstrip("0123456789").rstrip("."))[1][1:]


def other_side(name: str) -> str:
    """The name of the bone across: `hand.L` -> `hand.R`; that of a bone in the middle stays."""
    return split_side(name)[0] + _MARKS[-sign_of_side(name)]


def plain_name(name: str) -> str:
    """Without side and numbers, wherever they are: `tail.002` -> `tail`, `f_index.01.L` -> `f_index`."""
    return ".".join(part for part in name.split(".") if part not in ("L", "R") and not part.isdigit())


def next_free(name: str, taken: Container[str]) -> str:
    """The first free name of the same chain: `forearm.L` -> `forearm.001.L`."""
    side, (stem, _) = side_of(name), split_side(name)
    head, _, number = stem.rpartition(".")
    stem, mark, count = head if head and number.isdigit() else stem, side and f".{side}", 1
    while (free := f"{stem}.{count:03d}{mark}") in taken:
        count += 1
    return free


def unique(names: list[str]) -> tuple[str, ...]:
    """The same names, later ones of the same name numbered on (before the side)."""
    taken: set[str] = set()
    result = []
    for name in names:
        base, side = split_side(name)
        stem, number = base.replace(".bend", ""), 0
        head, dot, digits = stem.rpartition(".")
        if dot and len(digits) == 3 and digits.isdigit():
            stem, number = head, int(digits)
        candidate = (stem if number == 0 else f"{stem}.{number:03d}") + side
        while candidate in taken:
            number += 1
            candidate = f"{stem}.{number:03d}{side}"
        taken.add(candidate)
        result.append(candidate)
    return tuple(result)
