"""Surfaces by SkeletonNet end to end, small: taught a few steps, shipped, and used as they would be for a user."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.geometry.contour import contour
from inference.networks.loader import Network, read_network
from inference.networks.skeletonnet.apply import (
    SkeletonNetwork,
    SurfaceNetwork,
    between,
    cameras,
    code_of,
    curves_of,
    deformed,
    field,
    skeleton,
    spheres_of,
)
from inference.networks.skeletonnet.base import base_mesh
from training.lessons.skeletal import plainly, skeletal_lessons
from training.loop.checkpoint import read_checkpoint
from training.loop.errors import MissingDataError
from training.loop.export import config_of, export_checkpoint, trained_model
from training.loop.machine import start_machine
from training.loop.recipe import C, Draw, Loop, Moment, Recipe
from training.loop.trainer import Run, Trainer
from training.metrics.skeleton import betti_of_surface
from training.networks.asking import asked
from training.networks.onnx_file import round_to_half
from training.recipes.skeletonnet import RECIPE as SKELETONS
from training.recipes.skeletonnet import SkeletonNetConfig
from training.recipes.skeletonnet_camera import RECIPE as CAMERA
from training.recipes.skeletonnet_camera import CameraConfig
from training.recipes.skeletonnet_field import RECIPE as FIELD
from training.recipes.skeletonnet_field import FieldConfig
from training.recipes.skeletonnet_mesh import RECIPE as MESH
from training.recipes.skeletonnet_mesh import MeshConfig, base_of

torch.set_num_threads(1)
SOME = ("chair", "lamp")
LOOP = Loop(evaluate_every=100)


def trained(recipe: Recipe[C], config: C, out: Path) -> Path:
    recipe.prepare(config)
    Trainer(recipe, config, 0, start_machine("cpu"), Run(out, workers=0)).train()
    return out / "last.ckpt"


@pytest.fixture(scope="module")
def skeletons(skeletal_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = SkeletonNetConfig(
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
        batch_size=2,
        steps=1,
        loop=LOOP,
    )
    return trained(SKELETONS, config, tmp_path_factory.mktemp("skeletons"))


@pytest.fixture(scope="module")
def field_config(skeletal_data: Path, skeletons: Path) -> FieldConfig:
    return FieldConfig(
        data=skeletal_data,
        families=SOME,
        skeletons=skeletons,
        resolution=32,
        size=32,
        width=4,
        cells=1,
        latent=16,
        hidden=32,
        subvolume=4,
        samples=64,
        batch_size=2,
        grid=16,
        surfaces=1,
        steps=1,
        loop=LOOP,
    )


@pytest.fixture(scope="module")
def mesh_config(skeletal_data: Path) -> MeshConfig:
    return MeshConfig(
        data=skeletal_data,
        families=SOME,
        true_skeletons=True,
        resolution=32,
        vertices=300,
        size=32,
        width=4,
        cells=1,
        latent=16,
        hidden=16,
        layers=3,
        samples=100,
        batch_size=2,
        steps=2,
        loop=LOOP,
    )


@pytest.fixture(scope="module")
def camera_config(skeletal_data: Path) -> CameraConfig:
    return CameraConfig(data=skeletal_data, families=SOME, size=32, width=4, cells=1, latent=16, steps=2, loop=LOOP)


def losses(recipe: Recipe[C], config: C, steps: int = 15, rate: float = 3e-3) -> list[float]:
    """Over all stages on one batch each; the last stage's come last."""
    torch.manual_seed(0)
    model, found = recipe.build(config), []
    named = dict(model.named_parameters())
    for stage in recipe.stages(config):
        batch = recipe.batch(config, stage, Draw(0, 0, 0, 0, 2))
        moved = [p for key, p in named.items() if key.startswith(stage.objectives[0].parameters)]
        optimiser = torch.optim.AdamW(moved, rate)
        for step in range(steps):
            torch.manual_seed(step)
            loss, _ = recipe.loss(config, model, batch, Moment(stage, "network", step, step))
            optimiser.zero_grad()
            loss.backward()
            assert all(p.grad is not None for p in moved), stage.name
            optimiser.step()
            found.append(loss.item())
    return found


@pytest.mark.parametrize("name", ["whole", *FIELD.ablations])
def test_fields_learn_with_and_without_each_stream(field_config: FieldConfig, name: str) -> None:
    config = replace(field_config, **FIELD.ablations.get(name, {}))
    FIELD.prepare(config)
    found = losses(FIELD, config)
    assert found[-1] < 0.99 * found[0]


