"""The learned way to joints: the geometry's bones are completed and moved to where riggers put them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Armature
from ...kinds import Kind
from ...rigging.bones.moved import left_out, made_even, mirrored_pairs, moved
from ...rigging.bones.names import other_side
from ..chances import sigmoid
from ..loader import Ask
from .complete import completed
from .inputs import STEP, Answer, Inputs, Surface, joint_inputs

SURE = 0.016  # expected distance from the truth, in the unit frame, up to which the network's word counts in full
ADD = 0.6  # a bone that it did not find is added from this chance ...
ADD_DOUBT = 0.012  # ... when its expected distance from the truth is below this
LOOK_AGAIN = 0.9  # certainty below which the network looks once more, at what it has made of the armature ...
# ... of these kinds; of others it knows too little to get nearer.
KNOWN_BODIES: tuple[Kind, ...] = ("biped", "quadruped", "fish")
FLIP = np.array([-1.0, 1.0, 1.0], np.float32)


@dataclass(frozen=True)
class Named:
    """What the network made of an armature."""

    armature: Armature
    certainty: float  # 0..1, how much the network had to say: its mean trust over the geometry's joints


def named_armature(
    armature: Armature,
    surface: Surface,
    members: Sequence[Ask],
    locked: np.ndarray | None = None,
    *,
    even: bool = True,
    may_add: bool = True,
) -> Named:
    """`armature` as an artist would have made it. `locked` (B,) bones stay; `even`: both sides mirror each other."""
    made = _improved(armature, surface, members, locked, even=even, may_add=may_add)
    if made.certainty >= LOOK_AGAIN or armature.kind not in KNOWN_BODIES:
        return made
    still = None
    if locked is not None:
        kept = {name for name, stays in zip(armature.names, locked, strict=True) if stays}
        still = np.array([name in kept for name in made.armature.names])
    again = _improved(made.armature, surface, members, still, even=even, may_add=may_add)
    return Named(again.armature, made.certainty)


def _improved(
    armature: Armature,
    surface: Surface,
    members: Sequence[Ask],
    locked: np.ndarray | None,
    *,
    even: bool,
    may_add: bool,
) -> Named:
    """One look and what follows from it."""
    whole = completed(armature)
    start = whole.armature
    given = np.zeros(len(start.names), bool)
    if locked is not None:
        given[: len(locked)] = locked
    answer = agreed([both_ways(start, surface, given, whole.found, ask) for ask in members])
    heads, chance, doubt = answer.heads[0].astype(float), sigmoid(answer.presence[0]), np.exp(answer.doubt[0]) * STEP
    pairs = mirrored_pairs(start.names)
    if even:
        heads, chance, doubt = made_even(heads, pairs), (chance + chance[pairs]) / 2, (doubt + doubt[pairs]) / 2
    # Where the network is unsure, the geometry's place is the better guess; it has none for bones that it did not see.
    trust = np.where(whole.found, np.clip(2 - doubt / SURE, 0.0, 1.0), 1.0)
    heads = start.heads + trust[:, None] * (heads - start.heads)
    heads[given] = start.heads[given]
    dropped = ~whole.found & ((chance < ADD) | (doubt > ADD_DOUBT) | (not may_add))
    dropped = _with_what_hangs_on_nothing(dropped, whole.found, start.parents)
    confidence = np.where(whole.found, start.confidence, np.clip(1 - doubt / ADD_DOUBT, 0.0, 1.0))
    placed = moved(replace(start, confidence=confidence), heads)
    return Named(left_out(placed, dropped), float(trust[whole.found].mean()))


def both_ways(
    armature: Armature,
    surface: Surface,
    given: np.ndarray,
    found: np.ndarray,
    ask: Ask,
) -> Answer:
    """The mean of what the network says about the shape and about its mirror image, so that no side is preferred."""
    seen = joint_inputs(surface, armature, given, found)
    across = joint_inputs(Surface(surface.points * FLIP, surface.normals * FLIP), mirrored(armature), given, found)
    one, other = (Answer(*ask(vars(inputs))) for inputs in (seen, across))
    return Answer(
        (one.heads + other.heads * FLIP) / 2, (one.presence + other.presence) / 2, (one.doubt + other.doubt) / 2
    )


def agreed(answers: Sequence[Answer]) -> Answer:
    """What several networks say together: who expects to be nearer counts for more."""
    share = np.stack([np.exp(-answer.doubt) for answer in answers])
    share /= share.sum(0)
    heads = sum(part[..., None] * answer.heads for part, answer in zip(share, answers, strict=True))
    doubt = sum(part * np.exp(answer.doubt) for part, answer in zip(share, answers, strict=True))
    presence = sum(answer.presence for answer in answers) / len(answers)
    return Answer(np.asarray(heads), np.asarray(presence), np.log(doubt))


def mirrored(armature: Armature) -> Armature:
    """The armature of the mirror image (in x = 0), in the same order."""
    names = tuple(other_side(name) for name in armature.names)
    return replace(armature, names=names, heads=armature.heads * FLIP, tails=armature.tails * FLIP)


def padded(inputs: list[Inputs]) -> Inputs:
    """Several as one, bones filled up to the longest."""
    longest = max(x.heads.shape[1] for x in inputs)

    def grown(value: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
        return np.pad(value, [(0, longest - size if axis in axes else 0) for axis, size in enumerate(value.shape)])

    axes = {"patches": (1,), "facts": (1,), "heads": (1,), "words": (1,), "there": (1,), "hops": (1, 2)}
    values = {
        name: np.concatenate([grown(getattr(x, name), axes.get(name, ())) for x in inputs])
        for name in Inputs.__dataclass_fields__
    }
    return Inputs(**values)


def _with_what_hangs_on_nothing(dropped: np.ndarray, found: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Added bones go when the added bone that they hang on goes."""
    dropped = dropped.copy()
    for bone in np.flatnonzero(~found):
        above = parents[bone]
        if dropped[above] and not found[above]:
            dropped[bone] = True
    return dropped
