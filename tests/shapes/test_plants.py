"""Plants are what they claim."""

from __future__ import annotations

import numpy as np
import pytest

from inference.anatomy import Mesh
from training.shapes.making.inscribed import distances, inside
from training.shapes.making.union import components_and_genus, is_watertight
from training.shapes.plants import PLANTS, leaf, ring_of_directions
from training.shapes.verify import digest, faults


@pytest.mark.parametrize("family", PLANTS)
def test_plants_are_what_they_claim_and_repeat(family: str) -> None:
    shapes = [PLANTS[family](seed) for seed in (0, 1)]
    assert [faults(shape) for shape in shapes] == [{}, {}]
    assert digest(shapes[0]) != digest(shapes[1])
    assert digest(PLANTS[family](1)) == digest(shapes[1])


def test_a_leaf_is_one_thin_closed_blade_around_its_middle_surface() -> None:
    part = leaf(np.zeros(3), np.array([1.0, 0, 0]), 0.5, 0.2, droop=0.8, half=0.01)
    mesh = Mesh(part.vertices, part.triangles)
    assert is_watertight(mesh)
    assert components_and_genus(mesh) == (1, 0)
    points = part.sheets[0].points.reshape(-1, 3)
    assert inside(mesh, points).all()
    assert np.abs(distances(mesh, points)[0] - 0.01).max() < 0.004


def test_a_drooping_leaf_hangs_lower_than_a_stiff_one() -> None:
    aim = np.array([1.0, 0, 0])
    stiff, limp = (leaf(np.zeros(3), aim, 0.5, 0.1, droop=droop) for droop in (0.0, 1.2))
    assert limp.vertices[:, 2].min() < stiff.vertices[:, 2].min() - 0.1


def test_directions_go_all_around() -> None:
    aims = ring_of_directions(8, 0.3, np.random.default_rng(0))
    assert np.linalg.norm(aims, axis=1) == pytest.approx(1)
    assert np.linalg.norm(aims.mean(0)[:2]) < 0.2


def test_plants_have_sheets_where_they_have_leaves() -> None:
    for family in ("palm", "grass", "flower", "leaf"):
        shape = PLANTS[family](0)
        assert shape.sheets
        assert shape.spheres.sheet.any()
