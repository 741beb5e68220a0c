"""Skeletal latents: a shape's surface becomes a skeleton with features, and those the shape's signed distances again.

Parts can be left out, and the whole skeleton: then it is a plain auto-encoder of a set of features.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from inference.networks.layers.attention import Mlp
from inference.networks.skeldiff.inputs import PLACE
from inference.networks.skeldiff.network import Look, PointLayer, ShapeNet, ShapeParts, Size
from training.datasets.packed.shapes import FAMILIES
from training.lessons.shapes import PACKED, make_packed, packed_shapes, show, skeletons
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
from training.losses.shapes import distance_loss, in_band, skeleton_constraint
from training.networks.onnx_file import Shipment
from training.networks.start import begin

EVALUATED = 16  # shapes that are decoded together


@dataclass(frozen=True, kw_only=True)
class SkeldiffConfig(Config):
    """The network's size, its parts, and how it is taught."""

    data: Path = PACKED
    """Packed shapes."""
    families: tuple[str, ...] = FAMILIES
    """What is learned of them."""
    points: int = 1024
    """Surface points that the encoder sees."""
    skeleton: int = 64
    """Skeleton points of a latent."""
    features: int = 16
    """Numbers that each of them carries."""
    width: int = 128
    levels: int = 2
    blocks: int = 2
    neighbours: int = 16
    """Surface points that each skeleton point hears of, at each level."""
    skeletal: bool = True
    """False: a set of features without places (a plain auto-encoder to compare with)."""
    attention: bool = True
    """Attention among the latent; False: without (ablation)."""
    constraint: float = 0.1
    """Weight of the skeleton constraint; 0: without (ablation)."""
    noise: float = 0.1
    """Spread of the noise on features while the decoder learns; on places and radii a twentieth of it."""
    only_decoder: bool = False
    """Teach the decoder alone, with noise of any spread up to that much, so that it forgives what diffusion makes. What
    was encoded before stays as it is. Goes on from a checkpoint: --begin-with."""
    places: int = 768
    """Places of a shape in a step."""
    batch_size: int = 4
    steps: int = 100
    rate: float = 1e-3


