"""Skin weights: what has to change in the geometry's for them to be an artist's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits

from inference.networks.skin.apply import followed, trusted
from inference.networks.skin.inputs import BONE, PAIR, POINT, Answer, Inputs
from inference.networks.skin.network import Size, SkinNet
from training.datasets.builders.build import build_file
from training.datasets.builders.sources import Library
from training.datasets.labels import LICENCES
from training.datasets.packed.priors import Priors, SkinLesson
from training.datasets.rigged_glb import LIBRARY
from training.lessons.skin import among_many, batch_of, learned_from, library, some_edges
from training.loop.checkpoint import read_checkpoint
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
from training.networks.onnx_file import Shipment
from training.networks.start import begin

Score = tuple[float, ...]
SCORES = ("L1", "geometric L1", "L1 without doubt", "torn", "torn without doubt", "trusted")
L1, TORN = SCORES.index("L1"), SCORES.index("torn")
PACKED = Path("out/priors.safetensors")
SHAPES = {
    "bones": f"N B {BONE}",
    "hops": "int N B B",
    "known": "N",
    "bone_there": "N B",
    "points": f"N P {POINT}",
    "pairs": f"N P K {PAIR}",
    "near": "int N P K",
    "near_hops": "int N P K K",
    "prior": "N P K",
    "there": "N P K",
}


@dataclass(frozen=True, kw_only=True)
class SkinConfig(Config):
    """The network's size, how it is taught, and what it does without."""

    data: Path = PACKED
    """Lessons; made from ../shared/data when they are not there."""
    start: str = ""
    """A checkpoint of this recipe to go on from; parameters of the same name and size are taken over."""
    width: int = 32
    layers: int = 2
    bone_width: int = 64
    bone_layers: int = 2
    points: int = 192
    """Vertices of an asset in each step."""
    steps: int = 400
    batch_size: int = 12
    rate: float = 2e-3
    weight_decay: float = 0.02
    noise: float = 0.03
    """Noise on all that describes points and pairs."""
    bone_noise: float = 0.15
    """Noise on all that describes bones, so that assets are not learned by heart."""
    hidden: float = 0.25
    """How often the bones are not described at all."""
    prior: bool = True
    """Off: the geometric weights are neither seen nor corrected, only replaced."""
    mixing: bool = True
    """Off: no attention among the bones."""
    hops: bool = True
    """Off: attention does not know how far bones are apart along the skeleton."""
    dice: bool = True
    """Off: no Dice loss."""
    torn: float = 0.2
    """What it costs to tear an edge further than both the geometry and the artist do; 0: nothing."""

    @property
    def shape(self) -> Size:
        """Of the network."""
        return Size(
            width=self.width,
            layers=self.layers,
            bone_width=self.bone_width,
            bone_layers=self.bone_layers,
            prior=self.prior,
            mixing=self.mixing,
            hops=self.hops,
        )


def inputs_of(batch: Batch, config: SkinConfig) -> Batch:
    """What the network sees of a batch; without the prior, nothing that tells it."""
    parts = {field.name: batch[field.name] for field in fields(Inputs)}
    if not config.prior:
        for name, telling in TELLS_PRIOR.items():
            parts[name] = parts[name].clone()
            parts[name][..., list(telling)] = 0
    return parts


FROM_HEAD = 30  # the pairs' logarithm of the distance to the bone's head, by the distance to the nearest bone
LEAST_GAP = 2e-3  # shorter edges than this part of the size are taken to be so long
MOST_TORN = 4.0
# Numbers made of geometric weights.
TELLS_PRIOR = {"pairs": (0, 1, 2, 3, 4, 5, 6, 33), "points": (8, 9)}


def dice(weights: torch.Tensor, artist: torch.Tensor, near: torch.Tensor, bones: int) -> torch.Tensor:
    """1 - overlap of each bone's region, mean over the bones that move something; (N, P, K) each."""

    def per_bone(values: torch.Tensor) -> torch.Tensor:
        return values.new_zeros(len(values), bones).scatter_add(1, near.flatten(1), values.flatten(1))

    shared, mine, theirs = per_bone(weights * artist), per_bone(weights.square()), per_bone(artist.square())
    used = theirs > 0.5
    apart = 1 - (2 * shared + 0.1) / (mine + theirs + 0.1)
    return (apart * used).sum() / used.sum().clamp(min=1)


