"""Thinning keeps pieces and loops, runs through the middle, and gives curves with radii."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from inference.geometry.curves.thinning import cell_curves, linked, thinned, without_twigs
from training.shapes.topology import betti_of_graph

SIDE = 28
X, Y, Z = np.meshgrid(*[np.arange(SIDE)] * 3, indexing="ij")


def ring(x: float, y: float, large: float = 7, small: float = 2.4) -> np.ndarray:
    return (np.hypot(X - x, Y - y) - large) ** 2 + (Z - 14) ** 2 < small**2


def rod() -> np.ndarray:
    return (np.hypot(Y - 14, Z - 14) < 3) & (X > 3) & (X < 24)


SOLIDS = {
    "rod": (rod(), (1, 0)),
    "ring": (ring(13.5, 13.5), (1, 1)),
    "two rings apart": (ring(7, 7, 4, 1.6) | ring(20, 20, 4, 1.6), (2, 2)),
    "eight": (ring(8, 13, 5, 2) | ring(17, 13, 5, 2), (1, 2)),
    "ladder": (
        ((abs(X - 6) < 2) | (abs(X - 20) < 2) | (Y % 8 == 4)) & (X > 4) & (X < 22) & (abs(Z - 10) < 2) & (Y < 26),
        (1, 2),
    ),
    "plate": ((abs(Z - 14) < 2) & (X > 3) & (X < 24) & (Y > 5) & (Y < 20), (1, 0)),
    "plate with a hole": (
        (abs(Z - 14) < 2) & (X > 3) & (X < 24) & (Y > 5) & (Y < 22) & (np.hypot(X - 13, Y - 13) > 4),
        (1, 1),
    ),
}


def euler(cells: np.ndarray) -> int:
    """Corners less edges plus faces less cubes, cells touching by corners."""
    filled = np.pad(cells, 1)
    count = 0
    for signs in np.ndindex(2, 2, 2):
        spread = filled
        for axis, on in enumerate(signs):
            if on:  # an element between two cells is there where either is
                spread = spread | np.roll(spread, 1, axis)
        count += (-1) ** (3 - sum(signs)) * int(spread.sum())
    return count


@pytest.mark.parametrize("name", SOLIDS)
def test_pieces_and_loops_stay_what_they_are(name: str) -> None:
    cells, betti = SOLIDS[name]
    thin = thinned(cells)
    assert (thin <= cells).all()
    assert thin.sum() < 0.25 * cells.sum()
    assert euler(thin) == euler(cells)
    points = np.argwhere(thin)
    pieces, loops = betti_of_graph(len(points), linked(points))
    assert pieces - loops == euler(cells)
    assert (pieces, loops) == betti


def test_nothing_simple_is_left_but_tips() -> None:
    once = thinned(SOLIDS["eight"][0])
    assert np.array_equal(thinned(once), once)


def test_a_rod_becomes_its_axis_with_its_radius() -> None:
    curves = cell_curves(rod(), np.array([1.0, 2, 3]), 0.5, lambda points: np.full(len(points), 1.4))
    assert np.abs(curves.points[:, 1:] - (np.array([2.0, 3]) + 7)).max() < 0.51
    assert np.ptp(curves.points[:, 0]) > 0.5 * 12
    assert len(curves.edges) == len(curves.points) - 1
    assert (curves.radii == 1.4).all()
    assert (curves.component == 0).all()


def test_hollows_count_as_full_and_empty_cells_have_no_curves() -> None:
    ball = (X - 14) ** 2 + (Y - 14) ** 2 + (Z - 14) ** 2 < 64
    shell = ball & ~np.asarray(ndimage.binary_erosion(ball, iterations=2), bool)
    curves = cell_curves(shell, np.zeros(3), 1.0, lambda points: np.full(len(points), 8.0))
    assert len(curves.points) < 30
    none = cell_curves(np.zeros_like(ball), np.zeros(3), 1.0, lambda points: np.ones(len(points)))
    assert len(none.points) == len(none.edges) == len(none.radii) == 0


def test_branches_that_hardly_leave_their_ball_go_and_longer_ones_stay() -> None:
    points = np.array([[k, 0.0, 0] for k in range(9)] + [[4, 1.0, 0], [4, 2.0, 0]])
    edges = np.array([[k, k + 1] for k in range(8)] + [[4, 9], [9, 10]])
    assert without_twigs(points, edges, np.full(11, 1.0)).all()
    assert without_twigs(points, edges, np.full(11, 1.5)).tolist() == [True] * 9 + [False, False]
