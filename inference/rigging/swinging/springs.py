"""How stiffly each sort of chain swings, and which bones it must not pass through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...anatomy import Armature, Spring
from ..bones.conventions import own_names
from ..bones.names import plain_name, side_of

MARKED = ("tail", "ear", "hair", "antenna", "cloth", "cape", "skirt")  # bones that swing if they are there already
LEGS = ("thigh.L", "thigh.R", "shin.L", "shin.R")
BACK = ("head", "neck", "chest")


@dataclass(frozen=True)
class Manner:
    """How something swings, in the words of VRM."""

    stiffness: float
    gravity: float
    drag: float
    width: float  # of what meets other bones, in lengths of its bones
    around: tuple[str, ...] = ()  # bones that it does not pass through


MANNERS = {
    "hair": Manner(0.9, 0.15, 0.4, 0.12, BACK),
    "skirt": Manner(0.7, 0.25, 0.5, 0.1, LEGS),
    "cape": Manner(0.5, 0.3, 0.4, 0.1, ("hips", "chest", *LEGS)),
    "cloth": Manner(0.6, 0.3, 0.4, 0.1, LEGS),
    "tail": Manner(1.2, 0.0, 0.4, 0.1),
    "ear": Manner(1.6, 0.0, 0.35, 0.1),
    "antenna": Manner(1.4, 0.0, 0.3, 0.05),
}


def spring_of(
    base: str, name: str, bones: tuple[str, ...], armature: Armature, known: dict[str, str], *, added: bool
) -> Spring:
    """The spring of a chain; `known` are the names of bones by what we would call them."""
    manner = MANNERS[base]
    place = [armature.names.index(bone) for bone in bones]
    return Spring(
        name=name,
        bones=bones,
        stiffness=manner.stiffness,
        gravity=manner.gravity,
        drag=manner.drag,
        radius=manner.width * float(np.mean(armature.lengths[place])),
        around=tuple(known[bone] for bone in manner.around if bone in known),
        added=added,
    )


def marked(armature: Armature) -> list[Spring]:
    """Springs for chains that the armature has: tails, ears, and hair or cloth that somebody gave bones."""
    called = own_names(armature.names, armature.parents)
    known = {ours: name for name, ours in called.items()}
    words = [_word(called[name]) for name in armature.names]
    used: set[int] = set()
    springs = []
    for bone, word in enumerate(words):
        above = int(armature.parents[bone])
        if not word or bone in used or (above >= 0 and _same(called, words, armature.names, bone, above)):
            continue
        chain = [bone]
        while True:
            below = [
                int(child)
                for child in np.flatnonzero(armature.parents == chain[-1])
                if _same(called, words, armature.names, int(child), chain[-1])
            ]
            if not below:
                break
            chain.append(below[0])
        used.update(chain)
        names = tuple(armature.names[number] for number in chain)
        springs.append(spring_of(word, names[0], names, armature, known, added=False))
    return springs


def _word(name: str) -> str:
    """What swings of MARKED a bone is, or nothing: `tail.002` is a tail, `hair3.001.L` hair, `fin.tail` is none."""
    start = plain_name(name).split(".")[0].lower().split("_")[0].rstrip("0123456789")
    return start if start in MARKED else ""


def _same(called: dict[str, str], words: list[str], names: tuple[str, ...], first: int, second: int) -> bool:
    """Two bones are of one chain."""
    return words[first] == words[second] and side_of(called[names[first]]) == side_of(called[names[second]])
