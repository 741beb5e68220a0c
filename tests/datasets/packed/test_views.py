from pathlib import Path

import numpy as np
import pytest

from training.datasets.packed.views import VAL_SEEDS, Options, make_views, read_views, spread, write_views
from training.rendering.cameras import Camera, stack
from training.rendering.crop_frames import into_crops

OPTIONS = Options(families=("lamp", "plane"), seeds=1, val=1, paper=2, free=1, size=32, processes=1)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("views") / "views.safetensors"
    write_views(path, list(make_views(OPTIONS)))
    return path


def test_views_come_back_from_their_file(path: Path):
    made, found = list(make_views(OPTIONS)), read_views(path)
    assert [(shape.family, shape.split) for shape in found] == [
        (family, split) for family in ("lamp", "plane") for split in ("train", "val")
    ]
    for one, other in zip(made, found, strict=True):
        assert one.pictures == other.pictures
        np.testing.assert_array_equal(one.rotation, other.rotation)
        np.testing.assert_array_equal(one.spheres, other.spheres)


def test_the_same_options_make_the_same_bytes_however_many_processes_work(path: Path, tmp_path: Path):
    other = tmp_path / "other.safetensors"
    write_views(other, list(make_views(Options(**{**OPTIONS.__dict__, "processes": 2}))))
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
    with pytest.raises(ValueError, match=r"damaged\.safetensors' is damaged"):
        read_views(damaged)


def test_spread_takes_points_far_from_each_other():
    line = np.stack([np.arange(101.0), np.zeros(101), np.zeros(101)], 1)
    assert sorted(spread(line, 3)) == [0, 50, 100]
    assert len(spread(line[:2], 3)) == 2
