"""Where riggers put the joints: the geometry's bones, corrected. Learned from artists' rigs and from generated ones."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from inference.anatomy import Armature
from inference.frames import SAME
from inference.networks.joints.apply import mirrored, named_armature, padded
from inference.networks.joints.complete import FINGERS, completed, expected_at
from inference.networks.joints.inputs import (
    AROUND,
    AROUND_HEAD,
    FACTS,
    PATCH_FACTS,
    STEP,
    TOKENS,
    Inputs,
    Surface,
    joint_inputs,
)
from inference.networks.joints.network import JointsNet, Size
from inference.networks.loader import Ask
from inference.rigging.bones.moved import mirrored_pairs
from training.datasets.packed.guesses import Options as Guessing
from training.datasets.packed.guesses import make, read_guesses
from training.datasets.packed.surfaces import PackedAsset
from training.lessons.posing import move_flesh, pose_joints, rotations
from training.lessons.warp import Warp
from training.loop.recipe import (
    Batch,
    Config,
    Draw,
    Facts,
    Loop,
    Moment,
    Numbers,
    Objective,
    Recipe,
    Split,
    Stage,
    Way,
)
from training.metrics.rig import Skeleton, b2b, j2b, j2j, skeleton_of
from training.networks.asking import asked
from training.networks.onnx_file import Shipment
from training.networks.start import TABLES, begin

from .facing import library

PACKED = Path("out/surfaces.safetensors")
CHARACTERS = Path("out/rigged_characters.safetensors")
GUESSES = Path("out/guesses.safetensors")
GENERATED = 45  # shapes of each family of characters
APART = 0.12  # a joint farther than this from every bone of the guess is none of them
FINGER_WORDS = {"thumb": "thumb", "index": "f_index", "middle": "f_middle", "ring": "f_ring", "pinky": "f_pinky"}
SHAPES = {
    "points": "N P 6",
    "near": f"int N {TOKENS} {AROUND}",
    "centres": f"N {TOKENS} 3",
    "patches": f"N Q 2 {AROUND_HEAD} {PATCH_FACTS}",
    "facts": f"N Q {FACTS}",
    "heads": "N Q 3",
    "words": "int N Q",
    "kinds": "int N 1",
    "hops": "int N Q Q",
    "there": "N Q",
}


@dataclass(frozen=True, kw_only=True)
class JointsConfig(Config):
    """The network's size and how it is taught."""

    data: tuple[Path, ...] = (PACKED,)
    """Packed surfaces; the first is made from ../shared/data when it is not there."""
    guesses: Path = GUESSES
    """The core's armatures of all of them; made when it is not there."""
    width: int = 128
    layers: int = 4
    steps: int = 150
    batch_size: int = 16
    rate: float = 1e-3
    points: int = 3072
    """Surface points of a shape in training."""
    pose: float = 0.25
    """Typical turn of a joint in radians, in the part of the shapes that are posed."""
    limbs: float = 0.07
    """Typical log of how much what hangs on a joint grows or shrinks, there too."""
    posed: float = 0.5
    """Share of the shapes that are posed."""
    given: float = 0.25
    """Share of the shapes some of whose joints are given."""
    hidden: float = 0.3
    """Share of the humanoids some of whose fingers are hidden from the geometry."""
    generated: float = 0.0
    """Share of the lessons that are generated shapes."""


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


def show(lesson: Lesson, config: JointsConfig, random: np.random.Generator) -> Example:
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


FLIP = np.array([-1.0, 1.0, 1.0])


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


