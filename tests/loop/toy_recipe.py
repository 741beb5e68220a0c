"""A recipe that learns in seconds: a point's side of a plane, and in a second stage an adversary as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

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

PLANE = np.array([0.5, -1.0, 2.0], np.float32)


@dataclass(frozen=True, kw_only=True)
class ToyConfig(Config):
    """A net of one hidden layer."""

    width: int = 16
    steps: int = 60
    batch_size: int = 8
    rate: float = 1e-2
    loop: Loop = field(
        default_factory=lambda: Loop(
            ema=0.9, log_every=5, evaluate_every=20, checkpoint_every=7, checkpoint_seconds=1e9
        )
    )


class Toy(nn.Module):
    """A classifier with dropout (to need random numbers), running means (to need buffers), and an adversary."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(3, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(width, 1)
        )
        self.adversary = nn.Linear(1, 1)
        self.temperature: torch.Tensor
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, points: torch.Tensor) -> tuple[torch.Tensor]:
        return (self.net(points) / self.temperature,)


class ToyRecipe(Recipe[ToyConfig]):
    """Which side of a plane is a point on?"""

    name = "toy"
    presets: Mapping[str, ToyConfig] = {"tiny": ToyConfig(), "long": ToyConfig(steps=100000)}
    best: tuple[str, Way] = ("error", "min")

    def build(self, config: ToyConfig) -> nn.Module:
        return Toy(config.width)

    def stages(self, config: ToyConfig) -> tuple[Stage, ...]:
        learn = Objective("learn", config.rate, ("net.",))
        fool = Objective("fool", config.rate / 10, ("net.",))
        judge = Objective("judge", config.rate, ("adversary.",), every=2)
        return (
            Stage("plain", config.steps // 2, config.batch_size, (learn,), warmup=5),
            Stage("adversarial", config.steps - config.steps // 2, config.batch_size, (fool, judge), "constant"),
        )

    def batch(self, config: ToyConfig, stage: Stage, draw: Draw) -> Batch:
        points = np.stack([random.normal(size=3).astype(np.float32) for random in draw.generators()])
        return {"points": torch.from_numpy(points), "side": torch.from_numpy((points @ PLANE > 0).astype(np.float32))}

    def loss(self, config: ToyConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[torch.Tensor, Batch]:
        assert isinstance(model, Toy)
        logits = model.net(batch["points"])
        judged = model.adversary(logits if moment.objective == "fool" else logits.detach())
        if moment.objective == "judge":
            return (judged[:, 0] - batch["side"]).square().mean(), {}
        loss = nn.functional.binary_cross_entropy_with_logits(logits[:, 0], batch["side"])
        return loss + (0.01 * judged.mean() if moment.objective == "fool" else 0.0), {"plain": loss}

    def calibrate(self, config: ToyConfig, model: nn.Module) -> None:
        assert isinstance(model, Toy)
        model.temperature.fill_(2.0)

    def evaluate(self, config: ToyConfig, model: nn.Module, split: Split) -> Numbers:
        points = torch.from_numpy(np.random.default_rng(split == "val").normal(size=(256, 3)).astype(np.float32))
        logits = model(points)[0][:, 0]
        return {"error": float(((logits > 0) != (points @ torch.from_numpy(PLANE) > 0)).float().mean())}

    def pictures(self, config: ToyConfig, model: nn.Module) -> Batch:
        return {"grey": torch.full((3, 8, 8), 0.5)}

    def shipment(self, config: ToyConfig, model: nn.Module) -> Shipment:
        return Shipment(model, {"points": "N 3"}, ("logits",))

    def facts(self, config: ToyConfig) -> Facts:
        return Facts("made up", "CC0-1.0")


RECIPE = ToyRecipe()
