"""Vessels fork by Murray's law and are what they claim."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import KDTree

from training.shapes.organs.branching import Growth, fork, grow, smooth_path, swell, warp
from training.shapes.organs.vessels import VESSELS
from training.shapes.verify import digest, faults


@pytest.mark.parametrize("evenness", [0.3, 0.7, 1.0])
def test_the_cubes_of_the_childrens_radii_sum_to_the_parents(evenness: float) -> None:
    thick, thin, by_thick, by_thin = fork(2.0, evenness)
    assert thick**3 + thin**3 == pytest.approx(8.0)
    assert thin == pytest.approx(evenness * thick)
    assert by_thin >= by_thick  # the thinner child turns away more


def test_an_even_fork_opens_by_seventy_five_degrees() -> None:
    # Both children have 2^(-1/3) of the radius; the cosine of each angle is 2^(4/3) / 2^(5/3) = 2^(-1/3).
    _, _, by_thick, by_thin = fork(1.0, 1.0)
    assert np.degrees(by_thick + by_thin) == pytest.approx(2 * np.degrees(np.arccos(2 ** (-1 / 3))))
    assert np.degrees(by_thick + by_thin) == pytest.approx(74.93, abs=0.01)


def test_every_limb_of_a_tree_but_the_root_starts_on_another() -> None:
    limbs = grow(np.zeros(3), np.array([0, 0, 1.0]), 1.0, Growth(limbs=12), np.random.default_rng(4))
    assert len(limbs) > 6
    for limb in limbs:
        others = np.concatenate([other.points for other in limbs if other is not limb])
        apart = np.linalg.norm(others - limb.points[0], axis=1).min()
        assert apart < 1e-9 or (limb.points[0] == 0).all()


def test_a_path_passes_through_its_knots() -> None:
    knots = np.array([[0, 0, 0], [0, 1, 1], [1, 1, 2.0]])
    assert KDTree(smooth_path(knots, np.full(3, 0.1)).points).query(knots)[0].max() < 1e-12


def test_an_aneurysm_widens_and_a_stenosis_narrows_only_its_own_stretch() -> None:
    limb = smooth_path(np.array([[0, 0, 0], [0, 0, 10.0]]), np.ones(2), 0.1)
    wide = swell(limb, 0.5, 0.05, 1.0).radii
    assert wide.max() == pytest.approx(2.0, abs=0.01)
    assert wide[[0, -1]] == pytest.approx(1.0)
    assert swell(limb, 0.5, 0.05, -0.5).radii.min() == pytest.approx(0.5, abs=0.01)


def test_a_warp_moves_points_by_no_more_than_it_may() -> None:
    points = np.random.default_rng(1).normal(size=(100, 3))
    moved = warp(0.1, 3.0, np.random.default_rng(2))(points)
    assert 0 < np.abs(moved - points).max() <= 0.1


@pytest.mark.parametrize("family", VESSELS)
def test_vessels_are_what_they_claim_and_repeat(family: str) -> None:
    shapes = [VESSELS[family](seed) for seed in (0, 1, 2)]
    assert [faults(shape) for shape in shapes] == [{}, {}, {}]
    assert len({digest(shape) for shape in shapes}) == 3
    assert digest(VESSELS[family](1)) == digest(shapes[1])


def test_the_ring_of_the_brain_is_closed_or_open() -> None:
    assert {VESSELS["cerebral arteries"](seed).genus for seed in range(6)} == {0, 1}


def test_a_net_has_several_rings() -> None:
    assert all((VESSELS["vessel net"](seed).genus or 0) >= 1 for seed in range(3))
