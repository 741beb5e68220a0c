"""The geometry's armatures beside the artists': which bone is which joint, and how both are shown to the network."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from scipy.optimize import linear_sum_assignment

from inference.anatomy import Armature
from inference.networks.joints.apply import mirrored
from inference.networks.joints.complete import FINGERS, completed, expected_at
from inference.networks.joints.inputs import Inputs, Surface, joint_inputs
from inference.rigging.bones.moved import mirrored_pairs
from training.datasets.packed.guesses import read_guesses
from training.datasets.packed.surfaces import PackedAsset

from .posing import move_flesh, pose_joints, rotations
from .rarity import by_rarity, in_shares
from .surfaces import library
from .warp import Warp

APART = 0.12  # a joint farther than this from every bone of the guess is none of them
FINGER_WORDS = {"thumb": "thumb", "index": "f_index", "middle": "f_middle", "ring": "f_ring", "pinky": "f_pinky"}
FLIP = np.array([-1.0, 1.0, 1.0])


class Showing(Protocol):
    """How lessons are varied."""

    @property
    def points(self) -> int: ...

    @property
    def pose(self) -> float: ...

    @property
    def limbs(self) -> float: ...

    @property
    def posed(self) -> float: ...

    @property
    def given(self) -> float: ...

    @property
    def hidden(self) -> float: ...


@dataclass(frozen=True)
class Lesson:
    """An asset and what the core made of it, completed; for each bone the artist's joint or -1."""

    asset: PackedAsset
    guess: Armature
    found: np.ndarray  # (B,) bool
    truth: np.ndarray  # (B,) int
    middle: float  # x of the plane that the guess's left and right mirror each other in; 0 where they do not


@lru_cache(maxsize=4)
def lessons(data: tuple[Path, ...], guesses: Path) -> tuple[Lesson, ...]:
    """All assets with a rig for which the core found an armature."""
    found = read_guesses(guesses)
    for path in data:
        found |= read_guesses(path)
    return tuple(lesson_of(asset, found[asset.name]) for asset in library(data) if asset.rigged and asset.name in found)


def lesson_of(asset: PackedAsset, guess: Armature) -> Lesson:
    """Bones and joints that belong together: by name where both have the house's names, then by the least distance."""
    whole = completed(guess)
    truth = matched(asset, whole.armature, whole.found)
    return Lesson(asset, whole.armature, whole.found, truth, middle_of(whole.armature, whole.found))


def middle_of(guess: Armature, found: np.ndarray) -> float:
    """x of the mirror plane: halfway between left and right, where all pairs agree on that."""
    pairs = mirrored_pairs(guess.names)
    paired = found & (pairs != np.arange(len(pairs)))
    halfway = (guess.heads[paired, 0] + guess.heads[pairs[paired], 0]) / 2
    return float(np.median(halfway)) if paired.any() and np.ptp(halfway) < 1e-4 else 0.0


def matched(asset: PackedAsset, guess: Armature, found: np.ndarray) -> np.ndarray:
    """For each bone the artist's joint, or -1, (B,)."""
    distance = np.linalg.norm(guess.heads[:, None] - asset.heads[None], axis=2)
    cost = np.minimum(distance, APART)
    cost[~(found & guess.deform)] = APART
    cost[_unlike(asset, guess)] = APART
    place = {name: joint for joint, name in enumerate(asset.names)}
    for bone, name in enumerate(guess.names):
        if name in place and distance[bone, place[name]] < 2 * APART:
            cost[bone, place[name]] = 0.0
    truth = np.full(len(guess.names), -1)
    bones, joints = linear_sum_assignment(cost)
    near = cost[bones, joints] < APART
    truth[bones[near]] = joints[near]
    _match_hidden(asset, guess, found, truth)
    return truth


def _unlike(asset: PackedAsset, guess: Armature) -> np.ndarray:
    """Bones and joints that cannot be the same, near as they are: other fingers, other sides; (B, J) bool."""
    fingers, others = (np.array([family_of(name) for name in names]) for names in (guess.names, asset.names))
    mine, theirs = (np.array([side_of(name) for name in names]) for names in (guess.names, asset.names))
    across = mine[:, None] * asset.heads[None, :, 0] < np.minimum(0.3 * np.abs(guess.heads[:, :1]), 0.02)
    return (
        (fingers[:, None] != others[None])
        | (across & (mine != 0)[:, None])
        | ((mine[:, None] != theirs[None]) & (theirs != 0)[None])
        | ((asset.parents < 0)[None] & (mine != 0)[:, None])
    )


def _match_hidden(asset: PackedAsset, guess: Armature, found: np.ndarray, truth: np.ndarray) -> None:
    """Fingers and eyes that the geometry did not find, by the artist's names: the nth joint of a finger is the nth."""
    taken, chains = set(truth.tolist()), defaultdict(list)
    for joint, name in enumerate(asset.names):
        family = family_of(name)
        if family and joint not in taken:
            chains[family].append(joint)
    for bone in np.flatnonzero(~found):
        family = family_of(guess.names[bone])
        if chains.get(family):
            truth[bone] = chains[family].pop(0)


def side_of(name: str) -> int:
    """1 left, -1 right, 0 when the name does not say."""
    low = name.lower()
    left = low.startswith("left") or low.endswith((".l", "_l"))
    right = low.startswith("right") or low.endswith((".r", "_r"))
    return int(left) - int(right)


