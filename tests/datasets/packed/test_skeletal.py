"""Pictures with skeletons, packed: what comes back is true of the shapes it was made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh
from scipy.spatial import KDTree

from training.datasets.builders.build import build
from training.datasets.builders.sdf import signed_distance
from training.datasets.builders.volumes import cells_of
from training.datasets.packed.skeletal import (
    SHARP,
    PackedVolume,
    SkeletalItem,
    SkeletalViews,
    largest_turn,
    read_skeletal,
)
from training.datasets.packed.views import views_source
from training.rendering.cameras import fitted
from training.shapes.families import FAMILIES

torch.set_num_threads(1)
SOURCE = views_source(("chair", "bird"), range(1), 1)
RECIPE = SkeletalViews(paper=1, free=1, size=32, points=400, val_points=900, surface=200, samples=160, volumes=(16, 32))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("skeletal") / "skeletal.safetensors"
    build(path, SOURCE, RECIPE)
    return path


@pytest.fixture(scope="module")
def chair(path: Path) -> SkeletalItem:
    return read_skeletal(path)[0]


def test_every_shape_has_all_that_was_asked_for(path: Path) -> None:
    found = read_skeletal(path)
    assert [(item.views.family, item.views.split) for item in found] == [
        (family, split) for family in ("chair", "bird") for split in ("train", "val")
    ]
    for item in found:
        count = 900 if item.views.split == "val" else 400
        assert len(item.shape.curves) + len(item.shape.sheets) == count
        assert item.views.crops(np.arange(2)).shape == (2, 4, 32, 32)
        assert item.known_resolutions == (16, 32)


def test_a_skeleton_lies_inside_and_in_its_volume(chair: SkeletalItem) -> None:
    mesh = fitted(FAMILIES["chair"](0).mesh)
    for points in (chair.shape.curves, chair.shape.sheets):
        if len(points):
            assert (signed_distance(mesh, points.astype(float)) > -2e-3).mean() > 0.95
            for resolution in (16, 32):
                assert chair.volume(resolution)[tuple(cells_of(points, resolution).T)].all()
    assert 0.005 < chair.volume(32).mean() < 0.3


def test_surface_and_places_are_true_of_the_mesh(chair: SkeletalItem) -> None:
    mesh = fitted(FAMILIES["chair"](0).mesh)
    points, normals = chair.shape.surface
    assert np.abs(signed_distance(mesh, points.astype(float))).max() < 1e-4
    assert np.linalg.norm(normals, axis=1) == pytest.approx(np.ones(200), abs=0.01)
    places, distances = chair.shape.samples
    assert len(places) == 160
    assert distances == pytest.approx(signed_distance(mesh, places.astype(float)), abs=2e-4)
    near = np.abs(distances) <= 0.0501
    assert near.sum() >= 140
    assert (distances[near] > 0).sum() == pytest.approx(70, abs=12)


def test_edges_of_a_box_are_sharp_and_its_faces_are_not() -> None:
    box = trimesh.creation.box()
    points, face = trimesh.sample.sample_surface(box, 4000, seed=0)[:2]
    turned = largest_turn(points, box.face_normals[face]) > SHARP
    beside = np.sort(0.5 - np.abs(points), axis=1)[:, 1]  # how far the nearest edge is
    assert turned[beside < 0.01].mean() > 0.9
    assert not turned[beside > 0.15].any()
    ball = trimesh.creation.icosphere(subdivisions=4)
    assert not (largest_turn(ball.vertices, ball.vertex_normals) > SHARP).any()


def test_the_same_options_make_the_same_bytes(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    build(other, SOURCE, RECIPE, processes=2)
    assert other.read_bytes() == path.read_bytes()


def test_volumes_are_packed_without_loss() -> None:
    cells = np.random.default_rng(0).random((16, 16, 16)) < 0.1
    packed = PackedVolume.of(cells)
    assert (packed.cells == cells).all()


def test_points_are_as_dense_on_sheets_as_the_surface_is_large(chair: SkeletalItem) -> None:
    every = np.concatenate([chair.shape.curves, chair.shape.sheets])
    surface, _ = chair.shape.surface
    away = KDTree(every).query(surface)[0]
    assert away.max() < 0.2
