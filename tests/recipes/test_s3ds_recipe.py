"""The recipe of S3DS on a few lamps and planes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from inference.networks.loader import read_network
from inference.networks.s3ds.network import SphereNet
from training.datasets.builders.build import build
from training.datasets.packed.views import Views, views_source
from training.loop.checkpoint import read_checkpoint
from training.loop.export import export_checkpoint, trained_model
from training.loop.machine import start_machine
from training.loop.recipe import Draw, Loop, Moment
from training.loop.trainer import Run, Trainer
from training.networks.asking import asked
from training.networks.pictures import draw_spheres, in_both_views
from training.recipes.s3ds import RECIPE, S3dsConfig, frames_of, shape_of, softness_at

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> S3dsConfig:
    path = tmp_path_factory.mktemp("views") / "views.safetensors"
    build(path, views_source(("lamp", "plane"), range(2), 1), Views(size=32))
    return S3dsConfig(
        data=path,
        families=("lamp", "plane"),
        size=32,
        width=4,
        cells=1,
        latent=16,
        hidden=16,
        fine=20,
        coarse=20,
        thinning=8,
        patch=3,
        steps=2,
        batch_size=3,
        loop=Loop(log_every=1, ema=0.5),
    )


def lesson(config: S3dsConfig, stage: int, which: int = 0) -> tuple[torch.Tensor, SphereNet]:
    """The loss of one objective in a stage's first step, backwards."""
    torch.manual_seed(0)
    net = cast(SphereNet, RECIPE.build(config).train())
    chosen = RECIPE.stages(config)[stage]
    batch = RECIPE.batch(config, chosen, Draw(0, stage, 0, 0, config.batch_size))
    loss, _ = RECIPE.loss(config, net, batch, Moment(chosen, chosen.objectives[which].name, 0, 0))
    loss.backward()
    return loss, net


def part_of(name: str) -> str:
    """The encoder a parameter belongs to, or `thinning`."""
    return name.removeprefix("encoders.").split(".")[0]


def test_the_four_stages_follow_each_other_and_move_their_own_parts(config: S3dsConfig):
    config = replace(config, side_by_side=False)
    assert [stage.name for stage in RECIPE.stages(config)] == ["fine", "coarse", "joint", "radius"]
    for place, expected in enumerate(({"fine"}, {"coarse"}, {"fine", "coarse"}, {"thinning"})):
        loss, net = lesson(config, place)
        assert torch.isfinite(loss)
        felt = {part_of(name) for name, item in net.named_parameters() if item.grad is not None}
        assert felt == expected
        objective = RECIPE.stages(config)[place].objectives[0]
        assert {name for name, _ in net.named_parameters() if name.startswith(objective.parameters)} >= {
            name for name, item in net.named_parameters() if item.grad is not None
        }


def test_fine_and_coarse_may_be_learned_side_by_side(config: S3dsConfig):
    stages = RECIPE.stages(config)
    assert [stage.name for stage in stages] == ["apart", "joint", "radius"]
    assert sum(stage.steps for stage in stages) == 5 * config.steps
    for which, part in enumerate(("fine", "coarse")):
        _, net = lesson(config, 0, which)
        assert {part_of(name) for name, item in net.named_parameters() if item.grad is not None} == {part}


def test_gradients_reach_the_first_convolution_and_every_head(config: S3dsConfig):
    _, net = lesson(config, 0)
    for name in ("stem.kernel.weight", "centres.4.weight", "radii.4.bias"):
        grad = net.encoder("fine").get_parameter(name).grad
        assert grad is not None
        assert grad.abs().max() > 0


@pytest.mark.parametrize("name", RECIPE.ablations)
def test_every_ablation_trains_as_many_steps(config: S3dsConfig, name: str):
    changed = replace(config, **RECIPE.ablations[name])
    assert sum(stage.steps for stage in RECIPE.stages(changed)) == sum(s.steps for s in RECIPE.stages(config))
    assert sum(shape_of(changed).parts.values()) == 40
    for place in range(len(RECIPE.stages(changed))):
        assert torch.isfinite(lesson(changed, place)[0])


