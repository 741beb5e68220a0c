"""What skeletal latents are compared with learns too: folded sheets by both encoders, and features of clouds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.datasets.builders.build import build
from training.datasets.packed.shapes import Shapes, shapes_source
from training.loop.recipe import C, Draw, Moment, Recipe
from training.networks.foldings import CloudEncoder, FeatureEncoder, FoldingNet, FoldingSize, chamfer_loss
from training.recipes.cloud_features import RECIPE as FEATURES
from training.recipes.cloud_features import FeaturesConfig
from training.recipes.folding import RECIPE as FOLDING
from training.recipes.folding import FoldingConfig

torch.set_num_threads(1)
SOME = ("kidney", "aorta")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shapes") / "shapes.safetensors"
    build(path, shapes_source(SOME, range(2), 1), Shapes(points=256, samples=16))
    return path


def losses(recipe: Recipe[C], config: C, steps: int) -> list[float]:
    torch.manual_seed(0)
    model, stage = recipe.build(config), recipe.stages(config)[0]
    optimiser, found = torch.optim.AdamW(model.parameters(), 2e-3), []
    batch = recipe.batch(config, stage, Draw(0, 0, 0, 0, 4))
    for step in range(steps):
        loss, _ = recipe.loss(config, model, batch, Moment(stage, "network", step, step))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        found.append(loss.item())
    assert all(np.isfinite(value) for value in recipe.evaluate(config, model.eval(), "val").values())
    return found


@pytest.mark.parametrize("encoder", ["space", "features"])
def test_a_folded_sheet_comes_closer(data: Path, encoder: CloudEncoder) -> None:
    config = FoldingConfig(data=data, families=SOME, encoder=encoder, points=256, width=16, code=32)
    found = losses(FOLDING, config, 30)
    assert found[-1] < 0.9 * found[0]


def test_features_tell_families_apart(data: Path) -> None:
    found = losses(FEATURES, FeaturesConfig(data=data, families=SOME, points=128, width=8, code=16), 30)
    assert found[-1] < 0.5 * found[0]


def test_the_order_of_points_does_not_change_their_code() -> None:
    torch.manual_seed(0)
    net, cloud = FeatureEncoder(FoldingSize("features", 8, 16)), torch.randn(1, 64, 3)
    assert torch.allclose(net(cloud), net(cloud[:, torch.randperm(64)]), atol=1e-5)


def test_chamfer_is_none_between_equal_clouds_and_sheets_have_any_size() -> None:
    cloud = torch.randn(2, 50, 3)
    assert float(chamfer_loss(cloud, cloud)) == pytest.approx(0, abs=2e-3)
    net = FoldingNet(FoldingSize("space", 8, 16))
    assert net(torch.randn(1, 256, 3), 7).shape == (1, 49, 3)