def family_of(name: str) -> str:
    """Which finger or eye of which side a bone's name speaks of, in the house's words: "f_index.L"; or nothing."""
    side = {1: ".L", -1: ".R"}.get(side_of(name))
    if side is None:
        return ""
    low = name.lower()
    if re.search(r"(^|left|right|[^a-z])eye(s?)(\.|_|$)", low):
        return f"eye{side}"
    word = next((word for word in FINGER_WORDS if word in low), None)
    return f"{FINGER_WORDS[word]}{side}" if word else ""


@dataclass(frozen=True)
class Example:
    """A lesson as it is shown once."""

    inputs: Inputs
    heads: np.ndarray  # (B, 3) where they belong
    exists: np.ndarray  # (B,) 1 where the artist has the joint


def show(lesson: Lesson, config: Showing, random: np.random.Generator) -> Example:
    """A varied view of a lesson: posed, stretched, bent, mirrored, with noise, joints given and fingers hidden."""
    asset, guess, found = lesson.asset, lesson.guess, lesson.found.copy()
    chosen = random.permutation(len(asset.quantised))[: config.points]
    points, normals = asset.points[chosen].astype(np.float64), asset.normals[chosen].astype(np.float64)
    joints, heads, tails = (np.asarray(array, np.float64) for array in (asset.heads, guess.heads, guess.tails))
    plane = np.array([[lesson.middle, 0.0, 0.0]])
    if random.random() < config.posed:
        turns = rotations(random.normal(0, config.pose / 3**0.5, (len(joints), 3)))
        turns *= np.exp(random.normal(0, config.limbs, len(joints)))[:, None, None]
        turns[asset.parents < 0] = np.eye(3)
        turn, shift = pose_joints(joints, asset.parents, turns)
        points, normals = move_flesh(points, normals, asset.bones[chosen], asset.shares[chosen], turn, shift)
        near = np.linalg.norm(heads[:, None] - joints[None], axis=2).argmin(1)
        holder = np.where(lesson.truth >= 0, lesson.truth, near)
        heads = np.einsum("bij,bj->bi", turn[holder], heads) + shift[holder]
        tails = np.einsum("bij,bj->bi", turn[holder], tails) + shift[holder]
        joints = np.einsum("bij,bj->bi", turn, joints) + shift
    warp = Warp(random)
    points, joints, heads, tails, plane = (warp(array) for array in (points, joints, heads, tails, plane))
    normals = warp.normals(normals)
    low, high = points.min(0), points.max(0)
    middle, size = (low + high) / 2, float((high - low).max())
    middle[0] = plane[0, 0] + random.normal(0, 0.003) * size
    points, joints, heads, tails = ((array - middle) / size for array in (points, joints, heads, tails))
    if random.random() < 0.3:
        points = points + random.normal(0, 0.003 * random.random(), points.shape)
    if random.random() < 0.7:
        heads = heads + random.normal(0, 0.006, heads.shape)
    given = np.zeros(len(heads), bool)
    if random.random() < config.given:
        given = (random.random(len(heads)) < random.uniform(0, 0.6)) & (lesson.truth >= 0)
        heads[given], found = joints[lesson.truth[given]], found | given
    armature = replace(guess, heads=heads, tails=tails, radii=guess.radii * random.uniform(0.9, 1.1))
    if random.random() < config.hidden:
        armature, found = hidden(armature, found & ~given, random, found)
    if random.random() < 0.5:
        armature = mirrored(armature)
        points, normals, joints = points * FLIP, normals * FLIP, joints * FLIP
    surface = Surface(points.astype(np.float32), normals.astype(np.float32))
    exists = lesson.truth >= 0
    targets = np.where(exists[:, None], joints[lesson.truth], armature.heads)
    return Example(joint_inputs(surface, armature, given, found), targets.astype(np.float32), exists.astype(np.float32))


def hidden(
    armature: Armature, may_hide: np.ndarray, random: np.random.Generator, found: np.ndarray
) -> tuple[Armature, np.ndarray]:
    """Whole fingers as if the geometry had not found them."""
    if armature.kind != "biped" or not {"hand.L", "hand.R"} & set(armature.names):
        return armature, found
    lost = {f"{finger}{side}" for finger in FINGERS for side in (".L", ".R") if random.random() < 0.5}
    heads, tails, found = armature.heads.copy(), armature.tails.copy(), found.copy()
    for bone, name in enumerate(armature.names):
        finger = name.split(".")
        if len(finger) == 3 and f"{finger[0]}.{finger[2]}" in lost and may_hide[bone] and int(finger[1]) <= 3:
            heads[bone], tails[bone], found[bone] = expected_at(armature, name), expected_at(armature, name, 1), False
    return replace(armature, heads=heads, tails=tails), found


@lru_cache(maxsize=4)
def drawn(data: tuple[Path, ...], guesses: Path, generated: float) -> tuple[tuple[Lesson, ...], np.ndarray]:
    """What is learned from and how often: kinds by the root of their number, generated ones by their share."""
    learned = tuple(lesson for lesson in lessons(data, guesses) if lesson.asset.split == "train")
    ours = {asset.name for path in data[1:] for asset in library((path,))}
    made = np.array([lesson.asset.name in ours for lesson in learned])
    often = by_rarity([lesson.asset.kind for lesson in learned])
    return learned, in_shares(often, [(made, generated), (~made, 1 - generated)])
