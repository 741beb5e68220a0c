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
| anything else | `root` or `trunk`, `trunk.lower`; `limb1.L`, `limb1.001.L` ... on creatures, `chain1` ... on objects |
| limbs of limbs | `toe.front.L`, `toe.hind.L`, else the name of the limb and `.tip`: `horn.tip.L` |
"""  # noqa: E501

from __future__ import annotations

SIDES = {1: ".L", -1: ".R", 0: ""}


def numbered(base: str, count: int, first: int = 0) -> list[str]:
    """Names for a chain: `tail`, `tail.001`, ...; `first` is the number of the first."""
    return [base if i == 0 else f"{base}.{i:03d}" for i in range(first, first + count)]


def sided(name: str, side: int) -> str:
    """The name with its side at the end, where Blender looks for it."""
    return name + SIDES[side]


def unique(names: list[str]) -> tuple[str, ...]:
    """The same names, later ones of the same name numbered on (before the side)."""
    taken: set[str] = set()
    result = []
    for name in names:
        base, side = (name[:-2], name[-2:]) if name[-2:] in (".L", ".R") else (name, "")
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