class JointsRecipe(Recipe[JointsConfig]):
    """Where riggers put the joints."""

    name = "joints"
    presets: Mapping[str, JointsConfig] = {
        "tiny": JointsConfig(steps=150, width=64, layers=2, batch_size=8, loop=Loop(evaluate_every=150)),
        "small": JointsConfig(steps=3000, generated=0.4, data=(PACKED, CHARACTERS), loop=Loop(evaluate_every=500)),
        "full": JointsConfig(
            steps=30000,
            width=192,
            layers=6,
            batch_size=64,
            generated=0.4,
            data=(PACKED, CHARACTERS),
            loop=Loop(evaluate_every=3000),
        ),
    }
    best: tuple[str, Way] = ("J2J by kind", "min")
    ablations: Mapping[str, Mapping[str, bool | int | float]] = {
        "no poses": {"posed": 0.0},
        "no hidden fingers": {"hidden": 0.0},
        "no given joints": {"given": 0.0},
        "no generated shapes": {"generated": 0.0},
    }

    def prepare(self, config: JointsConfig) -> None:
        from training.datasets.packed.surfaces import Options as Packing
        from training.datasets.packed.surfaces import main as pack

        source = Packing().data
        if not config.data[0].exists() and (source / "SOURCES.csv").exists():
            pack(Packing(out=config.data[0]))
        if not config.guesses.exists() and (source / "SOURCES.csv").exists():
            generated = GENERATED if len(config.data) > 1 else 0
            for line in make(Guessing(out=config.guesses, shapes=CHARACTERS, generated=generated)):
                print(line)
        lessons(config.data, config.guesses)

    def build(self, config: JointsConfig) -> nn.Module:
        net = JointsNet(Size(width=config.width, layers=config.layers))
        begin(net)
        with torch.no_grad():
            net.reach.normal_(0.0, TABLES)
            net.answer.weight.mul_(0.1)  # the first answer is nearly the geometry's own
        return net

    def stages(self, config: JointsConfig) -> tuple[Stage, ...]:
        objective = Objective("all", config.rate, weight_decay=0.01)
        return (Stage("all", config.steps, config.batch_size, (objective,), warmup=min(200, config.steps // 10)),)

    def batch(self, config: JointsConfig, stage: Stage, draw: Draw) -> Batch:
        learned, chances = _drawn_from(config)
        examples = [
            show(learned[random.choice(len(learned), p=chances)], config, random) for random in draw.generators()
        ]
        inputs = padded([example.inputs for example in examples])
        longest = inputs.heads.shape[1]
        arrays = {name: getattr(inputs, name) for name in Inputs.__dataclass_fields__}
        arrays["targets"] = np.stack([np.pad(e.heads, ((0, longest - len(e.heads)), (0, 0))) for e in examples])
        arrays["exists"] = np.stack([np.pad(e.exists, (0, longest - len(e.exists))) for e in examples])
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def loss(self, config: JointsConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[torch.Tensor, Batch]:
        heads, presence, doubt = model(**{name: batch[name] for name in Inputs.__dataclass_fields__})
        off = (heads.float() - batch["targets"]).norm(dim=-1) / STEP
        doubt = doubt.float().clamp(-5, 3)
        exists, there = batch["exists"] * batch["there"], batch["there"]
        distance = (off * exists).sum() / exists.sum()
        # How far off it will be, by the likelihood of a Laplace distribution.
        honesty = ((off.detach() * torch.exp(-doubt) + doubt) * exists).sum() / exists.sum()
        unsure = binary_cross_entropy_with_logits(presence.float(), batch["exists"], reduction="none")
        presence = (unsure * there).sum() / there.sum()
        logged = {"joint x100": 100 * STEP * distance, "presence": presence, "doubt": honesty}
        return distance + 0.2 * presence + 0.1 * honesty, logged

    def evaluate(self, config: JointsConfig, model: nn.Module, split: Split) -> Numbers:
        by_kind: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        for lesson in lessons(config.data, config.guesses):
            if lesson.asset.split == split:
                by_kind[lesson.asset.kind].append(_judged(lesson, asked(model)))
        numbers = {}
        for kind, scores in sorted(by_kind.items()):
            numbers |= _means(kind, scores)
        everything = [score for scores in by_kind.values() for score in scores]
        numbers |= _means(
            "bipeds", [s for kind, scores in by_kind.items() if kind.startswith("biped ") for s in scores]
        )
        numbers |= _means("all", everything)
        # One number to choose by in which 26 avatars that share a skeleton do not drown the rest.
        numbers["J2J by kind"] = float(np.mean([np.mean(scores, 0)[0] for scores in by_kind.values()]))
        return numbers

    def shipment(self, config: JointsConfig, model: nn.Module) -> Shipment:
        return Shipment(model, SHAPES, ("placed", "presence", "doubt"))

    def facts(self, config: JointsConfig) -> Facts:
        count = sum(lesson.asset.split == "train" for lesson in lessons(config.data, config.guesses))
        return Facts(
            f"{count} rigs: Quaternius (CC0-1.0), VALID avatars (MIT, (c) 2022 Tiffany Do)"
            + (", shapes generated by this project" if len(config.data) > 1 else ""),
            "CC0-1.0 and MIT",
        )


@lru_cache(maxsize=4)
def _by_rarity(data: tuple[Path, ...], guesses: Path, generated: float) -> tuple[tuple[Lesson, ...], np.ndarray]:
    """What is learned from and how often: kinds by the root of their number, generated ones by their share."""
    learned = tuple(lesson for lesson in lessons(data, guesses) if lesson.asset.split == "train")
    ours = {asset.name for path in data[1:] for asset in library((path,))}
    made = np.array([lesson.asset.name in ours for lesson in learned])
    counts = Counter(lesson.asset.kind for lesson in learned)
    chances = np.array([counts[lesson.asset.kind] ** -0.5 for lesson in learned])
    for part, share in ((made, generated), (~made, 1 - generated)):
        if part.any():
            chances[part] *= share / chances[part].sum()
    return learned, chances / chances.sum()


def _drawn_from(config: JointsConfig) -> tuple[tuple[Lesson, ...], np.ndarray]:
    return _by_rarity(config.data, config.guesses, config.generated)


def _judged(lesson: Lesson, ask: Ask) -> tuple[float, ...]:
    """J2J, J2B, B2B of the network's armature and then of the core's."""
    asset = lesson.asset
    truth = Skeleton(asset.heads.astype(float), asset.parents.astype(np.int32))
    core = _core_of(lesson)
    plane = np.array([lesson.middle, 0.0, 0.0])
    centred = replace(core, heads=core.heads - plane, tails=core.tails - plane)
    surface = Surface(asset.points - plane.astype(np.float32), asset.normals)
    found = named_armature(centred, surface, [ask], even=_is_even(centred)).armature
    learned = replace(found, heads=found.heads + plane, tails=found.tails + plane)
    one, other = skeleton_of(learned, SAME), skeleton_of(core, SAME)  # packed assets are in the metrics' frame
    return tuple(score(who, truth) for who in (one, other) for score in (j2j, j2b, b2b))


def _is_even(armature: Armature) -> bool:
    """Whether left and right mirror each other in x = 0."""
    pairs = mirrored_pairs(armature.names)
    return bool(np.abs(armature.heads - armature.heads[pairs] * FLIP).max() < 1e-4)


def _core_of(lesson: Lesson) -> Armature:
    """The guess without the bones that completed it; those stand at its end."""
    guess, count = lesson.guess, int(lesson.found.sum())
    return replace(
        guess,
        names=guess.names[:count],
        **{
            field: getattr(guess, field)[:count]
            for field in ("parents", "heads", "tails", "rolls", "connected", "confidence", "deform", "radii")
        },
    )


def _means(what: str, scores: list[tuple[float, ...]]) -> Numbers:
    if not scores:
        return {}
    mean = np.mean(scores, 0)
    names = ("J2J", "J2B", "B2B", "core's J2J", "core's J2B", "core's B2B")
    return {f"{what}: {name}": float(value) for name, value in zip(names, mean, strict=True)}


RECIPE = JointsRecipe()