class SkeldiffRecipe(Recipe[SkeldiffConfig]):
    """Skeletal latents of shapes."""

    name = "skeldiff"
    presets: Mapping[str, SkeldiffConfig] = {
        "tiny": SkeldiffConfig(width=64, blocks=1, loop=Loop(evaluate_every=100)),
        "small": SkeldiffConfig(steps=6200, loop=Loop(evaluate_every=2000)),
        "full": SkeldiffConfig(
            skeleton=256,
            features=12,
            width=512,
            levels=4,
            blocks=4,
            neighbours=32,
            batch_size=64,
            places=1280,
            steps=60000,
            rate=3e-4,
            loop=Loop(evaluate_every=5000),
        ),
    }
    best: tuple[str, Way] = ("error", "min")
    ablations: Mapping[str, Mapping[str, bool | int | float]] = {
        "no skeleton": {"skeletal": False, "constraint": 0.0},
        "no skeleton constraint": {"constraint": 0.0},
        "no latent attention": {"attention": False},
    }

    def prepare(self, config: SkeldiffConfig) -> None:
        make_packed(config.data)
        for split in ("train", "val"):
            packed_shapes(config.data, split)
            skeletons(config.data, split, config.points, config.skeleton)

    def build(self, config: SkeldiffConfig) -> nn.Module:
        return fresh(config)

    def stages(self, config: SkeldiffConfig) -> tuple[Stage, ...]:
        moved = ("decoder",) if config.only_decoder else ("",)
        objective = Objective("network", config.rate, moved, weight_decay=0.01)
        return (Stage("all", config.steps, config.batch_size, (objective,), warmup=min(200, config.steps // 10)),)

    def batch(self, config: SkeldiffConfig, stage: Stage, draw: Draw) -> Batch:
        shapes = packed_shapes(config.data, "train")
        bones = skeletons(config.data, "train", config.points, config.skeleton)
        chosen = [place for place, shape in enumerate(shapes) if shape.family in config.families]
        lessons = []
        for random in draw.generators():
            which = chosen[int(random.integers(len(chosen)))]
            lessons.append(show(shapes[which], bones[which], config.points, config.places, random))
        return {
            name: torch.from_numpy(np.stack([getattr(lesson, name) for lesson in lessons]).astype(np.float32))
            for name in ("cloud", "skeleton", "points", "distances")
        }

    def loss(self, config: SkeldiffConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[Tensor, Batch]:
        assert isinstance(model, ShapeNet)
        if config.only_decoder:
            model.encoder.eval()
            with torch.no_grad():
                z = encoded(model, config, batch["cloud"], batch["skeleton"])
            z = z + config.noise * torch.rand_like(z[:, :1, :1]) * torch.randn_like(z) * _noise_shares(config, z)
        else:
            z = encoded(model, config, batch["cloud"], batch["skeleton"])
            z = z + config.noise * torch.randn_like(z) * _noise_shares(config, z)
        fit = distance_loss(model.decoder(z, batch["points"])[0], batch["distances"])
        if config.constraint == 0:
            return fit, {"fit": fit}
        bones = batch["skeleton"]
        held = skeleton_constraint(lambda points: model.decoder(z, points)[0], bones[..., :3], bones[..., 3])
        return fit + config.constraint * held, {"fit": fit, "constraint": held}

    def evaluate(self, config: SkeldiffConfig, model: nn.Module, split: Split) -> Numbers:
        assert isinstance(model, ShapeNet)
        every = packed_shapes(config.data, split)
        bones = skeletons(config.data, split, config.points, config.skeleton)
        numbers = [place for place, shape in enumerate(every) if shape.family in config.families]
        scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
        device = next(model.parameters()).device
        for start in range(0, len(numbers), EVALUATED):
            some = numbers[start : start + EVALUATED]
            clouds = torch.from_numpy(np.stack([every[k].cloud(0, config.points) for k in some])).to(device)
            z = encoded(model, config, clouds, torch.from_numpy(bones[some, 0]).to(device))
            at, true = (
                torch.from_numpy(np.stack(part)).to(device)
                for part in zip(*(every[k].samples(slice(None)) for k in some), strict=True)
            )
            told = model.decoder(z, at)[0]
            error = (told.clamp(-1, 1) - in_band(true)).abs().mean(1)
            both, either = ((told > 0) & (true > 0)).sum(1), ((told > 0) | (true > 0)).sum(1)
            for k, *score in zip(some, error.tolist(), (both / either.clamp_min(1)).tolist(), strict=True):
                scores[every[k].family].append((score[0], score[1]))
        means = {family: np.mean(each, 0) for family, each in scores.items()}
        found: Numbers = {f"{family}: IoU": float(mean[1]) for family, mean in means.items()}
        found["error"] = float(np.mean([mean[0] for mean in means.values()]))
        found["IoU"] = float(np.mean([mean[1] for mean in means.values()]))
        return found

    def facts(self, config: SkeldiffConfig) -> Facts:
        count = sum(shape.family in config.families for shape in packed_shapes(config.data, "train"))
        return Facts(f"{count} shapes generated by this project: {', '.join(config.families)}", "CC0-1.0")

    def shipments(self, config: SkeldiffConfig, model: nn.Module) -> Mapping[str, Shipment]:
        assert isinstance(model, ShapeNet)
        row = PLACE + config.features
        return {
            "skeldiff-encoder": Shipment(model.encoder, {"cloud": f"N {config.points} 3"}, ("latent",)),
            "skeldiff-decoder": Shipment(model.decoder, {"latent": f"N S {row}", "points": "N Q 3"}, ("distances",)),
        }


def size_of(config: SkeldiffConfig) -> Size:
    """The network's size."""
    return Size(
        config.points, config.skeleton, config.features, config.width, config.levels, config.blocks, config.neighbours
    )


def fresh(config: SkeldiffConfig) -> ShapeNet:
    """What training starts from: what is told is the skeleton's balls, hardly changed."""
    net = ShapeNet(size_of(config), ShapeParts(config.skeletal, config.attention))
    begin(net)
    with torch.no_grad():
        net.decoder.distance.weight.mul_(0.1)
        for module in net.modules():
            if isinstance(module, PointLayer | Mlp):  # what is added to a row begins small
                module.outer.weight.mul_(0.3)
            elif isinstance(module, Look):
                module.narrow.weight.mul_(0.3)
    return net


def encoded(model: ShapeNet, config: SkeldiffConfig, cloud: Tensor, skeleton: Tensor) -> Tensor:
    """Rows of clouds (N, P, 3) whose skeletons (N, S, 4) are known."""
    if not config.skeletal:
        return model.encoder(cloud)[0]
    return model.encoder.of_skeleton(cloud, skeleton[..., :3], skeleton[..., 3])


def _noise_shares(config: SkeldiffConfig, z: Tensor) -> Tensor:
    """How much of the noise each number of a row gets."""
    shares = torch.ones(z.shape[-1], device=z.device)
    if config.skeletal:
        shares[:PLACE] = 0.05
        shares[3] = 0.02  # radii are small numbers
    return shares


RECIPE = SkeldiffRecipe()
