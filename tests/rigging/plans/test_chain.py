"""Joints go to bends, evenly where there is none, and never so that a bone leaves the shape."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from inference.geometry.solid.make import make_solid
from inference.rigging.bodies.interior import Interior
from inference.rigging.plans.chain import at_shares, even_count, place_expected, place_joints, resample
from tests.rigging.bodies import tube, unit
from tests.rigging.shapes import as_mesh


@pytest.fixture(scope="module")
def elbow() -> Interior:
    """An arm in the plane x = 0 that turns by a right angle."""
    return Interior(make_solid(unit(tube([(0, -1, 0), (0, 0, 0), (0, 0, 0.8)], [0.1, 0.1, 0.1]))))


@pytest.fixture(scope="module")
def room() -> Interior:
    """A box that holds all of the lines below."""
    return Interior(make_solid(as_mesh(trimesh.creation.box((1.0, 1.0, 1.0)))))


def test_the_joint_of_a_bent_limb_is_at_its_bend(room):
    line = np.array([[0, -0.4, -0.3], [0, 0.1, -0.3], [0, 0.1, 0.4]])
    shares = place_joints(room, line, np.full(3, 0.05), "normal")
    joints = at_shares(line, shares)
    assert np.linalg.norm(joints - line[1], axis=1).min() < 0.05


def test_a_straight_limb_is_divided_evenly(room):
    line = np.array([[0, -0.4, 0], [0, 0.4, 0]])
    shares = place_joints(room, line, np.full(2, 0.05), "normal", least=4, most=4)
    assert np.allclose(shares, [0, 0.25, 0.5, 0.75, 1], atol=0.03)


def test_an_expected_joint_moves_to_a_bend_nearby(room):
    line = np.array([[0, -0.4, 0.4], [0, -0.4, -0.04], [0, 0.0, -0.4]])
    arc = 0.44 / (0.44 + np.hypot(0.4, 0.36))
    shares = place_expected(room, line, np.full(3, 0.04), [0.0, arc + 0.06, 1.0])
    assert abs(shares[1] - arc) < 0.04


def test_without_a_bend_joints_stay_where_they_are_expected(room):
    line = np.array([[0, -0.4, 0], [0, 0.4, 0]])
    shares = place_expected(room, line, np.full(2, 0.05), [0.0, 0.3, 0.8, 1.0])
    assert np.allclose(shares, [0, 0.3, 0.8, 1], atol=0.02)


def test_bones_of_a_crooked_limb_stay_in_it(elbow):
    low, high = elbow.solid.centres.min(0), elbow.solid.centres.max(0)
    depth = elbow.solid.depth.max()
    corner = [0, high[1] - depth, low[2] + depth]
    line = np.array([[0, low[1] + depth, low[2] + depth], corner, [0, high[1] - depth, high[2] - depth]])
    joints = at_shares(line, place_joints(elbow, line, np.full(3, 0.9), "few"))
    assert elbow.share_inside(joints[:-1], joints[1:]).min() > 0.9


def test_resampling_keeps_the_ends():
    line = np.array([[0, 0, 0], [0, 0, 1], [0, 2, 1.0]])
    points, radii = resample(line, np.array([1.0, 2, 3]), 7)
    assert np.allclose(points[[0, -1]], line[[0, -1]])
    assert np.all(np.diff(radii) >= 0)


def test_thin_and_dense_limbs_get_more_bones():
    assert even_count(1.0, 0.02, "normal") > even_count(1.0, 0.1, "normal")
    assert even_count(1.0, 0.02, "many") > even_count(1.0, 0.02, "normal") > even_count(1.0, 0.02, "few")
