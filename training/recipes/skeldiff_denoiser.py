"""Diffusion of skeletal latents, or of bare points to compare with: EDM on rows that a trained auto-encoder made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from inference.networks.skeldiff.denoiser import Denoiser, DenoiserSize
from inference.networks.skeldiff.inputs import LEAST_RADIUS
from inference.networks.skeldiff.network import ShapeNet
from training.datasets.packed.shapes import FAMILIES
from training.lessons.latents import Rows, point_rows
from training.lessons.shapes import PACKED, make_packed, packed_shapes, skeletons
from training.loop.checkpoint import read_checkpoint
from training.loop.errors import MissingDataError
from training.loop.export import config_of, trained_model
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
from training.losses.diffusion import denoising_loss, draw_sigma, paired
from training.networks.onnx_file import Shipment
from training.networks.start import begin

from .skeldiff import RECIPE as AUTOENCODER
from .skeldiff import encoded

TESTED = (0.05, 0.2, 0.5, 1.5, 5.0)  # noise that is measured on val
AT_ONCE = 32  # clouds that are encoded together
PLACES, RADII = 3.0, 2.0  # weight of errors in places and radii beside those in features


@dataclass(frozen=True, kw_only=True)
class DenoiserConfig(Config):
    """The network's size, and how it is taught."""

    data: Path = PACKED
    """Packed shapes."""
    autoencoder: Path = Path("out/training/skeldiff-small-0/best.ckpt")
    """Checkpoint of `skeldiff` whose latents are learned."""
    bare_points: int = 0
    """Learn so many surface points of each shape instead of latents (to compare with)."""
    categories: tuple[str, ...] = FAMILIES
    """Names of what is told apart, in the network's order."""
    width: int = 192
    layers: int = 6
    heads: int = 6
    unconditional: float = 0.15
    """Share of the lessons whose category is not told."""
    paired: bool = True
    """Pair noise and points; False: as they come (ablation)."""
    batch_size: int = 32
    steps: int = 100
    rate: float = 1e-3


