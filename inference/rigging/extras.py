"""Limbs that are neither trunk nor legs: wings, ears, horns, antennae, fins, and whatever else sticks out."""

from __future__ import annotations

import numpy as np

from .chain import even_count, place_joints
from .draft import Draft
from .limbs import Limb
from .name import numbered
from .traits import SHEET, Traits

BONES_MOST = {"few": 2, "normal": 6, "many": 12}
SHORT_LIMB = 0.3  # up to this length a limb gets two bones at normal density
LIMBS_MOST = {"few": 4, "normal": 10, "many": 30}  # limbs rigged beside trunk, legs and wings; a pair counts once
APART = {"few": 1.2, "normal": 0.8, "many": 0.4}  # tips nearer than this share of the reach belong to one limb
LEAST_BULK = 0.001  # a limb holds this share of the flesh, or
CLEAR_REACH = 0.12  # it reaches out this far
LEAST_LOOSE_BULK = 0.01  # a loose part with bones of its own holds this share of the flesh
FULL_SALIENCE = 0.12  # a limb that reaches out this far is there beyond doubt


def salience_of(limb: Limb) -> float:
    """How clearly a limb stands out, 0..1."""
    return float(np.clip(min(limb.reach, limb.length) / FULL_SALIENCE, 0.15, 1.0))


def build_line(
    draft: Draft, limb: Limb, name: str, carrier: int, density: str, least: int = 1, flex: np.ndarray | None = None
) -> list[int]:
    """A limb as a chain of bones from where it leaves its parent's flesh to its tip."""
    start = max(limb.leaves - 1, 0)
    line, radii = limb.points[start:], limb.radii[start:]
    if len(line) < 2:
        line, radii = limb.points[-2:], limb.radii[-2:]
    if len(line) < 2:
        line, radii = np.stack([line[0], line[0] + [0.0, 0.0, 0.02]]), np.repeat(radii, 2)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    slender = length > 8.0 * float(np.mean(radii))
    even = even_count(length, float(np.mean(radii)), density) if slender else 1
    most = BONES_MOST[density] if length > SHORT_LIMB else max(1, BONES_MOST[density] // 3)
    least = int(np.clip(max(least, even), 1, most))
    shares = place_joints(line, radii, density, least=least, most=most)
    names = numbered(name, len(shares) - 1)
    return draft.add_line(line, shares, names, carrier, limb.side, salience=salience_of(limb), flex=flex)


def build_extras(
    draft: Draft, traits: Traits, done: dict[int, list[int]], namer: dict[int, str], carriers: list[int], density: str
) -> None:
    """Bones for all limbs that have none yet, each hung on the nearest bone of the limb that carries it.

    `done` maps limbs to their bones and grows; `namer` maps limbs to names; `carriers` are the trunk's bones.
    """
    for number in worth_bones(traits, set(done), density):
        limb = traits.body.limbs[number]
        among = done.get(limb.parent) or carriers
        same_side = [bone for bone in among if draft.bones[bone].side in (0, limb.side)] or carriers
        carrier = draft.nearest(limb.points[max(limb.leaves - 1, 0)], limb.side, same_side)
        name = namer.get(number) or f"limb{number}"
        least = 2 if name.startswith("wing") and density != "few" else 1
        done[number] = build_line(draft, limb, name, carrier, density, least) or among


def worth_bones(traits: Traits, done: set[int], density: str) -> list[int]:
    """The limbs without bones that should get some, parents first: big enough, and not ribs of one sheet."""
    limbs = traits.body.limbs
    chosen: list[int] = []
    order = sorted((i for i in range(len(limbs)) if i not in done), key=lambda i: (-min(limbs[i].reach, 9.0), i))
    for number in order:
        limb = limbs[number]
        carried = limb.parent in done or limb.parent in chosen
        enough = traits.bulk[number] >= (LEAST_LOOSE_BULK if limb.loose else LEAST_BULK)
        rib = limb.parent > 0 and traits.flat[limb.parent] > SHEET and density != "many"
        near = any(
            np.linalg.norm(limb.tip - limbs[other].tip) < APART[density] * limb.reach
            for other in [*chosen, *(i for i in done if i > 0)]
            if limbs[other].side == limb.side
        )
        if carried and not rib and not near and (enough or (limb.reach > CLEAR_REACH and not limb.loose)):
            chosen.append(number)
        if len(chosen) == LIMBS_MOST[density]:
            break
    return sorted(chosen)


def names_on_animal(traits: Traits, head_share: float, done: dict[int, list[int]]) -> dict[int, str]:
    """What the limbs of an animal that are not legs are called."""
    names: dict[int, str] = {}
    ears: list[int] = []
    count = 0
    shares = traits.trunk.arc / max(traits.trunk.length, 1e-9)
    for number, limb in enumerate(traits.body.limbs):
        if number in done or number == 0:
            continue
        if limb.parent > 0:
            carried = names.get(limb.parent, "")
            names[number] = {"ear": "horn.tine", "wing": "wing.finger"}.get(
                carried.split(".")[0], f"{carried or 'toe'}.tip"
            )
            continue
        on_head = shares[limb.at] >= head_share and not limb.loose
        way = limb.tip - limb.points[limb.leaves]
        if on_head and limb.side != 0:
            names[number] = "ear"
            ears.append(number)
        elif on_head:
            names[number] = "jaw" if way[2] < 0.3 * abs(way[1]) else "crest"
        elif number in traits.wings and limb.reach > 0.15:
            names[number] = "wing"
        elif limb.side == 0:
            names[number] = "crest" if way[2] > 0 else "udder"
        else:
            count += 1
            names[number] = f"limb{count}"
    _tell_horns(traits, ears, names)
    return names


def _tell_horns(traits: Traits, ears: list[int], names: dict[int, str]) -> None:
    """Of two or more pairs on the head the flattest are the ears, the others horns; a branching pair is antlers."""
    for number in ears:
        if traits.body.children(number):
            names[number] = "horn"
    plain = [number for number in ears if names[number] == "ear"]
    if len(plain) > (1 if traits.body.symmetric else 2):
        flattest = max(plain, key=lambda i: float(traits.flat[i]))
        for number in plain:
            if traits.flat[number] < max(SHEET, 0.8 * traits.flat[flattest]):
                names[number] = "horn"
