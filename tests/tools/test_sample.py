"""The creature of the demonstration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import trimesh
from scipy.spatial import KDTree

from tools.sample import make_creature, write_obj


def test_the_creature_is_one_watertight_body() -> None:
    mesh = trimesh.Trimesh(*make_creature(cells=70), process=False)
    assert mesh.is_watertight
    assert mesh.body_count == 1
    assert mesh.euler_number == 2
    assert mesh.volume > 0


def test_the_creature_is_its_own_mirror_image() -> None:
    vertices, _ = make_creature(cells=70)
    mirrored = vertices * [-1, 1, 1]
    gap, _ = KDTree(vertices).query(mirrored)
    assert gap.max() < 1e-9


def test_a_seed_gives_the_same_creature_again_and_another_seed_another() -> None:
    first, again, other = (make_creature(seed, cells=50)[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)


def test_the_file_stands_upright_for_programs_with_y_up(tmp_path: Path) -> None:
    vertices, triangles = make_creature(cells=50)
    write_obj(tmp_path / "creature.obj", vertices, triangles)
    loaded = trimesh.load_mesh(tmp_path / "creature.obj", process=False)
    np.testing.assert_allclose(loaded.vertices[:, 1].max(), vertices[:, 2].max(), atol=1e-5)
    assert loaded.volume > 0
