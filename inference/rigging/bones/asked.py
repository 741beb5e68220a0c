"""How many bones of each sort a rigger wants, done to an armature that is otherwise ready."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from ...anatomy import Armature
from ...requests import RigOptions
from .moved import left_out
from .names import BOTH_SIDES, numbered, plain_name, sign_of_side, split_side, unique
from .rolls import bone_rolls

FINGERS_BY_RANK = ("thumb", "f_index", "f_middle", "f_ring", "f_pinky")  # from the thumb on
FEWER_FINGERS = {  # which of them a hand with so many fingers keeps: those that grip best
    0: (),
    1: ("f_index",),
    2: ("thumb", "f_index"),
    3: ("thumb", "f_index", "f_pinky"),
    4: ("thumb", "f_index", "f_middle", "f_pinky"),
}


def as_asked(armature: Armature, options: RigOptions, kept: tuple[str, ...] = ()) -> Armature:
    """At most the fingers, toes, eyes and jaw that are wanted, and so many bones in spine and neck. `kept` stay."""
    unwanted = {word for word, wish in (("eye", options.eyes), ("jaw", options.jaw)) if wish == "off"}
    fingers = _unwanted_fingers(armature, options)
    dropped = np.array(
        [
            name not in kept
            and (
                plain_name(name) in unwanted
                or (options.toes == "off" and plain_name(name).startswith("toe"))
                or _finger_of(name) in fingers
            )
            for name in armature.names
        ]
    )
    armature = left_out(armature, dropped)
    for word, wanted in (("spine", options.spine), ("neck", options.neck)):
        if wanted != "auto":
            armature = _rechained(armature, word, int(wanted), kept)
    return armature


def _unwanted_fingers(armature: Armature, options: RigOptions) -> set[tuple[str, str]]:
    """Fingers of each hand beyond the wanted number, as name and side."""
    if options.fingers == "auto":
        return set()
    wanted, unwanted = int(options.fingers), set[tuple[str, str]]()
    for side in (*BOTH_SIDES, ""):
        there = [f for f in FINGERS_BY_RANK if any(_finger_of(name) == (f, side) for name in armature.names)]
        if len(there) > wanted:
            best = [f for f in FEWER_FINGERS[wanted] if f in there]
            best += [f for f in there if f not in best]
            unwanted |= {(finger, side) for finger in there if finger not in best[:wanted]}
    return unwanted


def _finger_of(name: str) -> tuple[str, str]:
    """The finger that a bone belongs to, and its side; nothing for all other bones."""
    word = plain_name(name)
    return (word, split_side(name)[1]) if word in FINGERS_BY_RANK else ("", "")


def _rechained(armature: Armature, word: str, wanted: int, kept: tuple[str, ...]) -> Armature:
    """The chain of that name in the middle with `wanted` bones along the same line, what hung on it on the nearest."""
    chain = [bone for bone, name in enumerate(armature.names) if plain_name(name) == word and not sign_of_side(name)]
    unbroken = all(armature.parents[b] == a for a, b in itertools.pairwise(chain))
    if not chain or not unbroken or len(chain) == wanted or any(armature.names[bone] in kept for bone in chain):
        return armature
    line = np.concatenate([armature.heads[chain[:1]], armature.tails[chain]])  # (K + 1, 3)
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0.0, run[-1], wanted + 1)
    joints = np.stack([np.interp(at, run, axis) for axis in line.T], axis=1)
    return _with_chain(armature, chain, joints, numbered(word, wanted))


def _with_chain(armature: Armature, chain: list[int], joints: np.ndarray, names: list[str]) -> Armature:
    """The armature with the bones of `chain` replaced by those between `joints` (K + 1, 3)."""
    count, first = len(names), chain[0]
    rest = [bone for bone in range(len(armature.names)) if bone not in chain]
    before = [bone for bone in rest if bone < first]
    after = [bone for bone in rest if bone > first]
    like = [chain[min(k * len(chain) // count, len(chain) - 1)] for k in range(count)]
    order = [*before, *like, *after]  # what each new bone is like
    place = {bone: k for k, bone in enumerate(before)} | {bone: len(before) + count + k for k, bone in enumerate(after)}

    def above(bone: int) -> int:
        parent = int(armature.parents[bone])
        if parent not in chain:
            return place.get(parent, -1)
        end = len(before) + count - 1
        if armature.connected[bone] and parent == chain[-1]:
            return end
        gap = np.linalg.norm(joints[1:] - armature.heads[bone], axis=1)
        return len(before) + int(np.argmin(gap)) if parent != chain[0] or bone in chain else len(before)

    parents = [above(bone) for bone in before]
    parents += [above(first) if k == 0 else len(before) + k - 1 for k in range(count)]
    parents += [above(bone) for bone in after]
    heads, tails = armature.heads[order].copy(), armature.tails[order].copy()
    made = slice(len(before), len(before) + count)
    heads[made], tails[made] = joints[:-1], joints[1:]
    connected = armature.connected[order].copy()
    connected[made] = [bool(armature.connected[first]), *[True] * (count - 1)]
    rolls = armature.rolls[order].copy()
    fresh = bone_rolls(heads, tails, np.array(parents))
    rolls[made] = fresh[made]
    new = [armature.names[bone] for bone in order]
    new[made] = names
    return replace(
        armature,
        names=unique(new),
        parents=np.array(parents, np.int32),
        heads=heads,
        tails=tails,
        rolls=rolls,
        connected=connected,
        confidence=armature.confidence[order],
        deform=armature.deform[order],
        radii=armature.radii[order],
    )
