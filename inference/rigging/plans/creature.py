"""Bodies of no known plan, serpents and objects: a trunk from its middle both ways, and limbs as they come."""

from __future__ import annotations

import numpy as np

from ...anatomy import Armature
from ..bodies.limbs import arc_length
from ..bodies.traits import Traits, is_compact, is_fan, leg_place, share_on_trunk, slender_limbs
from ..bones.names import numbered
from .chain import at_shares, even_count, place_joints, value_at
from .draft import Draft
from .extras import build_extras
from .finish import finished
from .legs import build_insect_leg

STOUT = 3.6  # a body shorter than this many of its radii is stout
LEGS_MOST = 12  # legs of one side that get bones
PAIRS_NAMED = {3: ("front", "mid", "hind")}
ON_HEAD = 0.8  # what springs from this share of the trunk on belongs to the head
ARM_BEGINS = 0.4  # arms of a body that stands up spring from the upper part of the trunk


def rig_creature(traits: Traits, kind: str, density: str) -> Armature:
    """The armature of any body: its trunk and limbs, named as far as that goes."""
    draft = Draft(traits.interior, traits.body.symmetric)
    trunk = _trunk_both_ways(draft, traits, kind, density)
    done: dict[int, list[int]] = {0: trunk}
    _legs(draft, traits, trunk, done, kind, density)
    build_extras(draft, traits, done, _names(traits, kind, done), trunk, density)
    return finished(draft, kind)


def rig_compact(traits: Traits) -> Armature:
    """One bone, upright through a body that has nothing to bend."""
    draft = Draft(traits.interior, traits.body.symmetric)
    _upright(draft, traits, ["root"])
    return finished(draft, "object")


def rig_serpent(traits: Traits, density: str) -> Armature:
    """A chain of even bones from the tail to the head; the root is the thickest part of the body."""
    draft = Draft(traits.interior, traits.body.symmetric)
    trunk = traits.trunk
    middle = _thickest(traits)
    neck = 1.0 - min(0.12, 2.2 * float(trunk.radii.max()) / trunk.length)
    length = trunk.length
    ahead = even_count((neck - middle) * length, 1.4 * float(trunk.radii.mean()), density)
    behind = even_count(middle * length, 1.4 * float(trunk.radii.mean()), density)
    spine = _chain(draft, traits, middle, neck, ahead, numbered("spine", ahead), -1)
    head = draft.add_line(trunk.points, [neck, 0.99], ["head"], spine[-1], connected=True)
    tail = _chain(draft, traits, middle, 0.0, behind, numbered("tail", behind), spine[0])
    done = {0: [*spine, *head, *tail]}
    names = {i: "jaw" if limb.at > 0.8 * len(trunk.points) else f"chain{i}" for i, limb in enumerate(traits.body.limbs)}
    build_extras(draft, traits, done, names, done[0], density)
    return finished(draft, "serpent")


def _thickest(traits: Traits) -> float:
    """The share of the trunk where the body's middle is: thick, and not near an end."""
    trunk = traits.trunk
    share = trunk.arc / max(trunk.length, 1e-9)
    weight = trunk.radii * (1.0 - 0.6 * np.abs(2 * share - 1))
    return float(np.clip(share[int(np.argmax(weight))], 0.2, 0.6))


def _chain(
    draft: Draft, traits: Traits, start: float, end: float, count: int, names: list[str], parent: int
) -> list[int]:
    trunk = traits.trunk
    at = np.linspace(start, end, 60)
    line, radii = at_shares(trunk.points, at), value_at(trunk.points, trunk.radii, at)
    shares = place_joints(draft.interior, line, radii, "normal", least=count, most=count)
    return draft.add_line(line, shares, names, parent)


def _trunk_both_ways(draft: Draft, traits: Traits, kind: str, density: str) -> list[int]:
    """The root at the thickest part of the trunk, bones forwards and up from it, and bones the other way.

    A thing that stands has its root at its foot: a plant bends and a lamp turns there.
    """
    trunk = traits.trunk
    if kind == "object" and (trunk.length < 0.06 or len(trunk.points) < 3):
        return _lone_root(draft, traits)
    if kind != "object" and (trunk.length < STOUT * float(trunk.radii.max()) + 0.02 or is_compact(traits)):
        return _upright(draft, traits, numbered("spine", {"few": 1, "normal": 3, "many": 4}[density]))
    up_names, down_name = ("spine", "tail") if kind not in ("object",) else ("trunk", "trunk.lower")
    middle = _thickest(traits) if traits.level or kind != "object" else 0.0
    forwards = _free_chain(draft, traits, middle, 1.0, up_names, -1, density)
    backwards = _free_chain(draft, traits, middle, 0.0, down_name, forwards[0], density) if middle > 0.05 else []
    return [*forwards, *backwards]


