"""The loop: batches in order, each objective's step, points of the curves, evaluations, checkpoints.

Everything that a step depends on is its number, the seed and the state in `Checkpoint`, so that a training that was
killed at any moment goes on to the same numbers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

import torch
from lightning_fabric import Fabric
from torch import nn

from .average import decay_at, move_average, start_average
from .checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from .errors import CheckpointError, TrainingError
from .loader import Made, Share, Steps, make_loader, sensible_workers
from .machine import average_buffers, average_gradients, average_numbers, device_name, seed_step
from .recipe import Batch, C, Numbers, Objective, Recipe, Stage
from .record import Meter, Record
from .schedule import moment_of, share_of_rate, stage_of, total_steps
from .values import as_values, first_difference


@dataclass(frozen=True)
class Run:
    """How this training is run; but for where it begins, none of it changes the numbers."""

    out: Path
    resume: bool = False
    workers: int | None = None  # loader processes; None = what suits the machine, 0 = none
    max_minutes: float = 0.0  # stop after a checkpoint when this is over; 0 = no limit
    begin_with: Path | None = None  # a checkpoint whose averaged weights are the first ones


class Trainer(Generic[C]):
    """One training of one recipe."""

    def __init__(self, recipe: Recipe[C], config: C, seed: int, fabric: Fabric, run: Run) -> None:
        self.recipe, self.config, self.seed, self.fabric, self.run_options = recipe, config, seed, fabric, run
        self.stages = recipe.stages(config)
        self.total = total_steps(self.stages)
        torch.manual_seed(seed)
        self.model = fabric.to_device(recipe.build(config)).train()
        self.average = start_average(self.model)
        self.optimisers: list[torch.optim.Optimizer] = []
        self.state = Checkpoint(recipe.name, as_values(config), seed, 0, {}, {}, [], device=device_name(fabric))
        self._waiting: list[Batch] = []  # numbers of steps that are still on the device
        self._started = time.monotonic()
        if run.resume:
            self._restore(run.out / "last.ckpt")
        elif (run.out / "last.ckpt").exists():
            raise TrainingError(
                f"'{run.out}' holds a training already. Add --resume to go on with it, or choose another --out."
            )
        elif run.begin_with is not None:
            self._begin_with(run.begin_with)
        self._minutes_before = self.state.minutes

    def train(self) -> Checkpoint:
        """To the end of the last stage, or as far as the minutes reach. Gives the last checkpoint's state."""
        if self.fabric.is_global_zero:
            self.run_options.out.mkdir(parents=True, exist_ok=True)
        workers = self.run_options.workers
        workers = sensible_workers(self.fabric.world_size) if workers is None else workers
        steps = Steps(self.recipe, self.config, self.seed, Share(self.fabric.global_rank, self.fabric.world_size))
        loader = make_loader(steps, self.state.step, workers, pin=self.fabric.device.type == "cuda")
        meter = Meter(workers, self.fabric.world_size)
        with Record(self.run_options.out, self.total, self.state.step, active=self.fabric.is_global_zero) as record:
            self._loop(iter(loader) if self.state.step < self.total else iter(()), meter, record)
        return self.state

    def _loop(self, batches: Iterator[Made], meter: Meter, record: Record) -> None:
        loop, state, saved = self.config.loop, self.state, time.monotonic()
        while state.step < self.total:
            asked = time.perf_counter()
            made = next(batches)
            meter.count(made, time.perf_counter() - asked)
            index = stage_of(self.stages, state.step)
            if not self.optimisers or state.step == total_steps(self.stages[:index]):
                self._start_stage(self.stages[index])
            self._step(self.stages[index], self.fabric.to_device(made.batch))
            state.step += 1
            state.samples += made.items * self.fabric.world_size
            last = state.step == self.total
            over = False
            if state.step % loop.log_every == 0 or last:
                self._point(self.stages[index].name, meter, record)
                # Only here do all processes ask the clock, so that they agree.
                over, late = self._clock(saved)
            else:
                late = False
            evaluated = last or state.step % loop.evaluate_every == 0
            if evaluated:
                self._evaluate(record)
            if evaluated or over or late or state.step % loop.checkpoint_every == 0:
                self._save(record, self.run_options.out / "last.ckpt")
                saved = time.monotonic()
                meter.restart()
            if over and not last:
                record.say(f"Stopped after {state.minutes:.1f} minutes at step {state.step}; --resume goes on.")
                return

    def repeat(self, batch: Batch) -> None:
        """The first stage's first step on any batch, for measuring how fast a step is."""
        if not self.optimisers:
            self._start_stage(self.stages[0])
        self._step(self.stages[0], batch)
        self._waiting.clear()

    def _clock(self, saved: float) -> tuple[bool, bool]:
        """Whether the minutes are over, and whether the last checkpoint is too old: as the first process sees it."""
        spent, limit = (time.monotonic() - self._started) / 60, self.run_options.max_minutes
        here = (0 < limit <= spent, time.monotonic() - saved > self.config.loop.checkpoint_seconds)
        return self.fabric.broadcast(here) if self.fabric.world_size > 1 else here

    def _start_stage(self, stage: Stage) -> None:
        """New optimisers, with the state of the checkpoint where it was left within this stage."""
        named = dict(self.model.named_parameters())
        self.optimisers = []
        for objective in stage.objectives:
            moved = [item for name, item in named.items() if name.startswith(objective.parameters)]
            if not moved:
                raise TrainingError(f"Objective '{objective.name}' moves no parameter: {objective.parameters}.")
            self.optimisers.append(
                torch.optim.AdamW(
                    moved,
                    objective.rate,
                    objective.betas,
                    weight_decay=objective.weight_decay,
                    fused=self.fabric.device.type == "cuda",
                )
            )
        for optimiser, kept in zip(self.optimisers, self.state.optimisers, strict=False):
            optimiser.load_state_dict(kept)
        self.state.optimisers = []

    def _step(self, stage: Stage, batch: Batch) -> None:
        seed_step(self.seed, self.state.step, self.fabric.global_rank)
        seen: Batch = {}
        for objective, optimiser in zip(stage.objectives, self.optimisers, strict=True):
            moment = moment_of(self.stages, self.state.step, objective)
            if moment.step % objective.every:
                continue
            moved = [item for group in optimiser.param_groups for item in group["params"]]
            self.model.requires_grad_(requires_grad=False)
            for item in moved:
                item.requires_grad_(requires_grad=True)
            optimiser.zero_grad(set_to_none=True)
            with self.fabric.autocast():
                loss, numbers = self.recipe.loss(self.config, self.model, batch, moment)
            loss.backward()
            average_gradients(self.fabric, moved)
            length = clip_gradients(moved, self.config.loop.clip)
            for group in optimiser.param_groups:
                group["lr"] = objective.rate * share_of_rate(stage, moment.step)
            optimiser.step()
            seen.update(self._named(stage, objective, {"loss": loss, "gradient": length, **numbers}))
        average_buffers(self.fabric, self.model)
        move_average(self.average, self.model, decay_at(self.config.loop.ema, self.state.step))
        self._waiting.append(seen)

    @staticmethod
    def _named(stage: Stage, objective: Objective, numbers: Batch) -> Batch:
        """With several objectives, each number says whose it is, but the first one's loss stays `loss`."""
        first = objective is stage.objectives[0]
        alone = len(stage.objectives) == 1
        return {
            name if alone or (first and name == "loss") else f"{objective.name}/{name}": value.detach().float()
            for name, value in numbers.items()
        }

    def _collect(self) -> None:
        """Bring the numbers of the last steps over from the device, all at once; stop where one is not finite."""
        for name in sorted({name for seen in self._waiting for name in seen}):
            values = torch.stack([seen[name] for seen in self._waiting if name in seen])
            self.state.window.setdefault(name, []).extend(values.tolist())
            if not torch.isfinite(values).all():
                raise TrainingError(
                    f"Before step {self.state.step} '{name}' is no finite number any more. Lower the learning rate; "
                    f"the last good state is in '{self.run_options.out / 'last.ckpt'}'."
                )
        self._waiting.clear()

    def _point(self, stage: str, meter: Meter, record: Record) -> None:
        self._collect()
        here = {name: sum(values) / len(values) for name, values in self.state.window.items()}
        numbers = average_numbers(self.fabric, here)
        self.state.window = {}
        self.state.curves.append({"step": self.state.step, "stage": stage, **numbers})
        record.point(self.state.step, stage, numbers, meter.read())

    def _evaluate(self, record: Record) -> None:
        """On the averaged weights, by the first process."""
        if self.fabric.is_global_zero:
            metrics = evaluate_model(self.recipe, self.config, self.average)
            with torch.no_grad():
                pictures = self.recipe.pictures(self.config, self.average)
            self.state.metrics = metrics
            self.state.curves.append({"step": self.state.step, "stage": "val", **metrics})
            record.evaluation(self.state.step, metrics, pictures)
            name, way = self.recipe.best
            value = metrics[name]
            best = self.state.best
            if best is None or (value < best if way == "min" else value > best):
                self.state.best, self.state.best_step = value, self.state.step
                self._save(record, self.run_options.out / "best.ckpt")
        self.fabric.barrier()

    def _save(self, record: Record, path: Path) -> None:
        self._collect()
        self.state.minutes = self._minutes_before + (time.monotonic() - self._started) / 60
        if not self.fabric.is_global_zero:
            return
        stage_left = self.state.step in {total_steps(self.stages[:k]) for k in range(len(self.stages) + 1)}
        self.state.model, self.state.average = self.model.state_dict(), self.average.state_dict()
        self.state.optimisers = [] if stage_left else [optimiser.state_dict() for optimiser in self.optimisers]
        write_checkpoint(path, self.state)
        self.state.optimisers = []
        record.curves(self.state.curves)

    def _read(self, path: Path) -> Checkpoint:
        kept = read_checkpoint(path)
        if kept.recipe != self.recipe.name:
            raise CheckpointError(f"'{path}' is of the recipe '{kept.recipe}', not of '{self.recipe.name}'.")
        return kept

    def _restore(self, path: Path) -> None:
        kept = self._read(path)
        differs = first_difference(self.config, kept.config)
        if kept.seed != self.seed:
            differs = f"seed is {self.seed}, it was {kept.seed}"
        if differs:
            raise CheckpointError(f"'{path}' is of another training: {differs}.")
        self.model.load_state_dict(kept.model)
        self.average.load_state_dict(kept.average)
        kept.device = self.state.device
        self.state = kept

    def _begin_with(self, path: Path) -> None:
        """Weights of another training, whose samples and minutes count as this one's: a card tells all of them."""
        kept = self._read(path)
        try:
            self.model.load_state_dict(kept.average)
        except RuntimeError as error:
            raise CheckpointError(f"'{path}' is of a network of another shape: {error}") from error
        self.average = start_average(self.model)
        self.state.samples, self.state.minutes = kept.samples, kept.minutes


def clip_gradients(moved: list[nn.Parameter], longest: float) -> torch.Tensor:
    """Shorten the gradient to `longest` (0: leave it) and give the length it had."""
    return nn.utils.clip_grad_norm_(moved, longest if longest > 0 else float("inf"))


@torch.no_grad()
def evaluate_model(recipe: Recipe[C], config: C, model: nn.Module) -> Numbers:
    """Calibrate and measure on val, in eval mode."""
    model.eval()
    recipe.calibrate(config, model)
    return recipe.evaluate(config, model, "val")
