"""The facing recipe on made-up shapes, and its network in NumPy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh

from inference.anatomy import Armature, Mesh, SkinWeights
from inference.networks.facing.apply import recognise
from inference.networks.facing.inputs import FORWARD, KINDS, TURNS, UP
from inference.networks.loader import read_network
from training.datasets.packed.surfaces import PackedAsset, pack_mesh, read_packed
from training.datasets.store.records import write_file
from training.lessons.facing import nearest_turns
from training.lessons.posing import move_flesh, pose_joints, rotations
from training.loop.errors import MissingDataError
from training.loop.export import export_checkpoint
from training.loop.loader import Share, Steps
from training.loop.machine import start_machine
from training.loop.recipe import Loop
from training.loop.trainer import Run, Trainer
from training.recipes.facing import RECIPE, FacingConfig, calibration_error


def boxes(*parts: tuple[tuple[float, float, float], tuple[float, float, float]]) -> Mesh:
    """Boxes by their centres and sizes."""
    made = [
        trimesh.creation.box(extents=size, transform=trimesh.transformations.translation_matrix(at))
        for at, size in parts
    ]
    shape = trimesh.util.concatenate(made)
    assert isinstance(shape, trimesh.Trimesh)
    return Mesh(np.asarray(shape.vertices, np.float64), np.asarray(shape.faces, np.int32))


WALKER = boxes(
    ((0, 0, 1.2), (0.5, 0.25, 0.7)),
    ((0, -0.05, 1.75), (0.25, 0.3, 0.3)),
    ((0.15, 0, 0.4), (0.15, 0.2, 0.8)),
    ((-0.15, 0, 0.4), (0.15, 0.2, 0.8)),
    ((0.15, -0.15, 0.05), (0.15, 0.4, 0.1)),
    ((-0.15, -0.15, 0.05), (0.15, 0.4, 0.1)),
)
GRAZER = boxes(
    ((0, 0, 0.8), (0.4, 1.4, 0.4)),
    ((0, -0.9, 1.2), (0.2, 0.5, 0.3)),
    *(((x, y, 0.3), (0.1, 0.1, 0.6)) for x in (-0.15, 0.15) for y in (-0.6, 0.6)),
)
TABLE = boxes(
    ((0, 0, 0.7), (1.2, 0.8, 0.08)), *(((x, y, 0.35), (0.08, 0.08, 0.7)) for x in (-0.5, 0.5) for y in (-0.3, 0.3))
)


def spine(mesh: Mesh) -> tuple[Armature, SkinWeights]:
    """Two bones, one for the lower half and one for the upper."""
    middle, top = mesh.vertices[:, 2].mean(), mesh.vertices[:, 2].max()
    heads = np.array([[0, 0, 0], [0, 0, middle]])
    armature = Armature(
        ("low", "high"),
        np.array([-1, 0], np.int32),
        heads,
        np.array([[0, 0, middle], [0, 0, top]]),
        np.zeros(2),
        np.array([False, True]),
        np.ones(2),
        np.ones(2, bool),
        np.ones((2, 2)),
    )
    bones = (mesh.vertices[:, 2] > middle).astype(np.int32)[:, None]
    return armature, SkinWeights(bones, np.ones((len(bones), 1), np.float32))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> FacingConfig:
    """Few steps on few shapes; the validation shapes are the same ones, sampled anew."""
    assets: list[PackedAsset] = []
    for split in ("train", "val"):
        for copy in range(6):
            for kind, mesh in (("biped", WALKER), ("quadruped", GRAZER), ("furniture", TABLE)):
                name = f"{kind}_{split}_{copy}"
                if kind == "furniture":
                    assets.append(pack_mesh(name, kind, split, mesh, 600))
                else:
                    armature, skin = spine(mesh)
                    assets.append(
                        pack_mesh(name, kind, split, mesh, 600, faces_front=True, armature=armature, skin=skin)
                    )
    path = tmp_path_factory.mktemp("facing") / "made_up.safetensors"
    write_file(path, "surfaces", {asset.name: asset.stored for asset in assets})
    loop = Loop(ema=0.95, evaluate_every=1000, log_every=10)
    return FacingConfig(data=(path,), width=16, points=96, steps=360, batch_size=12, rate=5e-3, loop=loop)


@pytest.fixture(scope="module")
def trained(config: FacingConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("trained")
    Trainer(RECIPE, config, 0, start_machine("cpu"), Run(out, workers=0)).train()
    export_checkpoint(RECIPE, out / "best.ckpt", out)
    return out


def test_a_batch_is_the_same_each_time_it_is_made(config: FacingConfig) -> None:
    one, again = (Steps(RECIPE, config, 0, Share())[5].batch for _ in range(2))
    assert one.keys() == again.keys()
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert one["cloud"].shape == (12, 96, 6)
    assert one["right"][:, 0].all()
    cloud = one["cloud"].numpy()
    np.testing.assert_allclose(np.ptp(cloud[..., :3], axis=1).max(1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(cloud[..., 3:], axis=2), 1, atol=1e-5)


def test_the_right_turn_brings_a_view_upright_and_to_the_front() -> None:
    for turn in TURNS:  # a shape put down as turn.T does
        best, ups = nearest_turns((turn.T @ UP)[None], (turn.T @ FORWARD)[None])
        np.testing.assert_array_equal(TURNS[best[0]], turn)
        assert ups.sum() == 4
        assert ups[0, best[0]]


def test_made_up_shapes_are_told_apart_and_righted(trained: Path, config: FacingConfig) -> None:
    metrics = read_network("facing", trained).card.metrics
    assert metrics["front right"] >= 0.75
    assert metrics["up right"] >= 0.75
    assert metrics["kind right"] >= 0.75


def test_an_answer_turns_with_the_shape(trained: Path, config: FacingConfig) -> None:
    network = read_network("facing", trained)
    asset = next(asset for asset in read_packed(config.data[0]) if asset.kind == "quadruped")
    upright = recognise(network, asset.points, asset.normals)
    assert upright.kind in KINDS
    assert upright.up @ upright.forward == pytest.approx(0, abs=1e-5)
    for turn in TURNS[::5]:
        there = recognise(network, 7.5 * asset.points @ turn.T + 3, asset.normals @ turn.T)
        np.testing.assert_allclose(there.up, turn @ upright.up, atol=1e-4)
        np.testing.assert_allclose(there.forward, turn @ upright.forward, atol=1e-4)
        assert there.certainty == pytest.approx(upright.certainty, abs=1e-4)
        assert there.kind == upright.kind


def test_missing_data_is_named(config: FacingConfig, tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"nowhere' is not there. `python -m"):
        RECIPE.prepare(replace(config, data=(config.data[0], tmp_path / "nowhere")))


def test_posed_flesh_moves_with_its_bones_rigidly() -> None:
    heads = np.array([[0.0, 0, 0], [0, 0, 1], [0, 0, 2]])
    bend = rotations(np.array([[0.0, 0, 0], [np.pi / 2, 0, 0], [0, 0, 0]]))
    turns, shifts = pose_joints(heads, np.array([-1, 0, 1]), bend)
    points, normals = np.array([[0.0, 0, 0.5], [0, 0, 3.0]]), np.array([[1.0, 0, 0], [0, 0, 1.0]])
    moved, turned_normals = move_flesh(points, normals, np.array([[0], [2]]), np.ones((2, 1)), turns, shifts)
    np.testing.assert_allclose(moved, [[0, 0, 0.5], [0, -2, 1]], atol=1e-12)
    np.testing.assert_allclose(turned_normals, [[1, 0, 0], [0, -1, 0]], atol=1e-12)


def test_the_calibration_error_is_how_far_off_the_certainty_is() -> None:
    assert calibration_error(np.full(10, 0.95), np.arange(10) < 5) == pytest.approx(0.45)
    assert calibration_error(np.array([0.25] * 4 + [0.75] * 4), np.array([1, 0, 0, 0, 1, 1, 1, 0])) == pytest.approx(0)
