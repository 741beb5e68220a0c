"""Which part of which body is each place of a surface, and where are its joints? From 1,024 points with normals."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from inference.networks.facing.inputs import TURNS, UP
from inference.networks.perception.inputs import BACK, CLOSE, POINTS, TOKENS, WIDE
from inference.networks.perception.network import Answer, PerceptionNet, Size
from inference.rigging.bodies.words import KIND_OF_PLAN, PLANS
from training.datasets.builders.build import build_file
from training.datasets.builders.sources import Generated, Library
from training.datasets.labels import FIGURES, LICENCES, PACKS, VALID
from training.datasets.packed.surfaces import Surfaces
from training.datasets.rigged_glb import LIBRARY
from training.lessons.bodies import Body, body_of, chances_of
from training.lessons.exchange import mixed
from training.lessons.perception import Variety, View, inputs_for, plain, show, truth_for
from training.lessons.surfaces import read_once
from training.loop.recipe import Batch, Config, Draw, Facts, Loop, Moment, Numbers, Objective, Recipe, Split, Stage, Way
from training.networks.onnx_file import Shipment
from training.shapes.characters import CHARACTERS

PACKED, FIGURES_PACKED = Path("out/surfaces.safetensors"), Path("out/figures.safetensors")
INPUTS = {
    "cloud": f"N {POINTS} 6",
    "tokens": f"int N {TOKENS}",
    "near": f"int N {TOKENS} {CLOSE + WIDE}",
    "back": f"int N {POINTS} {BACK}",
    "ball": f"N {TOKENS}",
    "facts": "N 4",
    "known_plan": "int N",
}
KINDS = tuple(sorted(set(KIND_OF_PLAN.values())))
KIND_OF = np.array([KINDS.index(KIND_OF_PLAN[plan]) for plan in PLANS])
VOTE = (1.0, 0.5, 0.4)  # how much the three votes of a point count
NEARLY = 0.01  # nearer votes are hardly pulled nearer
FAR = 0.1  # a vote that is off by this costs as much as one


@dataclass(frozen=True, kw_only=True)
class PerceptionConfig(Config):
    """The network's size and what it is shown."""

    data: Path = PACKED
    """Packed surfaces with labels. Those of ../shared/data are made when they are not there."""
    library: Path = LIBRARY
    """Where the clips' poses are."""
    figures: Path = FIGURES_PACKED
    """Packed surfaces of generated figures; made when they are not there and have a share."""
    figures_each: int = 80
    """Of each family."""
    shares: tuple[float, float, float, float, float] = (0.46, 0.23, 0.06, 0.07, 0.18)
    """Of the lessons: by artists of few files, of the packs of one artist, of one figure in many clothes, unrigged,
    generated."""
    held: int = 10
    """One artist of so many in the train split is kept back, to choose and to calibrate by."""
    variety: Variety = field(default_factory=Variety)
    width: int = 192
    layers: int = 6
    forgets: float = 0.0
    """Share of what a layer adds that is dropped while learning."""
    steps: int = 300
    batch_size: int = 12
    rate: float = 1e-3


@lru_cache(maxsize=3)
def bodies(data: Path, library: Path) -> tuple[Body, ...]:
    """All assets of a packed file; the loader's processes share what was read before they started."""
    poses = library / "poses"
    return tuple(body_of(asset, poses if poses.is_dir() else None) for asset in read_once(data))


def group_of(body: Body, held: int) -> str:
    """What a body is used for: learn, held, many (val, by artists of few files), one (val, by the others)."""
    few = body.labelled and body.artist not in (PACKS, VALID, FIGURES)
    if body.split == "val":
        return "many" if few else "one"
    return "held" if few and zlib.crc32(body.artist.encode()) % held == 0 else "learn"


@dataclass(frozen=True)
class Lessons:
    """What is learned from."""

    bodies: tuple[Body, ...]
    chances: np.ndarray  # how often each comes up
    alike: Mapping[int, list[Body]]  # those with labels, by their plan: whose parts may be exchanged


@lru_cache(maxsize=2)
def lessons(config: PerceptionConfig) -> Lessons:
    """What is learned from and how often each comes up."""
    learned = [body for body in bodies(config.data, config.library) if group_of(body, config.held) == "learn"]
    if config.shares[-1] > 0:
        learned += bodies(config.figures, config.library)
    alike: dict[int, list[Body]] = {}
    for body in learned:
        if body.labelled and body.artist != VALID:  # one skeleton in many clothes brings nothing new
            alike.setdefault(body.plan, []).append(body)
    return Lessons(tuple(learned), chances_of(learned, *config.shares), alike)