def test_the_skeleton_says_nothing_before_its_stage(field_config: FieldConfig) -> None:
    model = FIELD.build(field_config).eval()
    stage = FIELD.stages(field_config)[0]
    batch = FIELD.batch(field_config, stage, Draw(0, 0, 0, 0, 1))
    named = [batch[name] for name in ("crops", "points", "places")]
    assert torch.equal(model(*named, batch["around"]), model(*named, 1 - batch["around"]))


def test_drawn_skeletons_are_kept_and_missing_ones_named(field_config: FieldConfig, skeletons: Path) -> None:
    FIELD.prepare(field_config)
    kept = list(skeletons.parent.glob("volumes-*.safetensors"))
    assert len(kept) == 1
    with pytest.raises(MissingDataError, match="skeletonnet"):
        FIELD.prepare(replace(field_config, skeletons=skeletons.with_name("none.ckpt")))


def test_meshes_learn_and_mirrored_ones_look_outwards(mesh_config: MeshConfig) -> None:
    MESH.prepare(mesh_config)
    found = losses(MESH, mesh_config, steps=25)
    assert np.mean(found[-5:]) < np.mean(found[:5])
    shown = plainly(skeletal_lessons(mesh_config.data, SOME, "train")["chair"][0], np.arange(1))
    plain, turned = (base_of(mesh_config, replace(shown, is_mirrored=which)) for which in (False, True))
    for mesh in (plain, turned):
        a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
        assert np.einsum("nj,nj->", a, np.cross(b, c)) > 0  # six volumes


def test_a_base_mesh_has_the_topology_of_its_cells() -> None:
    x, y, z = np.meshgrid(*[np.arange(32)] * 3, indexing="ij")
    ring = (np.hypot(x - 15.5, y - 15.5) - 9) ** 2 + (z - 15.5) ** 2 < 9
    full, few = base_mesh(ring), base_mesh(ring, 100)
    assert betti_of_surface(full) == betti_of_surface(few) == (1, 1)
    assert len(few.vertices) <= 100 < len(full.vertices)
    assert len(base_mesh(np.zeros_like(ring)).triangles) == 0


def test_cameras_learn(camera_config: CameraConfig) -> None:
    CAMERA.prepare(camera_config)
    found = losses(CAMERA, camera_config, steps=30)
    assert np.mean(found[-5:]) < 0.8 * found[0]
    assert {"degrees off", "pixels off"} == set(
        CAMERA.evaluate(camera_config, CAMERA.build(camera_config).eval(), "val")
    )