def test_the_baseline_is_one_encoder_taught_by_whole_silhouettes_alone(config: S3dsConfig):
    changed = replace(config, **RECIPE.ablations["Soft-SK"])
    stage = RECIPE.stages(changed)[0]
    net = RECIPE.build(changed).train()
    batch = RECIPE.batch(changed, stage, Draw(0, 0, 0, 0, 2))
    _, parts = RECIPE.loss(changed, net, batch, Moment(stage, "joint", 0, 0))
    assert set(parts) == {"iou"}
    assert shape_of(changed).parts == {"coarse": 40}


def test_spheres_drawn_in_the_other_view_are_the_same_spheres(config: S3dsConfig):
    batch = RECIPE.batch(config, RECIPE.stages(config)[0], Draw(0, 0, 5, 0, 2))
    frames = frames_of(batch)
    centres, radii = torch.rand(4, 9, 3) - 0.5, torch.rand(4, 9) * 0.1
    own, other = in_both_views(centres, radii, frames, in_world=False)
    assert own[0] is centres
    # What the second view of each shape would have to predict to mean the same spheres.
    order = [1, 0, 3, 2]
    _, back = in_both_views(other[0][order], other[1][order], frames, in_world=False)
    torch.testing.assert_close(back[0][order], centres, atol=1e-5, rtol=1e-4)
    world_own, world_other = in_both_views(centres, radii, frames, in_world=True)
    assert not torch.allclose(world_own[0], world_other[0])


def test_octagons_and_discs_draw_nearly_the_same():
    centres, radii = (torch.rand(1, 30, 3) - 0.5) * 0.6, torch.rand(1, 30) * 0.05 + 0.03
    discs, mesh = (draw_spheres(centres, radii, 48, 0.3, renderer) for renderer in ("discs", "mesh"))
    assert (discs - mesh).abs().mean() < 0.03


def test_outlines_are_soft_at_first(config: S3dsConfig):
    stage = RECIPE.stages(replace(config, steps=100))[0]
    softness = [softness_at(config, Moment(stage, "fine", step, step)) for step in (0, 25, 50, 99)]
    assert softness[0] == config.first_softness
    assert softness[0] > softness[1] > softness[2] == pytest.approx(config.softness)
    assert softness[3] == pytest.approx(config.softness)


def test_a_stopped_training_goes_on_through_its_stages_to_the_same_weights(config: S3dsConfig, tmp_path: Path):
    fabric = start_machine("cpu", "32-true")
    whole = Trainer(RECIPE, config, 0, fabric, Run(tmp_path / "whole", workers=0)).train()
    first = Trainer(RECIPE, config, 0, fabric, Run(tmp_path / "parts", workers=0, max_minutes=1e-9)).train()
    assert first.step < whole.step
    again = Trainer(RECIPE, config, 0, fabric, Run(tmp_path / "parts", resume=True, workers=0)).train()
    assert again.step == whole.step == 10
    for name, value in whole.average.items():
        torch.testing.assert_close(again.average[name], value, rtol=0, atol=0)


def test_what_is_shipped_predicts_what_the_model_predicts(config: S3dsConfig, tmp_path: Path):
    fabric = start_machine("cpu", "32-true")
    Trainer(RECIPE, config, 0, fabric, Run(tmp_path / "run", workers=0)).train()
    export_checkpoint(RECIPE, tmp_path / "run" / "last.ckpt", tmp_path / "weights")
    network = read_network("s3ds", tmp_path / "weights")
    crops = np.random.default_rng(0).random((2, 4, 32, 32)).astype(np.float32)
    centres, radii = network({"crops": crops})
    model = trained_model(RECIPE, read_checkpoint(tmp_path / "run" / "last.ckpt"))
    RECIPE.calibrate(config, model)
    expected = asked(model)({"crops": crops})
    np.testing.assert_allclose(centres, expected[0], atol=5e-3)  # half precision
    np.testing.assert_allclose(radii, expected[1], atol=5e-3)
    assert {"CD", "R", "IoU seen", "IoU unseen", "CD: lamp", "R: plane"} <= set(network.card.metrics)
