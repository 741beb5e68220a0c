"""What a network says about the way a shape stands, and when it is believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Mesh
from inference.kinds import Kind
from inference.networks.facing.inputs import TURNS
from inference.rigging.standing.canonical import canonical_frame
from inference.rigging.standing.hint import Hint, best_way, ways_to_stand
from training.shapes.figures import person
from training.shapes.making.implicit import mesh_around

UP, FORWARD = np.array([0.0, 0, 1]), np.array([0.0, -1, 0])
UPS = np.concatenate([np.eye(3), -np.eye(3)])  # +X +Y +Z -X -Y -Z
FORWARDS = np.array([UP, UP, FORWARD, UP, UP, FORWARD])


def hint_of(*chances: float, kind: Kind = "biped", legged: float = 0.99) -> Hint:
    return Hint(kind, 0.99, legged, UPS, FORWARDS, np.array(chances))


SURE = hint_of(0, 0, 1, 0, 0, 0)
LYING = hint_of(1, 0, 0, 0, 0, 0)


@pytest.fixture(scope="module")
def human() -> Mesh:
    return mesh_around(person(), 64)


def test_a_shape_that_lies_any_way_ends_in_the_same_frame(human: Mesh) -> None:
    upright = canonical_frame(human)
    stood = upright.points_in(human.vertices)
    assert upright.symmetric
    for turn in TURNS[::3]:
        lying = Mesh(human.vertices @ turn.T, human.triangles)
        (way,) = ways_to_stand(SURE.turned(turn))
        frame = canonical_frame(lying, turn=way.turn)
        assert frame.symmetric
        np.testing.assert_allclose(frame.points_in(lying.vertices), stood, atol=1e-9)
        np.testing.assert_allclose(frame.points_out(stood), lying.vertices, atol=1e-9)
        np.testing.assert_allclose(frame.pose.up, turn @ UP, atol=1e-9)
        np.testing.assert_allclose(frame.pose.forward, turn @ FORWARD, atol=1e-9)


def test_a_sure_hint_is_the_only_way_and_stands_the_shape_up() -> None:
    (way,) = ways_to_stand(LYING)
    np.testing.assert_allclose(way.turn @ np.array([1.0, 0, 0]), UP)
    np.testing.assert_allclose(way.turn @ UP, FORWARD)


def test_without_a_hint_or_legs_a_shape_stays_as_it_is() -> None:
    for hint in (None, replace(LYING, kind="plant", legged=0.01)):
        (way,) = ways_to_stand(hint)
        np.testing.assert_array_equal(way.turn, np.eye(3))


def test_in_doubt_the_likely_ways_are_tried_and_the_given_one_always() -> None:
    ways = ways_to_stand(hint_of(0.6, 0.3, 0.02, 0.02, 0.03, 0.03))
    assert len(ways) == 3
    assert any(np.array_equal(way.turn, np.eye(3)) for way in ways)
    assert ways[0].chance > ways[1].chance > ways[2].chance


def test_a_body_that_the_geometry_finds_settles_the_doubt() -> None:
    hint = hint_of(0.6, 0, 0.4, 0, 0, 0)
    ways = ways_to_stand(hint)
    upright = next(place for place, way in enumerate(ways) if np.array_equal(way.turn, np.eye(3)))
    lying = 1 - upright
    bodies = [0.0, 0.0]
    bodies[upright] = 0.9
    assert best_way(hint, ways, bodies) == upright
    bodies = [0.0, 0.0]
    bodies[lying] = 0.9
    assert best_way(hint, ways, bodies) == lying


def test_what_hardly_looks_like_a_body_is_only_stood_up_with_one() -> None:
    hint = hint_of(0.99, 0, 0.01, 0, 0, 0, kind="mech", legged=0.3)
    ways = ways_to_stand(hint)
    upright = next(place for place, way in enumerate(ways) if np.array_equal(way.turn, np.eye(3)))
    assert best_way(hint, ways, [0.5, 0.5]) == upright
    assert best_way(hint, ways, [0.8 * (place != upright) for place in range(2)]) == 1 - upright
