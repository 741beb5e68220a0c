"""Measures of sets of shapes, against values worked out by hand."""

import numpy as np
import pytest
import torch

from training.metrics import clouds, generation

# Three generated shapes (rows), two real ones (columns).
CROSS = np.array([[1.0, 5.0], [2.0, 4.0], [3.0, 6.0]])


def apart(places: list[float], others: list[float]) -> np.ndarray:
    return np.abs(np.array(places)[:, None] - np.array(others)[None])


def test_mmd_is_the_mean_over_real_shapes() -> None:
    assert generation.minimum_matching_distance(CROSS) == pytest.approx((1 + 4) / 2)


def test_coverage_is_the_share_of_real_shapes_that_are_some_generated_ones_nearest() -> None:
    assert generation.coverage(CROSS) == pytest.approx(1 / 2)
    assert generation.coverage(np.array([[1.0, 2], [2, 1]])) == 1


def test_nearest_neighbours_tell_two_far_sets_apart() -> None:
    one, other = [0.0, 1.0], [10.0, 11.0]
    found = generation.nearest_neighbour_accuracy(apart(one, other), apart(one, one), apart(other, other))
    assert found == 1


def test_nearest_neighbours_of_mixed_shapes() -> None:
    # On a line: generated 0 and 3, real 1 and 2.2. Nearest of 0 is 1, of 1 is 0, of 2.2 is 3, of 3 is 2.2.
    one, other = [0.0, 3.0], [1.0, 2.2]
    assert generation.nearest_neighbour_accuracy(apart(one, other), apart(one, one), apart(other, other)) == 0
    # Of equally near neighbours of both sets, half counts: 0 is as far from 1 as from -1.
    one, other = [0.0, -1.0], [1.0, 50.0]
    # 0: tie (1/2); -1: own (1); 1: the other's (0); 50: own, at 49 against 50 (1).
    found = generation.nearest_neighbour_accuracy(apart(one, other), apart(one, one), apart(other, other))
    assert found == pytest.approx(2.5 / 4)


def test_the_score_is_in_percent() -> None:
    one, other = [0.0, 1.0], [10.0, 11.0]
    score = generation.score_sets(apart(one, other), apart(one, one), apart(other, other))
    assert (score.mmd, score.cov, score.nna) == (pytest.approx(9.5), 50, 100)


def test_matrices_hold_the_distances_of_pairs_however_they_are_cut() -> None:
    made = torch.Generator().manual_seed(0)
    some, others = torch.rand(3, 40, 3, generator=made).double(), torch.rand(4, 30, 3, generator=made).double()
    found, squared = generation.chamfer_matrix(some, others), generation.chamfer_squared_matrix(some, others)
    for i, j in np.ndindex(3, 4):
        pair = some[i].numpy(), others[j].numpy()
        assert found[i, j] == pytest.approx(clouds.chamfer_unsquared(*pair))
        assert squared[i, j] == pytest.approx(clouds.chamfer_squared(*pair))


def test_small_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    some = torch.rand(3, 20, 3, generator=torch.Generator().manual_seed(0))
    features = some.flatten(1).numpy()
    whole = generation.chamfer_matrix(some, some), generation.kernel_distance(features, features[::-1] + 0.1)
    monkeypatch.setattr(generation, "CHUNK", 1)
    np.testing.assert_array_equal(generation.chamfer_matrix(some, some), whole[0])
    assert generation.kernel_distance(features, features[::-1] + 0.1) == pytest.approx(
        whole[1], rel=1e-5
    )  # single precision, summed in another order


def test_earth_movers_of_all_pairs_may_be_shared_among_processes() -> None:
    some = np.random.default_rng(0).random((3, 12, 3))
    alone = generation.earth_movers_matrix(some, some[:2])
    assert alone[2, 1] == pytest.approx(clouds.earth_movers(some[2], some[1]))
    np.testing.assert_array_equal(generation.earth_movers_matrix(some, some[:2], workers=2), alone)


def test_the_frechet_distance_of_plain_gaussians() -> None:
    # Points +-s on each axis, so mean m and covariance (2 s^2 / 3) I with 4 points in the plane.
    def cross(scale: float, middle: float) -> np.ndarray:
        return middle + scale * np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])

    spread = np.sqrt(2 / 3)  # standard deviation of scale 1
    expected = 2 * 3.0**2 + 2 * (2 * spread - spread) ** 2
    assert generation.frechet_distance(cross(1, 0), cross(2, 3)) == pytest.approx(expected)
    assert generation.frechet_distance(cross(1, 0), cross(1, 0)) == pytest.approx(0, abs=1e-12)


def test_the_frechet_distance_holds_for_covariances_that_do_not_commute() -> None:
    from scipy.linalg import sqrtm

    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(50, 4)) @ rng.normal(size=(4, 4)), rng.normal(size=(60, 4)) @ rng.normal(size=(4, 4))
    a, b = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    gap = one.mean(0) - other.mean(0)
    expected = gap @ gap + np.trace(a + b - 2 * np.asarray(sqrtm(a @ b)).real)
    assert generation.frechet_distance(one, other) == pytest.approx(expected)


def test_the_kernel_distance_by_hand() -> None:
    # One dimension, kernel (xy + 1)^3. Features 0, 1 and 1, 2: pairs 1; (2 + 1)^3 = 27; across 1, 1, 8, 27.
    found = generation.kernel_distance(np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]]))
    assert found == pytest.approx(1 + 27 - 2 * (1 + 1 + 8 + 27) / 4)


def test_the_nearest_real_shapes_come_in_order() -> None:
    assert generation.nearest_shapes(np.array([[3.0, 1, 2]]), 2).tolist() == [[1, 2]]
