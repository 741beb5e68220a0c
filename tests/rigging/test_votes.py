"""Votes become joints, joints a tree, and the tree an armature that is valid and even."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from inference.rigging.bodies.perceived import Perceived
from inference.rigging.bodies.words import PAIRS, PART, PARTS, PLANS
from inference.rigging.judging.validity import bone_problems
from inference.rigging.votes.armature import voted_armature
from inference.rigging.votes.tree import cheapest_tree

# part, side, head, tail, parent's head: a figure of sticks
STICKS = (
    ("hips", 0, (0.0, 0, 0.5), (0.0, 0, 0.6), (0.0, 0, 0.5)),
    ("spine", 0, (0.0, 0, 0.6), (0.0, 0, 0.8), (0.0, 0, 0.5)),
    ("head", 0, (0.0, 0, 0.8), (0.0, 0, 1.0), (0.0, 0, 0.6)),
    ("arm.upper", 1, (0.1, 0, 0.75), (0.3, 0, 0.75), (0.0, 0, 0.6)),
    ("arm.lower", 1, (0.3, 0, 0.75), (0.5, 0, 0.75), (0.1, 0, 0.75)),
    ("leg.thigh", 1, (0.08, 0, 0.5), (0.08, 0, 0.25), (0.0, 0, 0.5)),
    ("leg.shin", 1, (0.08, 0, 0.25), (0.08, 0, 0.0), (0.08, 0, 0.5)),
)


def figure(noise: float = 0.002, each: int = 40) -> Perceived:
    """What a perfect network, but for some noise, would say of a figure of sticks with both sides."""
    random = np.random.default_rng(0)
    flip = np.array([-1.0, 1, 1])
    bones = [(p, s, *(np.array(x, float) for x in ends)) for p, s, *ends in STICKS]
    bones += [(p, 2, *(x * flip for x in ends)) for p, s, *ends in bones if s]
    count = len(bones) * each
    part, side = np.full((count, len(PARTS)), 0.1 / len(PARTS)), np.full((count, 3), 0.05)
    points, votes, along = np.zeros((count, 3)), np.zeros((count, 3, 3)), np.zeros(count)
    for bone, (word, which, head, tail, above) in enumerate(bones):
        mine = slice(bone * each, (bone + 1) * each)
        along[mine] = random.random(each)
        points[mine] = head + along[mine, None] * (tail - head) + random.normal(0, 0.02, (each, 3))
        votes[mine] = np.stack([head, tail, above]) + random.normal(0, noise, (each, 3, 3))
        part[mine, PART[word]] += 0.9
        side[mine, which] += 0.85
    plan = np.eye(len(PLANS))[PLANS.index("biped")]
    pair = np.tile(np.eye(PAIRS)[0], (count, 1))
    error = np.full((count, 3), 0.01)
    return Perceived(points, part, side, pair, along, votes, error, plan, 11.0, 0.1, np.zeros(len(PARTS)))


def test_every_stick_becomes_a_bone_where_its_points_say() -> None:
    made = voted_armature(figure())
    assert made is not None
    found = dict(zip(made.names, made.heads, strict=True))
    assert set(found) == {
        *("hips", "spine", "head"),
        *(f"{name}.{side}" for name in ("upper_arm", "forearm", "thigh", "shin") for side in "LR"),
    }
    assert np.allclose(found["forearm.L"], (0.3, 0, 0.75), atol=0.005)
    assert np.allclose(found["thigh.R"], (-0.08, 0, 0.5), atol=0.005)


def test_bones_hang_where_they_belong() -> None:
    made = voted_armature(figure())
    assert made is not None
    above = {
        name: made.names[parent] if parent >= 0 else "" for name, parent in zip(made.names, made.parents, strict=True)
    }
    assert above["hips"] == ""
    assert above["thigh.L"] == "hips"
    assert above["shin.R"] == "thigh.R"
    assert above["upper_arm.L"] == "spine"
    assert above["head"] == "spine"
    assert not bone_problems(made)


def test_an_even_armature_mirrors_itself_exactly() -> None:
    made = voted_armature(figure())
    assert made is not None
    place = {name: bone for bone, name in enumerate(made.names)}
    for name, bone in place.items():
        if name.endswith(".L"):
            other = place[name[:-1] + "R"]
            assert np.array_equal(made.heads[bone] * [-1, 1, 1], made.heads[other])
            assert np.array_equal(made.tails[bone] * [-1, 1, 1], made.tails[other])
            assert made.rolls[bone] == -made.rolls[other]


def test_a_shape_that_is_not_even_keeps_its_sides_apart() -> None:
    made = voted_armature(figure(), even=False)
    assert made is not None
    assert made.symmetry is None
    assert "shin.L" in made.names
    assert "shin.R" in made.names
    assert not bone_problems(made)


@pytest.mark.parametrize("seed", range(5))
def test_noise_makes_a_valid_armature_all_the_same(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = 200
    seen = Perceived(
        random.normal(0, 0.3, (count, 3)),
        random.dirichlet(np.ones(len(PARTS)), count),
        random.dirichlet(np.ones(3), count),
        random.dirichlet(np.ones(PAIRS), count),
        random.random(count),
        random.normal(0, 0.3, (count, 3, 3)),
        random.uniform(0.01, 0.1, (count, 3)),
        random.dirichlet(np.ones(len(PLANS))),
        20.0,
        0.3,
        random.random(len(PARTS)),
    )
    for even in (True, False):
        made = voted_armature(seen, even=even)
        assert made is None or not bone_problems(made)


def test_the_cheapest_tree_is_the_one_that_trying_all_finds() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        cost = random.random((5, 5))
        np.fill_diagonal(cost, np.inf)
        found = cheapest_tree(cost, 0)
        best = min(
            (
                sum(cost[k + 1, p] for k, p in enumerate(parents))
                for parents in itertools.product(range(5), repeat=4)
                if _reaches(parents)
            ),
            default=np.inf,
        )
        assert np.isclose(sum(cost[k, found[k]] for k in range(1, 5)), best)


def _reaches(parents: tuple[int, ...]) -> bool:
    """Whether all of 1, 2 ... hang on 0 in the end."""
    for node in range(1, len(parents) + 1):
        steps = 0
        while node != 0 and steps < 9:
            node, steps = parents[node - 1], steps + 1
        if node:
            return False
    return True
