"""What the joints network is shown: an armature and the surface around it, as arrays of fixed meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.spatial import KDTree

from ...anatomy import Armature
from ...kinds import Kind
from ...rigging.bones.names import sign_of_side, split_side

STEP = 0.05  # one unit of the network's answer, in the unit frame
HOPS = 8  # distances along the skeleton that are told apart
FACTS = 21  # numbers that describe a bone
PATCH_FACTS = 7  # numbers of a surface point near a joint: where, which way its surface looks, how far
TOKENS = 192
AROUND = 16  # points a token is made of
SPREAD = 1024  # points that tokens look at
AROUND_HEAD = 24  # points around a head, for the fine and for the coarse look
FINE, COARSE = 12.0, 5.0  # how much the two are enlarged
BLIND = 1.0  # how far away a point counts as being, at most

# The names told apart; all others are 0. New ones are added at the end: weights know them by their place.
WORDS = (
    "",
    *("hips", "pelvis", "root", "spine", "chest", "neck", "head", "jaw", "trunk", "trunk.lower"),
    *("shoulder", "upper_arm", "forearm", "hand", "thumb", "f_index", "f_middle", "f_ring", "f_pinky"),
    *("thigh", "shin", "foot", "toe", "tail", "ear", "horn", "horn.tip", "eye", "crest", "udder"),
    *("upper_leg.front", "lower_leg.front", "foot.front", "toe.front"),
    *("upper_leg.hind", "lower_leg.hind", "foot.hind", "toe.hind"),
    *("wing", "wing.tip", "fin", "fin.tail", "fin.pelvic", "fin.dorsal", "leg", "leg.front", "leg.mid", "leg.hind"),
    *("limb", "limb.tip", "chain", "feeler", "part"),
)
# Added to at the end, too; the first stands for all others.
KINDS: tuple[Kind, ...] = ("object", "biped", "quadruped", "bird", "fish", "insect", "serpent", "creature")
ALIKE = {"arm": "limb", "arm.tip": "limb.tip"}  # words for what rigs called by another one when it learned
_PLACE = {word: place for place, word in enumerate(WORDS)}
_NUMBERED = re.compile(r"(?<=[a-z])\d+")


@dataclass(frozen=True)
class Surface:
    """Points of a surface with the normals of the faces they lie on, canonical unit frame, in random order."""

    points: np.ndarray  # (P, 3)
    normals: np.ndarray  # (P, 3)


@dataclass(frozen=True)
class Inputs:
    """N armatures of at most Q bones on surfaces of P points with T tokens."""

    points: np.ndarray  # (N, P, 6) where, and which way the surface looks
    near: np.ndarray  # (N, T, K) int64, the points around each token
    centres: np.ndarray  # (N, T, 3) where the tokens are
    patches: np.ndarray  # (N, Q, 2, M, 7) surface points around each head, fine and coarse
    facts: np.ndarray  # (N, Q, 21)
    heads: np.ndarray  # (N, Q, 3)
    words: np.ndarray  # (N, Q) int64, what the bone is called
    kinds: np.ndarray  # (N, 1) int64, what the armature is taken for
    hops: np.ndarray  # (N, Q, Q) int64, steps along the skeleton
    there: np.ndarray  # (N, Q) 1 for a bone, 0 for padding


class Answer(NamedTuple):
    """What the network says of each bone; what stands in padding means nothing."""

    heads: np.ndarray  # (N, Q, 3)
    presence: np.ndarray  # (N, Q) logit
    doubt: np.ndarray  # (N, Q) log of the expected distance from the truth, in STEPs


def joint_inputs(surface: Surface, armature: Armature, given: np.ndarray, found: np.ndarray) -> Inputs:
    """One armature (N = 1) on its surface; `given` (B,) marks heads that are certain, `found` those that were seen."""
    spread = min(SPREAD, len(surface.points))
    cloud = np.concatenate([surface.points, surface.normals], 1).astype(np.float32)
    centres = farthest(cloud[:spread, :3], TOKENS)
    near = np.asarray(KDTree(cloud[:spread, :3]).query(centres, AROUND)[1])
    heads = armature.heads.astype(np.float32)
    return Inputs(
        points=cloud[None, :spread],
        near=near[None],
        centres=centres[None],
        patches=_patches(cloud, spread, heads)[None],
        facts=facts_of(armature, given, found)[None],
        heads=heads[None],
        words=np.array([[word_of(name) for name in armature.names]]),
        kinds=np.array([[KINDS.index(armature.kind) if armature.kind in KINDS else 0]]),
        hops=hops_of(armature.parents)[None],
        there=np.ones((1, len(heads)), np.float32),
    )


def word_of(name: str) -> int:
    """The place in WORDS of a bone's name without its side and numbers."""
    base = re.sub(r"\.\d+", "", split_side(name)[0])
    plain = _NUMBERED.sub("", base)
    return _PLACE.get(base) or _PLACE.get(ALIKE.get(plain, plain), 0)


