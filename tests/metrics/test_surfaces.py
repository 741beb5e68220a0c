"""Measures of surfaces, against values worked out by hand."""

import numpy as np
import pytest

from inference.anatomy import Mesh
from training.metrics import surfaces


def sheet(height: float, tilt: float = 0.0) -> Mesh:
    """A unit square at a height, turned about the x axis."""
    y, z = np.cos(tilt), np.sin(tilt)
    corners = np.array([[0, 0, height], [1, 0, height], [1, y, z + height], [0, y, z + height]])
    return Mesh(corners, np.array([[0, 1, 2], [0, 2, 3]], np.int32))


def test_the_mesh_cd_of_two_sheets_is_twice_their_squared_distance() -> None:
    # Nearest samples are also about 1 / (pi 10,000) = 3e-5 apart along the sheet, squared.
    assert surfaces.mesh_cd(sheet(0), sheet(0.1)) == pytest.approx(1000 * 2 * (0.01 + 3.2e-5), rel=0.002)


def test_equal_surfaces_are_as_far_apart_as_their_samples() -> None:
    assert surfaces.mesh_cd(sheet(0), sheet(0)) == pytest.approx(1000 * 2 / (np.pi * 10_000), rel=0.1)


def test_normals_agree_whichever_side_is_the_front() -> None:
    turned = Mesh(sheet(0).vertices, sheet(0).triangles[:, ::-1])
    assert surfaces.normal_consistency(sheet(0), turned) == pytest.approx(1)


def test_normals_at_sixty_degrees_agree_by_half() -> None:
    assert surfaces.normal_consistency(sheet(0), sheet(0, np.pi / 3)) == pytest.approx(0.5)


def test_all_at_once_is_each_alone() -> None:
    score = surfaces.score_surface(sheet(0), sheet(0.05))
    assert score.cd == pytest.approx(surfaces.mesh_cd(sheet(0), sheet(0.05)))
    assert score.normals == pytest.approx(1)
    assert score.f1 == 100


def test_a_mesh_without_triangles_is_refused() -> None:
    with pytest.raises(ValueError, match="without triangles"):
        surfaces.mesh_cd(sheet(0), Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32)))