def _free_chain(
    draft: Draft, traits: Traits, start: float, end: float, name: str, parent: int, density: str
) -> list[int]:
    trunk = traits.trunk
    at = np.linspace(start, end, 60)
    line, radii = at_shares(trunk.points, at), value_at(trunk.points, trunk.radii, at)
    length = float(arc_length(line)[-1])
    if length < 0.03 and parent >= 0:
        return []
    stout = length < 5.0 * float(radii.mean())
    least = max(1, round(length / (0.25 if stout else 0.16) * {"few": 0.6, "normal": 1.0, "many": 1.6}[density]))
    shares = place_joints(draft.interior, line, radii, density, least=least, most=max(least, 8))
    return draft.add_line(line, shares, numbered(name, len(shares) - 1), parent)


def _upright(draft: Draft, traits: Traits, names: list[str]) -> list[int]:
    """A stout body, longer nowhere than wide: an upright chain through its deepest place."""
    bottom, top = traits.interior.column()
    shares = np.linspace(0.03, 0.97, len(names) + 1)[:, None]
    return draft.add(bottom + shares * (top - bottom), names, -1)


def _lone_root(draft: Draft, traits: Traits) -> list[int]:
    """A body without a line to follow: one bone upwards through its deepest place."""
    solid = traits.interior.solid
    if traits.body.symmetric:
        on_plane = np.abs(solid.centres[:, 0]) < 0.75 * solid.spacing
        depth = np.where(on_plane, solid.depth, 0.0) if on_plane.any() else solid.depth
    else:
        depth = solid.depth
    deepest = int(np.argmax(depth))
    centre, radius = solid.centres[deepest], max(float(solid.depth[deepest]), solid.spacing)
    reach = np.array([0.0, 0.0, max(0.8 * radius, 0.006)])
    return draft.add(np.stack([centre - 0.5 * reach, centre + reach]), ["root"], -1)


def _legs(draft: Draft, traits: Traits, trunk: list[int], done: dict[int, list[int]], kind: str, density: str) -> None:
    """Legs of insects, spiders and crabs, counted from the front."""
    sides: dict[int, list[int]] = {}
    for number in traits.legs or (slender_limbs(traits) if kind == "insect" else ()):
        side = sides.setdefault(traits.body.limbs[number].side, [])
        if len(side) < LEGS_MOST:
            side.append(number)
    for legs in sides.values():
        ordered = sorted(legs, key=lambda i: leg_place(traits.body.limbs[i]))
        places = PAIRS_NAMED.get(len(ordered))
        for rank, number in enumerate(ordered):
            leg = traits.body.limbs[number]
            name = f"leg.{places[rank]}" if places else (f"leg{rank + 1}" if len(ordered) > 1 else "leg")
            carrier = draft.nearest(leg.points[max(leg.leaves - 1, 0)], 0, trunk)
            done[number] = build_insect_leg(draft, leg, name, carrier, density, 1.0)


def _names(traits: Traits, kind: str, done: dict[int, list[int]]) -> dict[int, str]:
    """The best word for each limb without bones; alike ones are counted: wing, wing2; limb1, limb2 where none fits."""
    names: dict[int, str] = {}
    counts: dict[str, int] = {}
    for number, limb in enumerate(traits.body.limbs):
        if number in done:
            continue
        if limb.parent in names:
            names[number] = f"{names[limb.parent].removesuffix('.tip')}.tip"
            continue
        word = "chain" if kind == "object" else _word(traits, kind, number)
        count = counts[word] = counts.get(word, 0) + 1
        alone = word in ("antenna", "horn", "jaw", "crest") or (count == 1 and word not in ("chain", "limb"))
        names[number] = word if alone else f"{word}{count}"
    return names


def _word(traits: Traits, kind: str, number: int) -> str:
    """What the place and the direction of a creature's limb make of it."""
    limb = traits.body.limbs[number]
    y = traits.trunk.points[:, 1]
    way = limb.tip - limb.points[limb.leaves]
    share = share_on_trunk(traits.body, limb.points[limb.leaves])
    if number in traits.wings or is_fan(traits, number):
        return "wing"
    if limb.parent > 0 or limb.loose:
        return "limb"
    if kind == "insect" and limb.side != 0 and limb.points[limb.leaves, 1] < y.min() + 0.35 * np.ptp(y):
        return "antenna"
    if share > ON_HEAD:
        upwards = bool(way[2] > 0.3 * abs(way[1]))
        return ("horn" if upwards else "limb") if limb.side else ("crest" if upwards else "jaw")
    if limb.side and not traits.level and share > ARM_BEGINS and way[2] < 0:
        return "arm"
    return "limb"
