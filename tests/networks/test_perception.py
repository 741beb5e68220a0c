"""What perception sees and says: inputs by hand, looks that do not depend on how a shape is handed over."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from inference.networks.facing.inputs import TURNS
from inference.networks.perception import apply
from inference.networks.perception.inputs import CLOSE, POINTS, TOKENS, WIDE, balls, inputs_of, nearest, spread
from inference.rigging.bodies.words import PAIRS, PARTS, PLANS, kinds_of, read_label


def sphere(count: int = POINTS, radius: float = 0.5) -> np.ndarray:
    """Points of a sphere with their normals, (P, 6)."""
    normals = np.random.default_rng(0).normal(size=(count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return np.concatenate([normals * radius, normals], 1).astype(np.float32)


def test_tokens_are_spread_over_the_shape() -> None:
    tokens = spread(sphere()[None, :, :3], 64)[0]
    at = sphere()[tokens, :3]
    apart = np.linalg.norm(at[:, None] - at[None], axis=2) + 9 * np.eye(64)
    assert len(set(tokens.tolist())) == 64
    assert apart.min() > 0.12  # 64 random points would have neighbours at 0.01


def test_the_nearest_come_first_and_in_order() -> None:
    apart = np.random.default_rng(1).random((2, 5, 1024)).astype(np.float32)
    found = nearest(apart, 20)
    assert np.array_equal(np.sort(found, -1), np.sort(np.argsort(apart, -1)[..., :20], -1))
    assert (np.diff(np.take_along_axis(apart, found, -1), axis=-1) > -1e-3).all()


def test_the_ball_inside_a_sphere_is_the_sphere() -> None:
    cloud = sphere(radius=0.3)
    squares = ((cloud[None, :, None, :3] - cloud[None, None, :, :3]) ** 2).sum(3)
    assert np.allclose(balls(cloud[None], cloud[None, :, :3], squares), 0.3, atol=1e-3)


def test_inputs_have_the_promised_sizes_and_say_what_is_known() -> None:
    seen = inputs_of(np.stack([sphere(), sphere()]), np.array([1000, 0]), np.array([0, 30]), np.array([0, 3]))
    assert seen.tokens.shape == (2, TOKENS)
    assert seen.near.shape == (2, TOKENS, CLOSE + WIDE)
    assert np.array_equal(seen.near[:, :, 0], seen.tokens)
    assert np.allclose(seen.facts, [[1, 0, 0, 0], [0, 0, 1, 0]])
    assert seen.known_plan.tolist() == [0, 3]


def standing_network(inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """A network that knows the figure when it stands."""
    right = np.array([np.abs(cloud[:, :3] - figure()[:, :3]).max() < 1e-6 for cloud in inputs["cloud"]])
    found = np.zeros((len(right), len(TURNS)))
    found[:, 0] = np.where(right, 12.0, -5.0)
    return [*(np.zeros(0) for _ in range(7)), found]


def figure() -> np.ndarray:
    """Points that look the same from nowhere else."""
    points = np.random.default_rng(2).random((POINTS, 3)) * [0.5, 0.7, 1.0]
    points[0], points[1] = 0.0, [0.5, 0.7, 1.0]
    points = points - np.array([0.25, 0.35, 0.5])
    return np.concatenate([points, np.zeros((POINTS, 3))], 1)


@pytest.mark.parametrize("lies", [0, 3, 11, 20])
def test_the_way_of_standing_is_found_among_those_that_are_tried(lies: int) -> None:
    cloud = figure() @ np.kron(np.eye(2), TURNS[lies])  # rows turned by the inverse: TURNS[lies] rights them
    evidence = apply.standing(standing_network, cloud[:, :3], cloud[:, 3:], range(24))
    assert int(np.argmax(evidence)) == lies
    few = apply.standing(standing_network, cloud[:, :3], cloud[:, 3:])
    assert np.isfinite(few).sum() == 4
    assert (few[lies] == evidence[lies]) == (lies in apply.UPRIGHT)


def test_turned_shapes_are_shown_in_shares_that_sum_to_one() -> None:
    assert np.isclose(apply.turn_chances().sum(), 1)


def test_labels_are_read() -> None:
    label = read_label("leg3.2.L")
    assert (label.part, label.segment, label.side, label.number) == ("leg", 1, 1, 2)
    assert read_label("twist.R").part == ""
    assert read_label("weapon").part == "worn"
    with pytest.raises(ValueError, match="nonsense"):
        read_label("nonsense")


def test_every_body_plan_is_of_one_kind() -> None:
    for place in range(len(PLANS)):
        assert np.isclose(sum(kinds_of(np.eye(len(PLANS))[place]).values()), 1)
    assert len(set(PARTS)) == len(PARTS)
    assert PAIRS > 4


def test_the_network_answers_and_is_a_function_of_the_shape_alone() -> None:
    torch = pytest.importorskip("torch", reason="torch trains; it is not bundled")
    from inference.networks.perception.network import PerceptionNet, Size

    torch.manual_seed(0)
    net = PerceptionNet(Size(24, 2)).eval()

    def ask(inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        with torch.no_grad():
            return [part.numpy() for part in net(**{name: torch.from_numpy(array) for name, array in inputs.items()})]

    cloud = sphere(2 * POINTS)
    near = apply.perceive(ask, cloud[:, :3], cloud[:, 3:])
    far = apply.perceive(ask, cloud[:, :3] * 4 + 7, cloud[:, 3:])
    assert near.part.shape == (2 * POINTS, len(PARTS))
    assert np.allclose(near.part.sum(1), 1)
    assert np.allclose(near.votes * 4 + 7, far.votes, atol=1e-2)
