"""What a network says about the way a shape stands, and when it is believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Mesh
from inference.networks.facing import TURNS
from inference.rigging.frame import canonical_frame
from inference.rigging.hint import Hint, standing_turn
from training.shapes.figures import person
from training.shapes.implicit import mesh_around

UP, FORWARD = np.array([0.0, 0, 1]), np.array([0.0, -1, 0])
SURE = Hint("biped", 0.99, UP, FORWARD, 0.99, 0.99)


@pytest.fixture(scope="module")
def human() -> Mesh:
    return mesh_around(person(), 64)


def test_a_shape_that_lies_any_way_ends_in_the_same_frame(human: Mesh) -> None:
    upright = canonical_frame(human, hint=SURE)
    stood = upright.points_in(human.vertices)
    assert upright.symmetric
    for turn in TURNS[::3]:
        lying = Mesh(human.vertices @ turn.T, human.triangles)
        frame = canonical_frame(lying, hint=SURE.turned(turn))
        assert frame.symmetric
        np.testing.assert_allclose(frame.points_in(lying.vertices), stood, atol=1e-9)
        np.testing.assert_allclose(frame.points_out(stood), lying.vertices, atol=1e-9)
        np.testing.assert_allclose(frame.pose.up, turn @ UP, atol=1e-9)
        np.testing.assert_allclose(frame.pose.forward, turn @ FORWARD, atol=1e-9)


def test_a_hint_that_agrees_changes_nothing(human: Mesh) -> None:
    plain, hinted = canonical_frame(human), canonical_frame(human, hint=SURE)
    for one, other in ((plain.axes, hinted.axes), (plain.origin, hinted.origin)):
        np.testing.assert_array_equal(one, other)
    assert (plain.size, plain.symmetric) == (hinted.size, hinted.symmetric)


def test_an_unsure_hint_lays_nothing_down() -> None:
    lying = replace(SURE, up=np.array([1.0, 0, 0]), forward=UP)
    np.testing.assert_array_equal(standing_turn(replace(lying, upright=0.5)), np.eye(3))
    np.testing.assert_array_equal(standing_turn(None), np.eye(3))
    turn = standing_turn(lying)
    np.testing.assert_allclose(turn @ lying.up, UP)
    np.testing.assert_allclose(turn @ lying.forward, FORWARD)


def test_furniture_and_plants_are_left_as_they_are() -> None:
    lying = replace(SURE, kind="plant", up=np.array([1.0, 0, 0]), forward=UP)
    np.testing.assert_array_equal(standing_turn(lying), np.eye(3))