def agree(network: Network, part: torch.nn.Module, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Answers of the runtime, which are torch's to 1e-4."""
    found = network(inputs)
    for one, other in zip(found, asked(part)(inputs), strict=True):
        assert np.abs(one - other).max() < 1e-4 * max(1, np.abs(other).max())
    return list(found)


def shipped_parts(recipe: Recipe[C], path: Path) -> list[torch.nn.Module]:
    """What is shipped of a checkpoint, in order, rounded."""
    checkpoint = read_checkpoint(path)
    config, model = config_of(recipe, checkpoint), trained_model(recipe, checkpoint)
    recipe.calibrate(config, model)
    parts = [shipment.module for shipment in recipe.shipments(config, model.eval()).values()]
    for part in parts:
        round_to_half(part)
    return parts


def test_pictures_become_a_skeleton_spheres_curves_and_surfaces_without_torch(
    skeletal_data: Path,
    skeletons: Path,
    field_config: FieldConfig,
    mesh_config: MeshConfig,
    camera_config: CameraConfig,
    tmp_path: Path,
) -> None:
    weights = tmp_path / "weights"
    export_checkpoint(SKELETONS, skeletons, weights)
    fields = trained(FIELD, field_config, tmp_path / "field")
    export_checkpoint(FIELD, fields, weights)
    meshes = trained(MESH, mesh_config, tmp_path / "mesh")
    export_checkpoint(MESH, meshes, weights)
    export_checkpoint(CAMERA, trained(CAMERA, camera_config, tmp_path / "camera"), weights)
    shipped = {path.stem: read_network(path.stem, weights) for path in weights.glob("*.onnx")}
    names = ("encoder", "points", "volumes")
    parts = [shipped[f"skeletonnet-{name}"] for name in names]
    network = SkeletonNetwork(*parts, size=32, lines=3, along=6, squares=3, across=3, resolution=32)

    shown = plainly(skeletal_lessons(skeletal_data, SOME, "val")["chair"][0], np.arange(2))
    code = code_of(network, shown.crops)
    modules = shipped_parts(SKELETONS, skeletons)
    agree(parts[0], modules[0], {"crops": shown.crops[None]})
    agree(parts[1], modules[1], {"code": code})
    rough = np.random.default_rng(0).random((1, 1, 16, 16, 16)).astype(np.float32)
    agree(parts[2], modules[2], {"code": code, "u_in": rough})

    seen = skeleton(network, code)
    assert seen.points.points.shape == (3 * 6 + 3 * 9, 3)
    assert seen.points.sheet.sum() == 27
    assert seen.chances.shape == (32, 32, 32)
    other = code_of(network, shown.crops[:1])
    assert np.array_equal(between(code, other, 1.0), other)
    assert not np.array_equal(skeleton(network, between(code, other, 0.5)).chances, seen.chances)

    by = cameras(shipped["skeletonnet-camera"], shown.crops)
    assert by.shape == (2, 3, 4)
    full = skeletal_lessons(skeletal_data, SOME, "val")["chair"][0].volume(32)
    modules = shipped_parts(FIELD, fields)
    asks = [shipped[f"skeletonnet-field-{part}"] for part in ("encoder", "decoder")]
    code, maps = agree(asks[0], modules[0], {"crops": shown.crops[None]})
    random = np.random.default_rng(1)
    inputs = {"code": code, "maps": maps, "points": random.random((1, 9, 3)) - 0.5}
    inputs |= {"places": random.random((1, 2, 9, 2)) - 0.5, "around": random.random((1, 9, 192))}
    agree(asks[1], modules[1], {name: each.astype(np.float32) for name, each in inputs.items()})
    grid = field(SurfaceNetwork(*asks, size=32), shown.crops, shown.cameras, full, 16)
    assert grid.values.shape == (16, 16, 16)
    assert np.abs(grid.values).max() <= 1
    contour(grid)

    modules = shipped_parts(MESH, meshes)
    asks = [shipped[f"skeletonnet-mesh-{part}"] for part in ("encoder", "decoder")]
    agree(asks[0], modules[0], {"crops": shown.crops[None]})
    surface = deformed(SurfaceNetwork(*asks, size=32), shown.crops, shown.cameras, full, 300)
    assert betti_of_surface(surface) == betti_of_surface(base_mesh(full, 300))
    true = replace(seen, chances=full.astype(np.float32))
    curves, spheres = curves_of(true, surface), spheres_of(true, surface)
    assert len(curves.points) > 3
    assert (curves.radii > 0).all()
    assert 0 < len(spheres.radii) <= 256
    assert len(spheres.sheet) == len(spheres.centres)


def test_a_field_is_asked_wherever_the_surface_is() -> None:
    """A thin rod and a ball: what is told near them is told as if every place had been asked."""
    resolution, count = 32, 0

    def inside(points: np.ndarray) -> np.ndarray:
        ball = 0.2 - np.linalg.norm(points - [0.1, 0, -0.2], axis=-1)
        rod = 0.02 - np.hypot(points[..., 0] + 0.2, points[..., 1])
        return np.maximum(ball, rod)

    def told(inputs) -> list[np.ndarray]:
        nonlocal count
        count += inputs["points"].shape[1]
        values = inside(inputs["points"])
        return [np.stack([-20 * values, 20 * values], -1)]

    network = SurfaceNetwork(lambda _: [np.zeros((1, 1)), np.zeros((1, 1, 1, 1, 1))], told, 32)
    axis = (np.arange(resolution) + 0.5) / resolution - 0.5
    places = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    rod = np.hypot(places[..., 0] + 0.2, places[..., 1]) < 0.03
    grid = field(network, np.zeros((1, 4, 32, 32)), np.eye(3, 4)[None], rod, resolution)
    assert count < 0.6 * resolution**3
    assert ((grid.values > 0) == (inside(places) > 0)).all()
    near = np.abs(inside(places)) < 1 / resolution
    assert np.abs(grid.values - np.tanh(20 * inside(places)))[near].max() < 1e-6
