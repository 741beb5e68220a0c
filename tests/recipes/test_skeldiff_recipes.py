"""Skeletal latent diffusion end to end, small: data packed, both networks taught a few steps, shipped, and used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.networks.loader import read_network
from inference.networks.skeldiff.apply import ShapeNetwork, categories, decode, encode, field_of, generate, vary
from inference.networks.skeldiff.inputs import BAND
from training.datasets.builders.build import build
from training.datasets.builders.sdf import normalised, signed_distance
from training.datasets.packed.shapes import PackedShape, Shapes, read_shapes, shapes_source
from training.lessons.shapes import show
from training.loop.export import export_checkpoint
from training.loop.machine import start_machine
from training.loop.recipe import C, Draw, Moment, Recipe
from training.loop.trainer import Run, Trainer
from training.losses.diffusion import denoising_loss, paired
from training.losses.shapes import distance_loss, in_band, skeleton_constraint
from training.recipes.skeldiff import RECIPE, SkeldiffConfig
from training.recipes.skeldiff_denoiser import RECIPE as DENOISER
from training.recipes.skeldiff_denoiser import DenoiserConfig
from training.shapes.families import FAMILIES

torch.set_num_threads(1)
SOME = ("kidney", "aorta")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shapes") / "shapes.safetensors"
    build(path, shapes_source(SOME, range(2), 1), Shapes(points=256, samples=200))
    return path


@pytest.fixture(scope="module")
def config(data: Path) -> SkeldiffConfig:
    return SkeldiffConfig(
        data=data, families=SOME, points=256, skeleton=16, features=4, width=32, blocks=1, steps=4, places=64
    )


def trained(recipe: Recipe[C], config: C, out: Path) -> Path:
    recipe.prepare(config)
    Trainer(recipe, config, 0, start_machine("cpu"), Run(out, workers=0)).train()
    return out / "best.ckpt"


@pytest.fixture(scope="module")
def checkpoint(config: SkeldiffConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(RECIPE, config, tmp_path_factory.mktemp("ae"))


def test_packed_shapes_lie_in_the_cube_and_know_their_distances(data: Path) -> None:
    shapes = read_shapes(data)
    assert [(shape.family, shape.split) for shape in shapes[:3]] == [("kidney", "train")] * 2 + [("kidney", "val")]
    shape = shapes[0]
    assert isinstance(shape, PackedShape)
    cloud = shape.cloud(0, 256)
    assert np.abs(cloud).max() == pytest.approx(1, abs=0.05)
    mesh, _ = normalised(FAMILIES["kidney"](0).mesh, 0, "all")
    places, distances = shape.samples(slice(None))
    assert distances == pytest.approx(signed_distance(mesh, places.astype(float)), abs=1e-3)
    assert np.abs(signed_distance(mesh, cloud.astype(float))).max() < 1e-3
    assert 0.1 < (distances > 0).mean() < 0.7


def test_turned_lessons_keep_their_distances(data: Path) -> None:
    shape = read_shapes(data)[0]
    bones = np.zeros((2, 16, 4), np.float32)
    random = np.random.default_rng(0)
    for _ in range(8):
        lesson = show(shape, bones, 256, 64, random)
        assert np.abs(lesson.cloud).max() == pytest.approx(1, abs=0.05)
        near = np.linalg.norm(lesson.points[:, None] - lesson.cloud, axis=2).min(1)
        assert (near >= np.abs(lesson.distances) - 2e-3).all()


def test_batches_repeat(config: SkeldiffConfig) -> None:
    stage = RECIPE.stages(config)[0]
    one, other = (RECIPE.batch(config, stage, Draw(0, 0, 3, 0, 2)) for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("name", ["whole", *RECIPE.ablations])
def test_losses_fall_with_and_without_each_part(config: SkeldiffConfig, name: str) -> None:
    config = replace(config, **RECIPE.ablations.get(name, {}))
    torch.manual_seed(0)
    model, stage = RECIPE.build(config), RECIPE.stages(config)[0]
    batch = RECIPE.batch(config, stage, Draw(0, 0, 0, 0, 4))
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    losses = []
    for step in range(40):
        loss, _ = RECIPE.loss(config, model, batch, Moment(stage, "network", step, step))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert np.mean(losses[-5:]) < 0.8 * losses[0]


def test_the_decoder_alone_learns_where_that_is_asked_for(config: SkeldiffConfig, tmp_path: Path) -> None:
    config = replace(config, only_decoder=True, noise=0.4, steps=3)
    trainer = Trainer(RECIPE, config, 0, start_machine("cpu"), Run(tmp_path, workers=0))
    before = {name: tensor.clone() for name, tensor in trainer.model.state_dict().items()}
    trainer.train()
    moved = {name for name, tensor in trainer.model.state_dict().items() if not torch.equal(tensor, before[name])}
    assert moved
    assert all(name.startswith("decoder") for name in moved)


def test_the_constraint_is_kept_by_true_distances_of_a_tube() -> None:
    x_s = torch.stack([torch.linspace(-0.5, 0.5, 11), torch.zeros(11), torch.zeros(11)], 1)[None]
    r = torch.full((1, 11), 0.06)

    def true(points: torch.Tensor) -> torch.Tensor:
        return in_band(0.06 - points[..., 1:].norm(dim=-1))

    assert float(skeleton_constraint(true, x_s, r)) == pytest.approx(0, abs=1e-9)
    assert float(skeleton_constraint(lambda points: true(points) - 0.5, x_s, r)) == pytest.approx(0.5, abs=1e-5)
    assert float(distance_loss(torch.tensor([[1.0, -1.0]]), torch.tensor([[9.0, -9.0]]))) == 0


def test_noise_is_paired_by_where_points_are() -> None:
    random = np.random.default_rng(0)
    places, noise = random.normal(size=(16, 3)), random.normal(size=(16, 5))
    order = paired(places, noise)
    assert np.array_equal(np.sort(order, axis=0), np.sort(noise, axis=0))
    assert (order[:, :3] * places).sum() > (noise[:, :3] * places).sum()
    assert np.array_equal(paired(noise[:, :3], noise), noise)


def test_a_perfect_denoiser_loses_nothing() -> None:
    z, noise, sigma = torch.randn(3, 4, 5), torch.randn(3, 4, 5), torch.tensor([0.1, 1.0, 10.0])
    assert float(denoising_loss(lambda *_: z, z, noise, sigma, torch.ones(5))) == 0
    assert float(denoising_loss(lambda noisy, _: noisy, z, noise, sigma, torch.ones(5))) > 1


def test_what_is_trained_is_shipped_and_makes_shapes(
    config: SkeldiffConfig, checkpoint: Path, tmp_path: Path, data: Path
) -> None:
    asked = DenoiserConfig(
        data=data, autoencoder=checkpoint, categories=SOME, width=32, layers=1, heads=2, steps=3, batch_size=4
    )
    export_checkpoint(RECIPE, checkpoint, tmp_path)
    export_checkpoint(DENOISER, trained(DENOISER, asked, tmp_path / "denoiser"), tmp_path, "skeldiff-denoiser")
    encoder, decoder, denoiser = (
        read_network(f"skeldiff-{part}", tmp_path) for part in ("encoder", "decoder", "denoiser")
    )
    network = ShapeNetwork(encoder, decoder, denoiser, categories(denoiser.card), 256, 16, 4)
    assert network.categories == SOME
    latent = encode(network, 3 * read_shapes(data)[0].cloud(0, 256))
    assert latent.size == pytest.approx(3, abs=0.1)
    assert latent.features.shape == (16, 4)
    told = decode(network, latent, np.random.default_rng(0).uniform(-1, 1, (100, 3)))
    assert told.shape == (100,)
    assert np.abs(told).max() <= BAND * 1.0001
    made = generate(network, "aorta", 1, 2, steps=3)[0]
    values, _ = field_of(network, made, 24)
    assert values.shape == (24, 24, 24)
    assert np.isfinite(values).all()
    assert vary(network, latent, None, 0.5, 0, steps=2)[0].size == latent.size


def test_points_alone_are_diffused_to_compare_with(data: Path) -> None:
    asked = DenoiserConfig(data=data, bare_points=32, categories=SOME, width=32, layers=1, heads=2)
    DENOISER.prepare(asked)
    model = DENOISER.build(asked)
    batch = DENOISER.batch(asked, DENOISER.stages(asked)[0], Draw(0, 0, 0, 0, 4))
    assert batch["z"].shape == (4, 32, 3)
    loss, _ = DENOISER.loss(asked, model, batch, Moment(DENOISER.stages(asked)[0], "network", 0, 0))
    assert np.isfinite(loss.item())
