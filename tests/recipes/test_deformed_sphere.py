"""The deformed sphere on a few generated chairs."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from training.datasets.builders.build import build
from training.datasets.packed.views import Views, views_source
from training.loop.recipe import Draw, Moment
from training.metrics.skeleton import betti_of_surface
from training.recipes.deformed_sphere import (
    RECIPE,
    DeformedConfig,
    as_mesh,
    laplacian,
    predict,
    template,
    unevenness,
    vertices_of,
)
from training.recipes.s3ds import lessons

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> DeformedConfig:
    path = tmp_path_factory.mktemp("views") / "views.safetensors"
    build(path, views_source(("chair",), range(2), 1), Views(paper=3, free=0, size=32))
    return replace(RECIPE.presets["tiny"], data=path, size=32, cells=1, batch_size=2)


def test_training_starts_from_a_sphere_and_lessens_the_loss(config: DeformedConfig) -> None:
    torch.manual_seed(0)
    model = RECIPE.build(config).train()
    stage = RECIPE.stages(config)[0]
    batch = RECIPE.batch(config, stage, Draw(0, 0, 0, 0, 2))
    away = vertices_of(model, batch["crops"].flatten(0, 1)).norm(dim=2)
    assert abs(float(away.mean().detach()) - 0.3) < 0.1
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    losses = []
    for _ in range(12):
        loss, _ = RECIPE.loss(config, model, batch, Moment(stage, "all", 0, 0))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] - 0.02


def test_only_what_moves_vertices_is_learned(config: DeformedConfig) -> None:
    model = RECIPE.build(config)
    moved = RECIPE.stages(config)[0].objectives[0].parameters
    assert not any("radii" in name for name, _ in model.named_parameters() if name.startswith(moved))


def test_it_is_measured_on_views_it_has_not_seen(config: DeformedConfig) -> None:
    model = RECIPE.build(config).eval()
    numbers = RECIPE.evaluate(config, model, "val")
    assert 0 < numbers["IoU unseen"] < 1
    assert 0 < numbers["IoU seen"] < 1
    shape = lessons(config.data, config.families, "val")["chair"][0]
    mesh = as_mesh(predict(config, model, shape, np.array([0]))[0].numpy())
    assert betti_of_surface(mesh) == (1, 0)


def test_a_sphere_is_even_and_a_crumpled_one_is_not() -> None:
    sphere = torch.from_numpy(template().vertices[None]).float()
    crumpled = sphere + 0.05 * torch.randn(sphere.shape, generator=torch.Generator().manual_seed(0))
    assert laplacian(crumpled) > 5 * laplacian(sphere)
    assert unevenness(crumpled) > 5 * unevenness(sphere)
