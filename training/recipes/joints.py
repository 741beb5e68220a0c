"""Where riggers put the joints: the geometry's bones, corrected. Learned from artists' rigs and from generated ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from inference.anatomy import Armature
from inference.frames import SAME
from inference.networks.joints.apply import named_armature, padded
from inference.networks.joints.inputs import AROUND, AROUND_HEAD, FACTS, PATCH_FACTS, STEP, TOKENS, Inputs, Surface
from inference.networks.joints.network import JointsNet, Size
from inference.networks.loader import Ask
from inference.rigging.bones.moved import mirrored_pairs
from training.datasets.builders.build import build_file
from training.datasets.builders.sources import Generated, Library, families_named
from training.datasets.packed.guesses import Guesses
from training.datasets.packed.surfaces import Surfaces
from training.datasets.rigged_glb import LIBRARY
from training.lessons.joints import FLIP, Lesson, drawn, lessons, show
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

PACKED = Path("out/surfaces.safetensors")
CHARACTERS = Path("out/rigged_characters.safetensors")
GUESSES = Path("out/guesses.safetensors")
GENERATED = 45  # shapes of each family of characters
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
    """The core's armatures of those that carry none themselves; made when it is not there."""
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
        there = (LIBRARY / "SOURCES.csv").exists()
        if not config.data[0].exists() and there:
            build_file(config.data[0], Library(rigged=None), Surfaces())
        if not config.guesses.exists() and there:
            build_file(config.guesses, Library(), Guesses())
        if CHARACTERS in config.data and not CHARACTERS.exists():
            families = families_named(("characters", "people"))
            build_file(CHARACTERS, Generated(families, range(GENERATED)), Guesses(4096))
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
        learned, chances = drawn(config.data, config.guesses, config.generated)
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
