"""Measures of medial spheres, against values worked out by hand."""

import numpy as np
import pytest
import trimesh

from inference.anatomy import MedialSpheres, Mesh
from training.metrics import spheres


def medial(centres: list[list[float]], radii: list[float]) -> MedialSpheres:
    return MedialSpheres(np.array(centres, float), np.array(radii, float), np.zeros(len(radii), bool))


def test_cd_and_r_sum_both_directions() -> None:
    predicted = medial([[0, 0, 0], [0.3, 0, 0]], [0.1, 0.2])
    reference = medial([[0, 0.1, 0]], [0.15])
    score = spheres.score_spheres(predicted, reference)
    # There: 0.01 and 0.09 + 0.01; back: 0.01 to the first. Radii: 0.05 and 0.05; back: 0.05.
    assert score.cd == pytest.approx(100 * ((0.01 + 0.10) / 2 + 0.01))
    assert score.radius == pytest.approx(100 * (0.05 + 0.05))
    assert score.count == 2


def test_equal_spheres_are_at_zero() -> None:
    some = medial([[0, 0, 0], [1, 0, 0]], [0.1, 0.3])
    score = spheres.score_spheres(some, some)
    assert (score.cd, score.radius) == (0, 0)


def test_no_spheres_are_refused() -> None:
    with pytest.raises(ValueError, match="without spheres"):
        spheres.score_spheres(medial([], []), medial([[0, 0, 0]], [1]))


def test_the_gap_to_the_nearest_radius_is_a_mean_over_spheres() -> None:
    # 0 and 0.1 are nearest to each other (0.05 apart in radius), 1.0 is nearest to 0.1 (0.2 apart).
    some = medial([[0, 0, 0], [0.1, 0, 0], [1, 0, 0]], [0.1, 0.15, 0.35])
    assert spheres.nearest_radius_gap(some) == pytest.approx((0.05 + 0.05 + 0.2) / 3)
    assert spheres.nearest_radius_gap(medial([[0, 0, 0]], [1])) == 0


def test_an_envelope_a_little_too_large_is_off_by_that_much() -> None:
    def ball(radius: float) -> Mesh:
        made = trimesh.creation.icosphere(subdivisions=4, radius=radius)
        return Mesh(np.array(made.vertices), np.array(made.faces, np.int32))

    score = spheres.score_envelope(ball(0.5), ball(0.45), 1)
    assert score.cd == pytest.approx(5, abs=0.1)
    assert score.hd == pytest.approx(5, abs=0.1)
    assert score.iou == pytest.approx(0.9**3, abs=0.01)