class DenoiserRecipe(Recipe[DenoiserConfig]):
    """Diffusion of skeletal latents."""

    name = "skeldiff_denoiser"
    presets: Mapping[str, DenoiserConfig] = {
        "tiny": DenoiserConfig(width=96, layers=2, heads=4, batch_size=8, loop=Loop(evaluate_every=100)),
        "small": DenoiserConfig(steps=4500, rate=7e-4, loop=Loop(evaluate_every=1000)),
        "full": DenoiserConfig(
            width=512, layers=6, heads=8, batch_size=512, steps=60000, loop=Loop(evaluate_every=5000, ema=0.9995)
        ),
    }
    best: tuple[str, Way] = ("error", "min")
    ablations: Mapping[str, Mapping[str, bool | int | float]] = {"noise as it comes": {"paired": False}}

    def prepare(self, config: DenoiserConfig) -> None:
        make_packed(config.data)
        for split in ("train", "val"):
            rows_of(config, split)

    def build(self, config: DenoiserConfig) -> nn.Module:
        learned = rows_of(config, "train")
        size = DenoiserSize(learned.rows.shape[-1], len(config.categories), config.width, config.layers, config.heads)
        net = Denoiser(size)
        begin(net)
        with torch.no_grad():
            net.answer.weight.mul_(0.1)
            for layer in net.layers:
                condition = layer.condition
                assert isinstance(condition, nn.Linear)
                condition.weight.mul_(0.1)
                condition.bias[2 * config.width : 3 * config.width] = 0.3  # gates: what is added begins small
                condition.bias[5 * config.width :] = 0.3
        mean, deviation = learned.spread()
        net.mean.copy_(torch.from_numpy(mean))
        net.deviation.copy_(torch.from_numpy(deviation))
        return net

    def stages(self, config: DenoiserConfig) -> tuple[Stage, ...]:
        objective = Objective("network", config.rate, weight_decay=0.01)
        return (Stage("all", config.steps, config.batch_size, (objective,), warmup=min(200, config.steps // 10)),)

    def batch(self, config: DenoiserConfig, stage: Stage, draw: Draw) -> Batch:
        rows, category = _shown(config, "train")
        z, noise, told = [], [], []
        for random in draw.generators():
            shape, which = int(random.integers(len(rows))), int(random.integers(rows.shape[1]))
            z.append(rows[shape, which])
            noise.append(_noise(config, z[-1], random))
            told.append(len(config.categories) if random.random() < config.unconditional else category[shape])
        return {
            "z": torch.from_numpy(np.stack(z)),
            "noise": torch.from_numpy(np.stack(noise)),
            "category": torch.tensor(told),
        }

    def loss(self, config: DenoiserConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[Tensor, Batch]:
        z, category = batch["z"], batch["category"]
        sigma = draw_sigma(len(z), z.device)
        loss = denoising_loss(lambda noisy, s: model(noisy, s, category)[0], z, batch["noise"], sigma, _weights(z))
        return loss, {"loss": loss}

    def evaluate(self, config: DenoiserConfig, model: nn.Module, split: Split) -> Numbers:
        rows, category = _shown(config, split)
        random = np.random.default_rng(0xE7A1)
        noise = np.stack([_noise(config, each[0], random) for each in rows])
        found: Numbers = {}
        device = next(model.parameters()).device
        z, eps = torch.from_numpy(np.ascontiguousarray(rows[:, 0])).to(device), torch.from_numpy(noise).to(device)
        told = torch.tensor(category, device=device)
        for spread in TESTED:
            errors = []
            for part in torch.arange(len(z)).split(64):
                sigma = torch.full((len(part),), spread, device=device)
                guess = model(z[part] + spread * eps[part], sigma, told[part])[0]
                errors.append((guess - z[part]).square().mean((1, 2)))
            found[f"error at {spread:g}"] = float(torch.cat(errors).mean()) ** 0.5
        found["error"] = float(np.mean(list(found.values())))
        return found

    def facts(self, config: DenoiserConfig) -> Facts:
        count = len(rows_of(config, "train").families)
        return Facts(f"{count} shapes generated by this project, as latents of skeldiff-encoder", "CC0-1.0")

    def shipment(self, config: DenoiserConfig, model: nn.Module) -> Shipment:
        row = rows_of(config, "train").rows.shape[-1]
        inputs = {"noisy": f"N S {row}", "sigma": "N", "category": "int N"}
        return Shipment(model, inputs, ("denoised", "mean", "deviation"))


def rows_of(config: DenoiserConfig, split: str) -> Rows:
    """What is learned."""
    if config.bare_points:
        return point_rows(config.data, split, config.bare_points)
    return latent_rows(config.autoencoder, config.data, split)


@lru_cache(maxsize=4)
def latent_rows(checkpoint: Path, data: Path, split: str) -> Rows:
    """Latents of all clouds of a split, by the auto-encoder of a checkpoint."""
    if not checkpoint.exists():
        raise MissingDataError(f"'{checkpoint}' is not there. `python -m training.train skeldiff` makes it.")
    state = read_checkpoint(checkpoint)
    config, model = config_of(AUTOENCODER, state), trained_model(AUTOENCODER, state)
    assert isinstance(model, ShapeNet)
    shapes, bones = packed_shapes(data, split), skeletons(data, split, config.points, config.skeleton)
    made = []
    with torch.no_grad():
        for start in range(0, len(shapes), AT_ONCE):
            some = shapes[start : start + AT_ONCE]
            each = []
            for which in range(bones.shape[1]):
                clouds = np.stack([shape.cloud(which, config.points) for shape in some])
                skeleton = torch.from_numpy(bones[start : start + AT_ONCE, which])
                each.append(encoded(model, config, torch.from_numpy(clouds), skeleton).numpy())
            made.append(np.stack(each, 1))
    rows = np.concatenate(made)
    if config.skeletal:
        rows[..., 3] = np.log(np.maximum(rows[..., 3], LEAST_RADIUS))
    return Rows(rows, tuple(shape.family for shape in shapes))


@lru_cache(maxsize=4)
def _shown(config: DenoiserConfig, split: str) -> tuple[np.ndarray, list[int]]:
    """Rows of a split as the network sees them, and the categories' numbers."""
    mean, deviation = rows_of(config, "train").spread()
    found = rows_of(config, split)
    return found.standard(mean, deviation), [config.categories.index(name) for name in found.families]


def _noise(config: DenoiserConfig, z: np.ndarray, random: np.random.Generator) -> np.ndarray:
    noise = random.standard_normal(z.shape).astype(np.float32)
    return paired(z[:, :3], noise) if config.paired else noise


def _weights(z: Tensor) -> Tensor:
    """Of the numbers of a row."""
    weights = torch.ones(z.shape[-1], device=z.device)
    weights[:3] = PLACES
    if len(weights) > 3:
        weights[3] = RADII
    return weights


RECIPE = DenoiserRecipe()