def batch_of(views: list[View], shown: list[Body]) -> Batch:
    """Views as the network and its loss want them."""
    inputs = inputs_for(views)
    seen, truth = {name: getattr(inputs, name) for name in INPUTS}, truth_for(views, shown)
    assert not set(seen) & set(truth), "what is asked for must not be shown"
    return {name: torch.from_numpy(array) for name, array in (seen | truth).items()}


def answers(model: nn.Module, batch: Batch) -> Answer:
    """What the model says of a batch."""
    return model(*(batch[name] for name in INPUTS))


class PerceptionRecipe(Recipe[PerceptionConfig]):
    """Which part of which body is each place of a surface, and where are its joints?"""

    name = "perception"
    presets: Mapping[str, PerceptionConfig] = {
        "tiny": PerceptionConfig(width=96, layers=3, loop=Loop(evaluate_every=300)),
        "small": PerceptionConfig(
            layers=5,
            forgets=0.1,
            steps=7500,
            rate=4e-4,
            variety=Variety(exchanged=0.35),
            loop=Loop(evaluate_every=500, checkpoint_seconds=600),
        ),
        "full": PerceptionConfig(
            width=384,
            layers=10,
            forgets=0.1,
            steps=60000,
            batch_size=64,
            variety=Variety(exchanged=0.35),
            loop=Loop(evaluate_every=2500),
        ),
    }
    best: tuple[str, Way] = ("many: vote", "min")

    def prepare(self, config: PerceptionConfig) -> None:
        if not config.data.exists() and (config.library / "SOURCES.csv").exists():
            build_file(config.data, Library(config.library, rigged=None), Surfaces())
        if config.shares[-1] > 0 and not config.figures.exists():
            made = Generated(tuple(CHARACTERS), range(config.figures_each))
            build_file(config.figures, made, Surfaces(points=2048))
        lessons(config)

    def build(self, config: PerceptionConfig) -> nn.Module:
        return PerceptionNet(Size(config.width, config.layers, config.forgets))

    def stages(self, config: PerceptionConfig) -> tuple[Stage, ...]:
        moved = Objective("all", config.rate, weight_decay=0.02)
        return (Stage("all", config.steps, config.batch_size, (moved,), warmup=min(200, config.steps // 10)),)

    def batch(self, config: PerceptionConfig, stage: Stage, draw: Draw) -> Batch:
        known = lessons(config)
        shown, views = [], []
        for random in draw.generators():
            body = known.bodies[random.choice(len(known.bodies), p=known.chances)]
            if body.labelled and random.random() < config.variety.exchanged:
                body = mixed(body, known.alike, random)
            shown.append(body)
            views.append(show(body, config.variety, random))
        return batch_of(views, shown)

    def loss(
        self, config: PerceptionConfig, model: nn.Module, batch: Batch, moment: Moment
    ) -> tuple[torch.Tensor, Batch]:
        losses = losses_of(answers(model, batch), batch)
        return torch.stack(list(losses.values())).sum(), losses

    def evaluate(self, config: PerceptionConfig, model: nn.Module, split: Split) -> Numbers:
        wanted = ("learn",) if split == "train" else ("many", "one", "held")
        found: Numbers = {}
        for group in wanted:
            here = [body for body in bodies(config.data, config.library) if group_of(body, config.held) == group]
            here = [body for body in here if body.labelled]
            if here:
                numbers = judge(model, here)
                found |= {f"{group}: {name}": value for name, value in numbers.items()}
        return found

    def shipment(self, config: PerceptionConfig, model: nn.Module) -> Shipment:
        return Shipment(model, INPUTS, Answer._fields)

    def facts(self, config: PerceptionConfig) -> Facts:
        artists = len({body.artist for body in lessons(config).bodies if body.artist != FIGURES})
        return Facts(
            f"Train split of the slim GLB library, {artists} artists, labels of joints and poses of clips",
            LICENCES,
        )


def losses_of(answer: Answer, batch: Batch) -> Batch:
    """Each part of the loss, weighed; what is said of points counts where the labels hold."""
    holds = batch["labelled"][:, None] * batch["share"]
    many = holds.sum().clamp_min(1.0)

    def mean(values: torch.Tensor) -> torch.Tensor:
        return (values * holds).sum() / many

    def named(scores: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        return cross_entropy(scores.flatten(0, 1), truth.flatten(), reduction="none").reshape(truth.shape)

    off = ((answer.vote - batch["votes"]).square().sum(3) + NEARLY**2).sqrt()  # (N, P, 3)
    weight = off.new_tensor(VOTE)
    doubt = (off.detach() / answer.error + answer.error.log()) * weight
    right = answer.stand.masked_fill(~batch["stand"], -1e9)
    apart = (answer.joints[:, 0] - batch["joints"].clamp_min(1.0).log()).abs()
    rigged = (batch["joints"] > 0).float()
    counts = (answer.counts - torch.log1p(batch["counts"])).abs().mean(1)
    return {
        "part": mean(named(answer.part, batch["part"])),
        "side": 0.5 * mean(named(answer.side, batch["side"])),
        "pair": 0.5 * mean(named(answer.pair, batch["pair"])),
        "along": 2 * mean((answer.along - batch["along"]).abs()),
        "vote": mean((off * weight).sum(2)) / FAR,
        "doubt": 0.05 * mean(doubt.sum(2)),
        "stand": 0.5 * (answer.stand.logsumexp(1) - right.logsumexp(1)).mean(),
        "plan": 0.3 * cross_entropy(answer.plan, batch["plan"]),
        "joints": 0.2 * ((apart.detach() / answer.joints[:, 1] + answer.joints[:, 1].log() + apart) * rigged).mean(),
        "counts": (counts * rigged).mean(),
    }


@torch.no_grad()
def judge(model: nn.Module, here: list[Body], turns: int = 2) -> Numbers:
    """How good the answers are for bodies as they stand, and standing and kind also turned at random."""
    found: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(here), 12):
        some = here[start : start + 12]
        randoms = [np.random.default_rng(zlib.crc32(body.name.encode())) for body in some]
        for turn in range(1 + turns):
            ways = [int(random.integers(1, 24)) if turn else 0 for random in randoms]
            views = [plain(body, random, way) for body, random, way in zip(some, randoms, ways, strict=True)]
            batch = batch_of(views, some)
            for name, value in _facts(answers(model, batch), batch).items():
                if not turn or name in ("up", "front"):
                    found.setdefault(("turned " if turn else "") + name, []).append(value)
    return {name: float(np.concatenate(values).mean()) for name, values in found.items()}


def _facts(answer: Answer, batch: Batch) -> dict[str, np.ndarray]:
    """What is right of each shape, (N,)."""
    rows = np.arange(len(batch["plan"]))
    stand = answer.stand.argmax(1).numpy()
    best = batch["stand"].numpy().argmax(1)
    plan = answer.plan.softmax(1).numpy()
    kinds = np.stack([plan[:, kind == KIND_OF].sum(1) for kind in range(len(KINDS))], 1)
    off = (answer.vote - batch["votes"]).square().sum(3).sqrt()
    sided = batch["side"] > 0
    right = (answer.side[:, :, 1:].argmax(2) + 1 == batch["side"]) & sided
    return {
        "part": (answer.part.argmax(2) == batch["part"]).float().mean(1).numpy(),
        "side": (right.sum(1) / sided.sum(1).clamp_min(1))[sided.any(1)].numpy(),
        "along": (answer.along - batch["along"]).abs().mean(1).numpy(),
        "vote": 100 * (off[:, :, 0] * batch["share"]).mean(1).numpy(),
        "next": 100 * (off[:, :, 1] * batch["share"]).mean(1).numpy(),
        "front": batch["stand"].numpy()[rows, stand].astype(float),
        "up": np.einsum("i,nij,nkj,k->n", UP, TURNS[stand], TURNS[best], UP) > 0.9,
        "plan": (plan.argmax(1) == batch["plan"].numpy()).astype(float),
        "kind": (kinds.argmax(1) == KIND_OF[batch["plan"].numpy()]).astype(float),
        "joints": (answer.joints[:, 0] - batch["joints"].clamp_min(1).log()).abs().numpy(),
    }


RECIPE = PerceptionRecipe()
