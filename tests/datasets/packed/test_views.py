from pathlib import Path

import numpy as np
import pytest

from training.datasets.builders.build import build
from training.datasets.packed.views import VAL_SEEDS, Views, read_views, spread, views_source
from training.datasets.store.errors import DamagedItemError
from training.rendering.cameras import Camera, stack
from training.rendering.crop_frames import into_crops

SOURCE, RECIPE = views_source(("lamp", "plane"), range(1), 1), Views(paper=2, free=1, size=32)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("views") / "views.safetensors"
    build(path, SOURCE, RECIPE)
    return path


def test_views_come_back_from_their_file(path: Path):
    found = read_views(path)
    assert [(shape.family, shape.split) for shape in found] == [
        (family, split) for family in ("lamp", "plane") for split in ("train", "val")
    ]
    made, _ = RECIPE.make(SOURCE, "lamp/100000")[0]
    for name, value in vars(made).items():
        np.testing.assert_array_equal(value, getattr(found[1], name))


def test_the_same_options_make_the_same_bytes_however_many_processes_work(path: Path, tmp_path: Path):
    other = tmp_path / "other.safetensors"
    build(other, SOURCE, RECIPE, processes=2)
    assert other.read_bytes() == path.read_bytes()


def test_shapes_for_evaluation_have_seeds_of_their_own_and_true_spheres(path: Path):
    for shape in read_views(path):
        assert (shape.seed >= VAL_SEEDS) == (shape.split == "val") == (len(shape.truth.radii) > 0)


def test_a_crop_is_colour_times_alpha_and_alpha_and_two_views_are_the_papers(path: Path):
    for shape in read_views(path):
        crops = shape.crops(np.arange(3))
        assert crops.shape == (3, 4, 32, 32)
        assert (crops[:, :3] <= crops[:, 3:]).all()
        assert shape.paper.tolist() == [True, True, False]


def test_true_spheres_lie_inside_every_silhouette(path: Path):
    straight = stack([Camera(0.0, 0.0, 32)] * 3)
    for shape in read_views(path):
        if shape.split == "val":
            spheres = np.repeat(shape.spheres[None], 3, 0)
            seen, _ = into_crops(spheres[..., :3], spheres[..., 3], shape.frames(np.arange(3)))
            depth = seen[..., 1] + 2.732
            column = np.floor(straight.focal[0] * seen[..., 0] / depth + 16).astype(int)
            row = np.floor(16 - straight.focal[0] * seen[..., 2] / depth).astype(int)
            alpha = shape.crops(np.arange(3))[np.arange(3)[:, None], 3, row, column]
            assert (alpha > 0).mean() > 0.95  # rods thinner than a pixel are not everywhere in a picture


def test_a_damaged_file_is_named(path: Path, tmp_path: Path):
    damaged = tmp_path / "damaged.safetensors"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    damaged.write_bytes(data)
    with pytest.raises(DamagedItemError, match=r"damaged\.safetensors' is damaged"):
        read_views(damaged)


def test_spread_takes_points_far_from_each_other():
    line = np.stack([np.arange(101.0), np.zeros(101), np.zeros(101)], 1)
    assert sorted(spread(line, 3)) == [0, 50, 100]
    assert len(spread(line[:2], 3)) == 2
