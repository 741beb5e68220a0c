"""Cortex: joints and topology of anything, from points of its surface. Four of its parts can be left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, relu

from inference.networks.cortex.apply import BoneTree, grow_tree
from inference.networks.cortex.inputs import STEP, Answer, Inputs, graph_inputs
from inference.networks.cortex.network import CortexNet, Graph, Size
from inference.networks.joints.inputs import AROUND, TOKENS, Surface
from training.datasets.builders.build import build_file
from training.datasets.builders.sources import Generated, Library, families_named
from training.datasets.packed.surfaces import PackedAsset, Surfaces
from training.datasets.rigged_glb import LIBRARY
from training.lessons.cortex import lessons, show
from training.lessons.surfaces import library
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
from training.losses.graphs import GraphCritic, assign, matched_adjacency, spectral_loss
from training.metrics.graphs import edges_of_parents, score_graph
from training.metrics.rig import Skeleton, b2b, j2b, j2j
from training.networks.asking import asked
from training.networks.onnx_file import Shipment
from training.networks.start import TABLES, begin

PACKED = Path("out/surfaces.safetensors")
CHARACTERS = Path("out/characters.safetensors")
GENERATED = 60  # shapes of each family of characters
NETWORK, CRITICS = "network", "critics"
SHAPES = {
    "points": "N P 6",
    "near": f"int N {TOKENS} {AROUND}",
    "centres": f"N {TOKENS} 3",
    "facing": f"N {TOKENS} 3",
}


@dataclass(frozen=True, kw_only=True)
class CortexConfig(Config):
    """The network's size, its parts, and how it is taught."""

    data: tuple[Path, ...] = (PACKED,)
    """Packed surfaces with rigs: artists' first, then generated ones."""
    width: int = 128
    layers: int = 4
    scales: int = 3
    """Hop scales of the attention over the graph; 0: without (ablation)."""
    spectral: float = 0.1
    """Weight of the spectral loss; 0: without (ablation)."""
    adversarial: float = 0.01
    """Weight of the two critics' opinion; 0: without (ablation)."""
    adaptive: bool = True
    """Each shape has its own number of joints; False: always as many as the rigs have on the mean (ablation)."""
    critics_from: float = 0.3
    """Share of the training after which the critics are listened to."""
    steps: int = 120
    batch_size: int = 16
    rate: float = 1e-3
    points: int = 1024
    """Surface points of a shape in training."""
    pose: float = 0.25
    """Typical turn of a joint in radians, in the part of the shapes that are posed."""
    limbs: float = 0.07
    """Typical log of how much what hangs on a joint grows or shrinks, there too."""
    posed: float = 0.5
    """Share of the shapes that are posed."""
    generated: float = 0.35
    """Share of the lessons that are generated shapes, where there are any."""


class CortexTraining(nn.Module):
    """The network and the two critics that are there only in training."""

    def __init__(self, shape: Size) -> None:
        super().__init__()
        self.network = CortexNet(shape)
        begin(self.network)
        with torch.no_grad():
            self.network.reach.normal_(0.0, TABLES)
            for layer in (self.network.move, self.network.answer):
                layer.weight.mul_(0.1)
        self.critics = nn.ModuleDict({"geometry": GraphCritic(64), "pose": GraphCritic(64, shape.width)})

    def judged(
        self, joints: torch.Tensor, mass: torch.Tensor, graph: torch.Tensor, pooled: torch.Tensor
    ) -> torch.Tensor:
        """What both critics think, (2, N)."""
        geometry, pose = self.critics["geometry"], self.critics["pose"]
        return torch.stack([geometry(joints, mass, graph), pose(joints, mass, graph, pooled)])


