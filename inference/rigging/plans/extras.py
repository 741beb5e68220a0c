"""Limbs that are neither trunk nor legs: wings, ears, horns, antennae, fins, and whatever else sticks out."""

from __future__ import annotations

import numpy as np

from ..bodies.limbs import Limb
from ..bodies.traits import FAN, SHEET, Traits, share_on_trunk
from ..bones.names import numbered
from .chain import even_count, place_joints
from .draft import Draft

BONES_MOST = {"few": 2, "normal": 6, "many": 12}
SHORT_LIMB = 0.3  # up to this length a limb gets two bones at normal density
WING_MOST = {"few": 2, "normal": 4, "many": 8}
TINY_LIMB = 0.09  # up to this length one
LIMBS_MOST = {"few": 4, "normal": 10, "many": 30}  # limbs rigged beside trunk, legs and wings; a pair counts once
APART = {"few": 1.2, "normal": 0.8, "many": 0.4}  # tips nearer than this share of the reach belong to one limb
LEAST_BULK = 0.001  # a limb holds this share of the volume, or
CLEAR_REACH = 0.12  # it reaches out this far
LEAST_LOOSE_BULK = 0.01  # a loose part with bones of its own holds this share of the volume
HEAD_BEGINS = 0.75  # what springs this share of the head's length behind it still belongs to it
BROAD_WING = 0.2  # a sheet that reaches out this far is a wing even beside the head
FULL_SALIENCE = 0.12  # a limb that reaches out this far is there beyond doubt


def salience_of(limb: Limb) -> float:
    """How clearly a limb stands out, 0..1."""
    return float(np.clip(min(limb.reach, limb.length) / FULL_SALIENCE, 0.15, 1.0))


def build_line(
    draft: Draft, limb: Limb, name: str, carrier: int, density: str, least: int = 1, most: int = 99
) -> list[int]:
    """A limb as a chain of bones from where it leaves its parent's volume to its tip."""
    start = max(limb.leaves - 1, 0)
    line, radii = limb.points[start:], limb.radii[start:]
    if len(line) < 2:
        line, radii = limb.points[-2:], limb.radii[-2:]
    if len(line) < 2:
        line, radii = np.stack([line[0], line[0] + [0.0, 0.0, 0.02]]), np.repeat(radii, 2)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    slender = length > 8.0 * float(np.mean(radii))
    even = even_count(length, float(np.mean(radii)), density) if slender else 1
    few = BONES_MOST[density] if length > SHORT_LIMB else max(1, BONES_MOST[density] // 3)
    most = 1 if length < TINY_LIMB and density != "many" else min(few, most)
    least = int(np.clip(max(least, even), 1, most))
    shares = place_joints(draft.interior, line, radii, density, least=least, most=most)
    names = numbered(name, len(shares) - 1)
    return draft.add_line(line, shares, names, carrier, limb.side, salience=salience_of(limb))


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
        most = 1 if limb.parent > 0 and density != "many" else (WING_MOST[density] if name.startswith("wing") else 99)
        done[number] = build_line(draft, limb, name, carrier, density, least, most) or among


def worth_bones(traits: Traits, done: set[int], density: str) -> list[int]:
    """The limbs without bones that should get some, parents first: big enough, and not ribs of one sheet."""
    limbs = traits.body.limbs
    chosen: list[int] = []
    order = sorted((i for i in range(len(limbs)) if i not in done), key=lambda i: (-min(limbs[i].reach, 9.0), i))
    for number in order:
        limb = limbs[number]
        carried = limb.parent in done or limb.parent in chosen
        enough = traits.bulk[number] >= (LEAST_LOOSE_BULK if limb.loose else LEAST_BULK)
        rib = limb.parent > 0 and density != "many" and _spans_ribs(traits, limb.parent)
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


def _spans_ribs(traits: Traits, number: int) -> bool:
    """Whether the limbs that spring from a limb are the ribs or the rim of a sheet, which moves with it."""
    return bool(traits.flat[number] > SHEET) or len(traits.body.children(number)) >= FAN


def names_on_animal(traits: Traits, head_share: float, done: dict[int, list[int]]) -> dict[int, str]:
    """What the limbs of an animal that are not legs are called."""
    names: dict[int, str] = {}
    limbs = [(i, limb) for i, limb in enumerate(traits.body.limbs) if i and i not in done]
    on_head = head_share - HEAD_BEGINS * (1.0 - head_share)
    wings = 0
    others = 0
    for number, limb in limbs:
        if limb.parent > 0:
            continue
        share = share_on_trunk(traits.body, limb.points[limb.leaves])
        way = limb.tip - limb.points[limb.leaves]
        if number in traits.wings and (share < on_head or limb.reach > BROAD_WING):
            wings += 1
            names[number] = "wing" if wings == 1 or not traits.body.symmetric else f"wing{wings}"
        elif share >= on_head and not limb.loose:
            names[number] = "ear" if limb.side else ("jaw" if way[2] < 0.3 * abs(way[1]) else "crest")
        elif limb.side == 0:
            names[number] = "crest" if way[2] > 0 else "udder"
        else:
            others += 1
            names[number] = f"limb{others}"
    _tell_horns(traits, [number for number in names if names[number] == "ear"], names)
    middle = float(traits.trunk.points[:, 1].mean())
    for number, limb in limbs:
        if limb.parent > 0:
            foot = "toe.front" if limb.tip[1] < middle else "toe.hind"
            names[number] = f"{names[limb.parent].removesuffix('.tip')}.tip" if limb.parent in names else foot
    return names


def _tell_horns(traits: Traits, ears: list[int], names: dict[int, str]) -> None:
    """Of two or more pairs on the head the flattest are the ears, the others horns; a branching pair is antlers."""
    for number in ears:
        if len(traits.body.children(number)) >= 2:
            names[number] = "horn"
    plain = [number for number in ears if names[number] == "ear"]
    if len(plain) > (1 if traits.body.symmetric else 2):
        flattest = max(plain, key=lambda i: float(traits.flat[i]))
        for number in plain:
            if traits.flat[number] < max(SHEET, 0.8 * traits.flat[flattest]):
                names[number] = "horn"