def tearing(weights: torch.Tensor, batch: Batch) -> torch.Tensor:
    """How far edges are torn (N, P / 2) when each bone turns about its head by a radian: 1 is twice the length."""
    reach = batch["points"][..., 0].exp() / 20  # what inputs.py makes of lengths, taken back
    lever = batch["pairs"][..., FROM_HEAD].exp() * reach[..., None]
    moved = weights.new_zeros(*weights.shape[:2], batch["bones"].shape[1])
    moved = moved.scatter_add(2, batch["near"], weights * batch["there"])
    arm = torch.zeros_like(moved).scatter(2, batch["near"], lever)
    apart = (moved[:, 0::2] - moved[:, 1::2]).abs() * torch.maximum(arm[:, 0::2], arm[:, 1::2])
    return apart.sum(-1) / batch["gap"][:, 0::2].clamp_min(LEAST_GAP)


def torn_further(weights: torch.Tensor, batch: Batch) -> torch.Tensor:
    """How much further edges are torn than by the geometry's weights and the artist's, mean over an asset's, (N,)."""
    allowed = torch.maximum(tearing(batch["prior"], batch), tearing(batch["artist"], batch))
    return (tearing(weights, batch) - allowed).clamp(0, MOST_TORN).mean(-1)


class SkinRecipe(Recipe[SkinConfig]):
    """Skin weights."""

    name = "skin"
    presets: Mapping[str, SkinConfig] = {
        "tiny": SkinConfig(loop=Loop(evaluate_every=400)),
        "small": SkinConfig(steps=5000, batch_size=16, loop=Loop(evaluate_every=500)),
        "full": SkinConfig(
            width=64, layers=3, bone_width=96, steps=30000, points=512, batch_size=64, loop=Loop(evaluate_every=2000)
        ),
    }
    best: tuple[str, Way] = ("to choose by", "min")

    def prepare(self, config: SkinConfig) -> None:
        if not config.data.exists() and (LIBRARY / "SOURCES.csv").exists():
            build_file(config.data, Library(), Priors())
        library(config.data)
        if config.start:
            read_checkpoint(Path(config.start))

    def build(self, config: SkinConfig) -> nn.Module:
        net = SkinNet(config.shape)
        begin(net)
        with torch.no_grad():
            net.change.weight.mul_(0.1)  # the first answer is nearly the geometry's own
        if Path(config.start).is_file():  # trained weights are read without it
            known, own = read_checkpoint(Path(config.start)).average, net.state_dict()
            same = {name: value for name, value in known.items() if name in own and own[name].shape == value.shape}
            net.load_state_dict(same, strict=False)
        return net

    def stages(self, config: SkinConfig) -> tuple[Stage, ...]:
        objective = Objective("all", config.rate, weight_decay=config.weight_decay)
        return (Stage("all", config.steps, config.batch_size, (objective,), warmup=min(200, config.steps // 10)),)

    def batch(self, config: SkinConfig, stage: Stage, draw: Draw) -> Batch:
        learned, chances = learned_from(config.data)
        chosen = []
        for random in draw.generators():
            lesson = learned[random.choice(len(learned), p=chances)]
            chosen.append((lesson, some_edges(lesson, config.points // 2, random)))
        batch = batch_of(chosen)
        random = draw.generator()
        for name, noise in (("bones", config.bone_noise), ("points", config.noise), ("pairs", config.noise)):
            off = random.normal(0, noise, batch[name].shape).astype(np.float32)
            batch[name] = batch[name] + torch.from_numpy(off)
        shown = random.random(len(chosen)) >= config.hidden
        batch["known"] = torch.from_numpy(np.where(shown, 1.0, 0.0).astype(np.float32)).maximum(batch["held"])
        return batch

    def loss(self, config: SkinConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[torch.Tensor, Batch]:
        weights, better = model(**inputs_of(batch, config))
        weights, artist, there = weights.float(), batch["artist"], batch["there"]
        held = batch["held"]
        taught = (1 - held) / (1 - held).sum().clamp(min=1)
        off = (weights - artist).abs().sum(-1)
        before = (batch["prior"] - artist).abs().sum(-1)
        unlike = binary_cross_entropy(weights.clamp(1e-5, 1 - 1e-5), artist.clamp(0, 1), reduction="none")
        entropy = ((unlike * there).sum(-1).mean(-1) * taught).sum()
        sure = binary_cross_entropy_with_logits(better.float(), (off.detach() < before).float(), reduction="none")
        # Where both are equally good it does not matter which is taken.
        doubt = sure * (off.detach() - before).abs()
        # Only where it was not taught can a network know how good it is.
        honesty = (doubt.mean(-1) * held).sum() / held.sum().clamp(min=1)
        distance = (off.mean(-1) * taught).sum()
        torn = (torn_further(weights, batch) * taught).sum()
        loss = distance + 0.5 * entropy + honesty + config.torn * torn
        logged = {"L1": distance, "cross entropy": entropy, "honesty": honesty, "torn": torn}
        if config.dice:
            known = taught > 0
            apart = dice(weights[known], artist[known], batch["near"][known], batch["bones"].shape[1])
            loss, logged = loss + 0.5 * apart, {**logged, "dice": apart}
        return loss, logged

    def evaluate(self, config: SkinConfig, model: nn.Module, split: Split) -> Numbers:
        by_kind: dict[str, list[Score]] = defaultdict(list)
        many: list[Score] = []
        device = next(model.parameters()).device
        for lesson in library(config.data):
            if lesson.split == split and not lesson.varied:
                score = self._judged(config, model, lesson, device)
                by_kind[lesson.kind].append(score)
                if among_many(lesson):
                    many.append(score)
        numbers: Numbers = {}
        for kind, scores in sorted(by_kind.items()):
            numbers |= _means(kind, scores)
        everything = [score for scores in by_kind.values() for score in scores]
        numbers |= _means("all", everything) | _means("many artists", many)
        # Strangers decide; where there are none, kinds do, so that avatars that share a skeleton do not drown the rest.
        means = np.array([np.mean(scores, 0) for scores in ([many] if many else by_kind.values())])
        numbers["to choose by"] = float((means[:, L1] + config.torn * means[:, TORN]).mean()) if len(means) else 2.0
        return numbers

    def _judged(self, config: SkinConfig, model: nn.Module, lesson: SkinLesson, device: torch.device) -> Score:
        """An asset's numbers, in the order of SCORES."""
        batch = batch_of([(lesson, np.arange(len(lesson.artist)))])
        batch = {name: part.to(device) for name, part in batch.items()}
        with torch.no_grad():
            weights, better = (part.float() for part in model(**inputs_of(batch, config)))
        trust = torch.from_numpy(followed(trusted(better[0].cpu().numpy()))).to(weights)[None, :, None]
        mixed = batch["prior"] + trust * (weights - batch["prior"])

        def off(found: torch.Tensor) -> float:
            return float(((found - batch["artist"]).abs().sum(-1) + batch["missed"]).mean())

        torn = (float(torn_further(found, batch).mean()) for found in (mixed, weights))
        return off(mixed), off(batch["prior"]), off(weights), *torn, float(trust.mean())

    def shipment(self, config: SkinConfig, model: nn.Module) -> Shipment:
        return Shipment(model, SHAPES, Answer._fields)

    def facts(self, config: SkinConfig) -> Facts:
        learned = [lesson for lesson in library(config.data) if lesson.split == "train" and not lesson.varied]
        artists = len({lesson.by for lesson in learned})
        return Facts(
            f"{len(learned)} rigs of {artists} artists of the slim GLB library",
            LICENCES,
        )


def _means(what: str, scores: list[Score]) -> Numbers:
    if not scores:
        return {}
    return {f"{what}: {name}": float(value) for name, value in zip(SCORES, np.mean(scores, 0), strict=True)}


RECIPE = SkinRecipe()