class CortexRecipe(Recipe[CortexConfig]):
    """Joints and topology of anything."""

    name = "cortex"
    presets: Mapping[str, CortexConfig] = {
        "tiny": CortexConfig(width=64, layers=2, batch_size=8, loop=Loop(evaluate_every=120)),
        "small": CortexConfig(data=(PACKED, CHARACTERS), steps=5000, loop=Loop(evaluate_every=1000)),
        "full": CortexConfig(
            data=(PACKED, CHARACTERS), steps=40000, width=192, layers=6, batch_size=64, loop=Loop(evaluate_every=4000)
        ),
    }
    best: tuple[str, Way] = ("J2J by kind", "min")
    ablations: Mapping[str, Mapping[str, bool | int | float]] = {
        "no spectral loss": {"spectral": 0.0},
        "no attention over scales": {"scales": 0},
        "no adaptive complexity": {"adaptive": False},
        "no adversaries": {"adversarial": 0.0},
    }

    def prepare(self, config: CortexConfig) -> None:
        if not config.data[0].exists() and (LIBRARY / "SOURCES.csv").exists():
            build_file(config.data[0], Library(rigged=None), Surfaces())
        for path in config.data[1:]:
            if not path.exists():
                build_file(path, Generated(families_named(("characters",)), range(GENERATED)), Surfaces(1024))
        library(config.data)

    def build(self, config: CortexConfig) -> nn.Module:
        return CortexTraining(_shape(config))

    def stages(self, config: CortexConfig) -> tuple[Stage, ...]:
        network = Objective(NETWORK, config.rate, (NETWORK,), weight_decay=0.01)
        critics = Objective(CRITICS, 0.3 * config.rate, (CRITICS,), betas=(0.5, 0.99))
        objectives = (network, critics) if config.adversarial > 0 else (network,)
        return (Stage("all", config.steps, config.batch_size, objectives, warmup=min(200, config.steps // 10)),)

    def batch(self, config: CortexConfig, stage: Stage, draw: Draw) -> Batch:
        learned, chances = lessons(config.data, config.generated)
        examples = [
            show(learned[random.choice(len(learned), p=chances)], config, random) for random in draw.generators()
        ]
        count = max(len(example.joints) for example in examples)
        arrays = {
            field.name: np.concatenate([getattr(example.inputs, field.name) for example in examples])
            for field in fields(Inputs)
        }
        arrays["truth"] = np.zeros((len(examples), count, 3), np.float32)
        arrays["there"] = np.zeros((len(examples), count), np.float32)
        arrays["joined"] = np.zeros((len(examples), count, count), np.float32)
        arrays["root"] = np.zeros((len(examples), count), np.float32)
        for item, example in enumerate(examples):
            own = np.arange(len(example.joints))
            child = own[example.parents >= 0]
            arrays["truth"][item, own], arrays["there"][item, own] = example.joints, 1
            arrays["joined"][item, child, example.parents[child]] = 1
            arrays["joined"][item, example.parents[child], child] = 1
            arrays["root"][item, own] = example.parents < 0
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def loss(self, config: CortexConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[torch.Tensor, Batch]:
        assert isinstance(model, CortexTraining)
        answer = model.network.graph(*(batch[field.name] for field in fields(Inputs)))
        chosen = assign(answer.joints, answer.exists, batch["truth"], batch["there"])
        is_joint = (chosen >= 0).float()
        if moment.objective == CRITICS:
            return _critics_loss(model, answer, chosen, batch)
        target = torch.gather(batch["truth"], 1, chosen.clamp(min=0)[..., None].expand(-1, -1, 3))
        count = is_joint.sum()
        off, early = (
            ((where.float() - target).abs().sum(-1) * is_joint).sum() / count / STEP
            for where in (answer.joints, answer.first)
        )
        existing = binary_cross_entropy_with_logits(answer.exists.float(), is_joint)
        rooted = torch.gather(batch["root"], 1, chosen.clamp(min=0)) * is_joint
        root = -(torch.log_softmax(answer.root.float() - 20 * (1 - is_joint), -1) * rooted).sum(1).mean()
        mine = matched_adjacency(answer.adjacency.float(), chosen, batch["truth"].shape[1])
        pair = batch["there"][:, :, None] * batch["there"][:, None]
        # Bones are few among all pairs: their side of the cross entropy counts for more.
        unsure = -(
            4 * batch["joined"] * (mine + 1e-6).log() + (1 - batch["joined"]) * (1 - mine.clamp(max=1 - 1e-6)).log()
        )
        edges = (unsure * pair).sum() / pair.sum()
        total = off + 0.5 * early + existing + 0.1 * root + edges
        logged = {"joint x100": 100 * STEP * off, "exists": existing, "edges": edges, "root": root}
        if config.spectral > 0:
            spectral = spectral_loss(mine, batch["joined"], batch["there"])
            total, logged["spectral"] = total + config.spectral * spectral, spectral
        if config.adversarial > 0 and moment.step >= config.critics_from * moment.stage.steps:
            mass = answer.exists.float().sigmoid()
            liked = model.judged(answer.joints.float(), mass, answer.adjacency.float(), answer.pooled.float()).mean()
            total, logged["liked"] = total - config.adversarial * liked, liked
        return total, logged

    def evaluate(self, config: CortexConfig, model: nn.Module, split: Split) -> Numbers:
        ask = asked(model.network if isinstance(model, CortexTraining) else model)
        artists = tuple(a for a in library(config.data[:1]) if a.rigged and a.split == split)
        usual = None if config.adaptive else round(float(np.mean([len(a.names) for a in artists])))
        by_kind: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        for asset in artists:
            seen = Surface(asset.points, asset.normals)
            tree = grow_tree(Answer(*ask(vars(graph_inputs(seen)))), count=usual)
            by_kind[asset.kind].append(_judged(tree, asset))
        numbers: Numbers = {}
        everything = [score for scores in by_kind.values() for score in scores]
        for kind, scores in [*sorted(by_kind.items()), ("all", everything)]:
            means = np.mean(scores, 0)
            numbers |= {f"{kind}: {name}": float(value) for name, value in zip(MEASURED, means, strict=True)}
        numbers["J2J by kind"] = float(np.mean([np.mean(scores, 0)[0] for scores in by_kind.values()]))
        return numbers

    def facts(self, config: CortexConfig) -> Facts:
        count = sum(a.split == "train" and a.rigged for a in library(config.data[:1]))
        return Facts(
            f"{count} rigs: Quaternius (CC0-1.0), VALID avatars (MIT, (c) 2022 Tiffany Do)"
            + (", shapes generated by this project" if len(config.data) > 1 else ""),
            "CC0-1.0 and MIT",
        )

    def shipment(self, config: CortexConfig, model: nn.Module) -> Shipment:
        assert isinstance(model, CortexTraining)
        return Shipment(model.network, SHAPES, Answer._fields)


MEASURED = ("J2J", "J2B", "B2B", "MPJPE", "GED", "TF")


def _shape(config: CortexConfig) -> Size:
    return Size(width=config.width, layers=config.layers, scales=config.scales)


def _critics_loss(
    model: CortexTraining, answer: Graph, chosen: torch.Tensor, batch: Batch
) -> tuple[torch.Tensor, Batch]:
    """Hinge: true skeletons above 1, made ones below -1."""
    pooled = answer.pooled.detach().float()
    joints, mass = answer.joints.detach().float(), answer.exists.detach().float().sigmoid()
    made = model.judged(joints, mass, answer.adjacency.detach().float(), pooled)
    true = model.judged(batch["truth"], batch["there"], batch["joined"], pooled)
    loss = relu(1 - true).mean() + relu(1 + made).mean()
    return loss, {"true": true.mean(), "made": made.mean()}


def _judged(tree: BoneTree, asset: PackedAsset) -> tuple[float, ...]:
    truth = Skeleton(asset.heads.astype(float), asset.parents.astype(np.int32))
    mine = Skeleton(tree.joints, tree.parents)
    graph = score_graph(mine.joints, edges_of_parents(mine.parents), truth.joints, edges_of_parents(truth.parents))
    return (
        j2j(mine, truth),
        j2b(mine, truth),
        b2b(mine, truth),
        graph.mpjpe,
        graph.ged,
        graph.tf,
    )


RECIPE = CortexRecipe()
