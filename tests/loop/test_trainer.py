"""What a step of the loop does."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from tests.loop.toy_runs import RECIPE, TINY, train, trainer, with_loop
from training.loop.average import decay_at, move_average, start_average
from training.loop.errors import TrainingError
from training.loop.loader import Share, Steps
from training.loop.recipe import Objective, Stage
from training.loop.schedule import share_of_rate, stage_of
from training.loop.trainer import clip_gradients
from training.loop.values import as_values, first_difference, from_values


def test_the_toy_is_learned(tmp_path: Path) -> None:
    state = train(tmp_path, replace(TINY, steps=300))
    assert state.metrics["error"] < 0.08
    assert state.samples == 300 * 8


def test_a_batch_depends_on_seed_stage_step_and_item_only() -> None:
    whole = Steps(RECIPE, TINY, 0, Share())[11].batch["points"]
    halves = [Steps(RECIPE, TINY, 0, Share(rank, 2))[11].batch["points"] for rank in range(2)]
    assert torch.equal(torch.cat(halves), whole)
    assert not torch.equal(Steps(RECIPE, TINY, 0, Share())[12].batch["points"], whole)
    assert not torch.equal(Steps(RECIPE, TINY, 1, Share())[11].batch["points"], whole)


def test_a_batch_that_processes_cannot_share_is_refused() -> None:
    with pytest.raises(TrainingError, match="batches of 8, which 3 processes"):
        Steps(RECIPE, TINY, 0, Share(0, 3))


def test_gradients_are_shortened_to_the_clip_and_no_further() -> None:
    weights = nn.Parameter(torch.zeros(2))
    weights.grad = torch.tensor([3.0, 4.0])
    assert clip_gradients([weights], 1.0).item() == pytest.approx(5)
    np.testing.assert_allclose(weights.grad, [0.6, 0.8], rtol=1e-5)
    assert clip_gradients([weights], 2.0).item() == pytest.approx(1)
    np.testing.assert_allclose(weights.grad, [0.6, 0.8], rtol=1e-5)
    weights.grad = torch.tensor([3.0, 4.0])
    clip_gradients([weights], 0.0)
    np.testing.assert_allclose(weights.grad, [3, 4])


def test_the_average_follows_the_weights_and_takes_over_the_buffers() -> None:
    model = nn.BatchNorm1d(1)
    average = start_average(model)
    with torch.no_grad():
        model.weight.fill_(3.0)
        assert model.running_mean is not None
        model.running_mean.fill_(7.0)
    move_average(average, model, 0.75)
    assert isinstance(average, nn.BatchNorm1d)
    assert average.weight.item() == pytest.approx(0.75 * 1 + 0.25 * 3)
    assert average.running_mean is not None
    assert average.running_mean.item() == 7
    assert not average.training


def test_the_average_forgets_its_start() -> None:
    assert decay_at(0.999, 0) == pytest.approx(0.1)
    assert decay_at(0.999, 10**6) == 0.999
    assert decay_at(0.0, 50) == 0


def test_without_an_average_the_last_weights_are_kept(tmp_path: Path) -> None:
    state = train(tmp_path, with_loop(ema=0.0))
    assert torch.equal(state.average["net.0.weight"], state.model["net.0.weight"])


def test_a_rate_rises_in_the_warm_up_and_falls_to_the_floor() -> None:
    stage = Stage("one", 100, 8, (), warmup=9, floor=0.1)
    shares = [share_of_rate(stage, step) for step in range(100)]
    assert shares[0] == pytest.approx(0.1)
    assert shares[9] == 1
    assert max(shares) == 1
    assert shares[99] == pytest.approx(0.1)
    assert share_of_rate(replace(stage, schedule="linear", warmup=0), 99) == pytest.approx(0.1)
    assert share_of_rate(replace(stage, schedule="constant"), 99) == 1


def test_stages_follow_each_other() -> None:
    stages = tuple(Stage(str(steps), steps, 8, ()) for steps in (3, 2))
    assert [stage_of(stages, step) for step in range(6)] == [0, 0, 0, 1, 1, 1]


def test_an_objective_moves_its_own_parameters_only_and_only_in_its_steps(tmp_path: Path) -> None:
    run = trainer(tmp_path)
    adversarial, batch = run.stages[1], Steps(RECIPE, TINY, 0, Share())[0].batch
    run._start_stage(adversarial)
    moves = []
    for step in (30, 31, 32):  # the adversary moves in every second step of this stage
        run.state.step = step
        before = {name: value.clone() for name, value in run.model.named_parameters()}
        run._step(adversarial, batch)
        moves.append(
            {name.split(".")[0] for name, value in run.model.named_parameters() if (value != before[name]).any()}
        )
    assert moves == [{"net", "adversary"}, {"net"}, {"net", "adversary"}]


def test_an_objective_that_moves_nothing_is_refused(tmp_path: Path) -> None:
    run = trainer(tmp_path)
    with pytest.raises(TrainingError, match="'lost' moves no parameter"):
        run._start_stage(Stage("one", 1, 8, (Objective("lost", 1e-3, ("nowhere.",)),)))


def test_numbers_that_are_not_finite_stop_the_training(tmp_path: Path) -> None:
    run = trainer(tmp_path, replace(TINY, rate=math.inf))
    with pytest.raises(TrainingError, match=r"no finite number any more. Lower the learning rate.*last\.ckpt"):
        run.train()
    assert not (tmp_path / "last.ckpt").exists()


def test_curves_and_pictures_are_written(tmp_path: Path) -> None:
    state = train(tmp_path)
    curves = json.loads((tmp_path / "curves.json").read_text())
    assert curves == state.curves
    assert [point["step"] for point in curves if point["stage"] == "val"] == [20, 40, 60]
    assert [point["step"] for point in curves if point["stage"] == "plain"] == [5, 10, 15, 20, 25, 30]
    board = EventAccumulator(str(tmp_path / "tensorboard"))
    board.Reload()
    assert board.Tags()["images"] == ["grey"]
    assert {"train/loss", "val/error", "speed/loader samples per s"} <= set(board.Tags()["scalars"])


def test_a_config_survives_being_written_down() -> None:
    config = replace(TINY, width=5)
    values = json.loads(json.dumps(as_values(config)))
    assert from_values(type(TINY), values) == config
    assert first_difference(config, values) is None
    assert first_difference(TINY, values) == "width is 16, it was 5"
