"""SkeletonNet end to end, small: data packed, points and volumes taught a few steps, with and without each part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.networks.skeletonnet.network import SkeletonNet
from training.lessons.skeletal import plainly, skeletal_lessons, true_points, true_volume
from training.loop.errors import MissingDataError
from training.loop.machine import start_machine
from training.loop.recipe import Draw, Loop, Moment
from training.loop.trainer import Run, Trainer
from training.recipes.skeletonnet import RECIPE, SkeletonNetConfig

torch.set_num_threads(1)
SOME = ("chair", "lamp")


@pytest.fixture(scope="module")
def config(skeletal_data: Path) -> SkeletonNetConfig:
    return SkeletonNetConfig(
        data=skeletal_data,
        families=SOME,
        size=32,
        width=4,
        cells=1,
        latent=32,
        lines=3,
        squares=3,
        along=6,
        across=3,
        resolution=32,
        guide=16,
        channels=4,
        true_count=100,
        batch_size=4,
        steps=1,
        loop=Loop(evaluate_every=100),
    )


def test_batches_repeat_and_hold_what_their_stage_needs(config: SkeletonNetConfig) -> None:
    for stage in RECIPE.stages(config):
        one, other = (RECIPE.batch(config, stage, Draw(0, 0, 3, 0, 2)) for _ in range(2))
        assert all(torch.equal(one[name], other[name]) for name in one)
        assert ("crops" in one) == (stage.name != "skeletons")
        assert ("volume" in one) == (stage.name in ("global", "local", "end to end"))


def test_a_mirrored_lesson_is_a_true_one(config: SkeletonNetConfig) -> None:
    item = skeletal_lessons(config.data, SOME, "train")["chair"][0]
    shown = plainly(item, np.arange(2))
    turned = replace(shown, is_mirrored=True)
    random = np.random.default_rng(0)
    points = true_points(turned, 200, random)["skeleton"]
    cells = tuple(np.clip(np.floor((points + 0.5) * 32), 0, 31).astype(int).T)
    assert true_volume(turned, 32)[cells].all()
    assert np.array_equal(true_volume(turned, 32)[::-1], true_volume(shown, 32))


def test_a_shape_without_sheets_lends_its_curves_to_them(config: SkeletonNetConfig) -> None:
    item = skeletal_lessons(config.data, SOME, "train")["chair"][0]
    bare = replace(item.shape, sheet_points=item.shape.sheet_points[:0])
    found = true_points(
        replace(plainly(item, np.arange(1)), item=replace(item, shape=bare)), 50, np.random.default_rng(0)
    )
    known = {tuple(point) for point in bare.curves.tolist()}
    assert all(tuple(point) in known for point in found["sheets"].tolist())


@pytest.mark.parametrize("name", ["whole", *RECIPE.ablations])
def test_every_stage_lessens_its_loss_with_and_without_each_part(config: SkeletonNetConfig, name: str) -> None:
    config = replace(config, **RECIPE.ablations.get(name, {}))
    torch.manual_seed(0)
    model = RECIPE.build(config)
    named = dict(model.named_parameters())
    total = sum(stage.steps for stage in RECIPE.stages(config))
    assert total == 10 * config.steps
    for stage in RECIPE.stages(config):
        batch = RECIPE.batch(config, stage, Draw(0, 0, 0, 0, 3))
        moved = [p for key, p in named.items() if key.startswith(stage.objectives[0].parameters)]
        optimiser = torch.optim.AdamW(moved, 2e-3)
        losses = []
        for step in range(10):
            torch.manual_seed(0)
            loss, _ = RECIPE.loss(config, model, batch, Moment(stage, "network", step, step))
            optimiser.zero_grad()
            loss.backward()
            assert all(p.grad is not None for p in moved), stage.name
            optimiser.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0], stage.name


def test_the_volume_teaches_the_points_only_end_to_end(config: SkeletonNetConfig) -> None:
    model = RECIPE.build(config)
    assert isinstance(model, SkeletonNet)
    for stage in RECIPE.stages(config):
        if stage.name in ("local", "end to end"):
            batch = RECIPE.batch(config, stage, Draw(0, 0, 0, 0, 2))
            model.zero_grad()
            model.requires_grad_(stage.name == "end to end")
            model.volumes.requires_grad_()
            _, parts = RECIPE.loss(config, model, batch, Moment(stage, "network", 0, 0))
            parts["local"].backward()
            taught = [p.grad is not None and bool(p.grad.abs().sum() > 0) for p in model.points.parameters()]
            assert any(taught) == (stage.name == "end to end")


def test_a_training_runs_through_all_stages_and_is_measured(config: SkeletonNetConfig, tmp_path: Path) -> None:
    RECIPE.prepare(config)
    whole = Trainer(RECIPE, config, 0, start_machine("cpu"), Run(tmp_path / "a", workers=0)).train()
    assert whole.step == 10
    assert {"CD", "IoU", "IoU dilated", "chair: CD", "lamp: IoU"} <= set(whole.metrics)
    assert 0 < whole.metrics["CD"] < 1000
    assert [point["stage"] for point in whole.curves if point["stage"] != "val"] == ["end to end"]


def test_missing_volumes_are_named(config: SkeletonNetConfig) -> None:
    with pytest.raises(MissingDataError, match=r"no volumes of 64\^3"):
        RECIPE.prepare(replace(config, resolution=64))


def test_presets_fit_their_data() -> None:
    for preset in RECIPE.presets.values():
        assert preset.resolution // 2 >= preset.guide
        assert RECIPE.stages(preset)
