"""Distances between skeletons, against values worked out by hand."""

import numpy as np
import pytest
import trimesh

from inference.anatomy import Armature, Mesh
from inference.frames import SAME
from inference.geometry.mesh.surface import unit_frame
from training.metrics import rig


def skeleton(joints: list[list[float]], parents: list[int]) -> rig.Skeleton:
    return rig.Skeleton(np.array(joints, float), np.array(parents, np.int32))


def tube(radius: float, length: float) -> Mesh:
    made = trimesh.creation.cylinder(radius, length, sections=128)
    return Mesh(np.array(made.vertices), np.array(made.faces, np.int32))


def test_equal_skeletons_are_at_no_distance() -> None:
    one = skeleton([[0, 0, 0], [0, 0, 0.4], [0.3, 0, 0.4]], [-1, 0, 1])
    assert rig.j2j(one, one) == rig.b2b(one, one) == 0
    # A bone is sampled at the middles of its pieces, so a joint lies half a step from the nearest sample.
    assert rig.j2b(one, one) == pytest.approx(100 * rig.BONE_STEP / 2)


def test_j2j_averages_both_directions() -> None:
    one = skeleton([[0, 0, 0]], [-1])
    two = skeleton([[0, 0, 0.1], [0, 0, 0.3]], [-1, 0])
    # There: 0.1. Back: (0.1 + 0.3) / 2 = 0.2. Half the sum, x100: 15.
    assert rig.j2j(one, two) == pytest.approx(15)
    assert rig.j2j(two, one) == pytest.approx(15)


def test_parallel_bones_are_their_gap_apart() -> None:
    one = skeleton([[0, 0, 0], [0, 0, 0.5]], [-1, 0])
    two = skeleton([[0.02, 0, 0], [0.02, 0, 0.5]], [-1, 0])
    assert rig.b2b(one, two) == pytest.approx(2)
    assert rig.j2j(one, two) == pytest.approx(2)


def test_an_extra_joint_on_a_bone_costs_joints_but_not_bones() -> None:
    plain = skeleton([[0, 0, 0], [0, 0, 0.4]], [-1, 0])
    split = skeleton([[0, 0, 0], [0, 0, 0.2], [0, 0, 0.4]], [-1, 0, 1])
    assert rig.b2b(plain, split) == pytest.approx(0, abs=1e-9)
    # There 0, back 0.2 / 3, half of it x100.
    assert rig.j2j(plain, split) == pytest.approx(100 * 0.2 / 6)


def test_bones_are_sampled_evenly_at_the_step() -> None:
    points = rig.sample_bones(np.array([[[0, 0, 0], [0.1, 0, 0]]], float))
    assert len(points) == 20
    assert np.allclose(np.diff(points[:, 0]), 0.005)


def test_a_joint_matches_only_one_other() -> None:
    predicted = np.array([[0, 0, 0], [0.01, 0, 0], [0.5, 0, 0]], float)
    truth = np.array([[0, 0, 0], [1, 0, 0]], float)
    iou, precision, recall = rig.matched_shares(predicted, truth, np.array([0.05, 0.05]))
    assert (iou, precision, recall) == pytest.approx((2 / 5, 1 / 3, 1 / 2))


def test_matching_makes_as_many_pairs_as_possible() -> None:
    # The greedy choice (0.04 to 0.05) would leave the other two alone.
    predicted = np.array([[0.04, 0, 0], [0.09, 0, 0]], float)
    truth = np.array([[0.0, 0, 0], [0.05, 0, 0]], float)
    assert rig.matched_shares(predicted, truth, np.full(2, 0.045))[0] == 1


def test_local_radius_of_a_tube_is_its_radius() -> None:
    inside = skeleton([[0, 0, -0.3], [0, 0, 0.1]], [-1, 0])
    assert rig.local_radius(inside, tube(0.07, 1.0)) == pytest.approx(0.07, rel=0.02)


def test_local_radius_of_a_joint_outside_is_its_distance_to_the_surface() -> None:
    outside = skeleton([[0, 0, 0], [0.27, 0, 0.8]], [-1, 0])
    assert rig.local_radius(outside, tube(0.07, 1.0))[1] == pytest.approx(np.hypot(0.2, 0.3), rel=0.02)


def test_a_failed_asset_scores_worst() -> None:
    assert rig.FAILED_SCORE.j2j == 100
    assert rig.FAILED_SCORE.iou == 0


def test_the_frame_makes_the_longest_side_one() -> None:
    mesh = tube(1.0, 8.0)
    frame = unit_frame(Mesh(mesh.vertices + 100, mesh.triangles))
    assert np.ptp(frame.points_in(mesh.vertices + 100), axis=0).max() == pytest.approx(1)


def test_bones_that_do_not_deform_are_skipped_and_their_children_reparented() -> None:
    heads = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 2]], float)
    armature = Armature(
        ("root", "control", "tip"),
        np.array([-1, 0, 1], np.int32),
        heads,
        heads + np.array([0, 0, 1]),
        np.zeros(3),
        np.ones(3, bool),
        np.ones(3),
        np.array([True, False, True]),
        np.ones((3, 2)),
    )
    seen = rig.skeleton_of(armature, SAME)
    assert seen.parents.tolist() == [-1, 0]
    assert seen.joints[:, 2].tolist() == [0, 2]
