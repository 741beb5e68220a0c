"""What a recipe is: everything about one network's training that is not the same for all of them.

A recipe is one object named RECIPE in training/recipes/NAME.py. It holds no state: its methods are functions of the
config, so loader processes and a resumed training need nothing but the config and the step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import numpy as np
import torch
from torch import nn

from training.networks.onnx_file import Shipment

from .errors import TrainingError

Batch = dict[str, torch.Tensor]  # every tensor (items, ...)
Numbers = dict[str, float]
Split = Literal["train", "val"]
Way = Literal["min", "max"]


@dataclass(frozen=True)
class Loop:
    """How the loop goes about it: the same settings for every recipe."""

    ema: float = 0.999
    """Share of the old weights kept by the running average in each step (less in the first steps); 0 = no average."""
    clip: float = 1.0
    """Longest gradient, over an objective's parameters together; 0 = as long as it is."""
    log_every: int = 20
    """Steps between two points of a curve."""
    evaluate_every: int = 1000
    """Steps between two evaluations on val; the last step is always evaluated."""
    checkpoint_every: int = 1000
    """Steps between two checkpoints."""
    checkpoint_seconds: float = 300.0
    """... and never more seconds between two than this."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What every recipe's config has; recipes add their own fields, all with defaults."""

    loop: Loop = field(default_factory=Loop)


@dataclass(frozen=True)
class Objective:
    """One optimiser: which parameters move and how fast. An adversarial stage has several, taken in order."""

    name: str  # handed to Recipe.loss
    rate: float  # AdamW's learning rate at the schedule's top
    parameters: tuple[str, ...] = ("",)  # how their names in model.named_parameters() begin; "" = all
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.0
    every: int = 1  # moves only in steps that this divides


@dataclass(frozen=True)
class Stage:
    """A stretch of the training with optimisers of its own."""

    name: str
    steps: int
    batch_size: int  # items of a step, over all processes together
    objectives: tuple[Objective, ...]
    schedule: Literal["constant", "linear", "cosine"] = "cosine"  # from the top down to `floor`
    warmup: int = 0  # steps of a straight rise to the top
    floor: float = 0.01  # share of the rate that is left in the last step


@dataclass(frozen=True)
class Draw:
    """Which items of a step's batch to make: `first` .. `first + count - 1`. Equal draws are equal batches."""

    seed: int
    stage: int
    step: int  # of the whole training
    first: int
    count: int

    def generators(self) -> Iterator[np.random.Generator]:
        """One random generator for each item, the same however many processes share the batch."""
        for item in range(self.first, self.first + self.count):
            yield np.random.default_rng([self.seed, self.stage, self.step, item])

    def generator(self) -> np.random.Generator:
        """One for all items of this draw, for recipes that make a batch as a whole."""
        return np.random.default_rng([self.seed, self.stage, self.step, self.first])


@dataclass(frozen=True)
class Moment:
    """Where the training is when a loss is asked for."""

    stage: Stage
    objective: str
    step: int  # of the stage
    total_step: int  # of the whole training


@dataclass(frozen=True)
class Facts:
    """What the card of the weights says about where they come from."""

    data: str
    licence: str


C = TypeVar("C", bound=Config)


class Recipe(ABC, Generic[C]):
    """One network: its presets, model, data, losses and metrics."""

    name: str
    presets: Mapping[str, C]  # at least "tiny" (minutes on 2 cores), "small" (about an hour), "full" (one big GPU)
    best: tuple[str, Way]  # the metric of `evaluate` that chooses the best checkpoint
    ablations: Mapping[str, Mapping[str, bool | int | float]] = {}  # name -> the config's fields that leave a part out

    @abstractmethod
    def build(self, config: C) -> nn.Module:
        """The model, freshly initialised. torch is seeded before; adversaries are submodules."""

    @abstractmethod
    def stages(self, config: C) -> tuple[Stage, ...]:
        """In order."""

    @abstractmethod
    def batch(self, config: C, stage: Stage, draw: Draw) -> Batch:
        """`draw.count` items, a pure function of its arguments. Runs in loader processes, on the CPU."""

    @abstractmethod
    def loss(self, config: C, model: nn.Module, batch: Batch, moment: Moment) -> tuple[torch.Tensor, Batch]:
        """What `moment.objective` lessens (a scalar), and scalars worth a curve. Only its parameters get gradients.

        torch's own random numbers may be drawn: they are seeded by (seed, step, process).
        """

    @abstractmethod
    def evaluate(self, config: C, model: nn.Module, split: Split) -> Numbers:
        """The metrics, for a model in eval mode. Every failed item counts."""

    @abstractmethod
    def facts(self, config: C) -> Facts:
        """For the card."""

    def prepare(self, config: C) -> None:
        """Make or find the data, once, before anything else; a named error says what is missing."""

    def calibrate(self, config: C, model: nn.Module) -> None:
        """Set what is not learned by gradients (temperatures ...), from train data; before every evaluation."""

    def pictures(self, config: C, model: nn.Module) -> Batch:
        """What to look at beside the curves: images (3, H, W) in 0..1 by name."""
        return {}

    def shipment(self, config: C, model: nn.Module) -> Shipment:
        """What inference needs of a trained model in eval mode; it may be a part of it. `evaluate` understands it."""
        raise TrainingError(f"Nothing of '{self.name}' is shipped: it is there to compare with.")

    def shipments(self, config: C, model: nn.Module) -> Mapping[str, Shipment]:
        """Parts of the model that are shipped as files of their own, by the names of their weights.

        Empty: it is shipped as one, by the name that export is told.
        """
        return {}
