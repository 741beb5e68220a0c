"""Overlap of solids, against values worked out by hand."""

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh
from training.metrics import volumes


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
    made = trimesh.creation.box(bounds=[low, high])
    return Mesh(np.array(made.vertices), np.array(made.faces, np.int32))


def test_the_iou_of_grids_counts_cells() -> None:
    one, other = np.zeros((4, 4, 4), bool), np.zeros((4, 4, 4), bool)
    one[:2], other[1:3] = True, True
    assert volumes.grid_iou(one, other) == pytest.approx(16 / 48)
    assert volumes.grid_iou(one, ~one) == 0
    assert volumes.grid_iou(one & False, other & False) == 1


def test_grids_of_different_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shapes"):
        volumes.grid_iou(np.zeros((2, 2, 2), bool), np.zeros((3, 2, 2), bool))


def test_a_skeletal_volume_is_cut_above_three_tenths_and_given_in_percent() -> None:
    probability = np.array([0.1, 0.3, 0.31, 0.9]).reshape(1, 2, 2)
    assert volumes.skeleton_volume_iou(probability, np.array([0, 0, 1, 1], bool).reshape(1, 2, 2)) == 100
    assert volumes.skeleton_volume_iou(probability, np.array([0, 1, 1, 0], bool).reshape(1, 2, 2)) == pytest.approx(
        100 / 3
    )


def test_meshes_are_compared_in_the_unit_box() -> None:
    left, middle = box((-0.5, -0.25, -0.25), (0, 0.25, 0.25)), box((-0.25, -0.25, -0.25), (0.25, 0.25, 0.25))
    # Both are whole cells of the grid: 16 of 32 columns shared, 48 in the union.
    assert volumes.mesh_iou(left, middle) == pytest.approx(1 / 3)
    assert volumes.occupancy(middle, 8).sum() == 4**3


def test_a_mesh_without_triangles_fills_nothing() -> None:
    empty = Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    assert volumes.mesh_iou(empty, box((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5)), 16) == 0


def test_cells_are_asked_in_their_middles() -> None:
    assert volumes.cell_middles(2)[:2].tolist() == [[-0.25, -0.25, -0.25], [-0.25, -0.25, 0.25]]