def facts_of(armature: Armature, given: np.ndarray, found: np.ndarray) -> np.ndarray:
    """(B, 21): where a bone is and goes, where its parent is, how thick, which side, its number, how certain it is."""
    above = np.where(armature.parents >= 0, armature.parents, np.arange(len(armature.parents)))
    side = np.array([float(sign_of_side(name)) for name in armature.names])
    numbers = np.array([int((re.findall(r"\d+", name) or ["0"])[-1]) for name in armature.names])
    children = np.bincount(armature.parents[armature.parents >= 0], minlength=len(above))
    return np.concatenate(
        [
            armature.heads * 2,
            (armature.tails - armature.heads) * 5,
            (armature.heads[above] - armature.heads) * 5,
            armature.radii * 10,
            side[:, None],
            np.abs(armature.heads[:, :1]) < 1e-4,
            np.minimum(numbers, 10)[:, None] / 5.0,
            np.minimum(children, 4)[:, None] / 2.0,
            (children == 0)[:, None],
            (armature.parents < 0)[:, None],
            armature.connected[:, None],
            armature.confidence[:, None],
            np.stack([given, found], 1),
        ],
        1,
    ).astype(np.float32)


def hops_of(parents: np.ndarray) -> np.ndarray:
    """Steps along the skeleton from bone to bone, at most HOPS - 1, (B, B)."""
    count = len(parents)
    steps = np.full((count, count), HOPS - 1)
    np.fill_diagonal(steps, 0)
    for bone, parent in enumerate(parents):  # parents come first, so the rows above are complete
        if parent >= 0:
            steps[bone, :bone] = np.minimum(steps[parent, :bone] + 1, HOPS - 1)
            steps[:bone, bone] = steps[bone, :bone]
    return steps


def farthest(points: np.ndarray, count: int) -> np.ndarray:
    """`count` of the points (P, 3), each as far as possible from those before; repeated when there are fewer."""
    chosen = np.empty(count, np.int64)
    distance = np.full(len(points), np.inf, np.float32)
    at = 0
    for place in range(count):
        chosen[place] = at
        step = points - points[at]
        np.minimum(distance, np.einsum("pk,pk->p", step, step), out=distance)
        at = int(distance.argmax())
    return points[chosen]


def _patches(cloud: np.ndarray, spread: int, heads: np.ndarray) -> np.ndarray:
    """(B, 2, PATCH, 7): the nearest of all points, then the nearest of the first `spread`."""
    made = []
    for points, zoom in ((cloud, FINE), (cloud[:spread], COARSE)):
        distance, index = KDTree(points[:, :3]).query(heads, AROUND_HEAD)
        found = points[index]
        away = np.minimum(distance, BLIND)[..., None] * zoom
        made.append(np.concatenate([(found[..., :3] - heads[:, None]) * zoom, found[..., 3:], away], -1))
    return np.stack(made, 1).astype(np.float32)
