"""Lessons of perception: what is shown is true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.networks.facing.inputs import TURNS
from inference.rigging.bodies.words import PART, PARTS
from training.datasets.packed.surfaces import PackedAsset
from training.lessons.bodies import Body, body_of, chances_of
from training.lessons.perception import Variety, inputs_for, plain, show, truth_for

LABELS = ("hips", "tail.1", "tail.2", "arm.upper.L", "helper")
HEADS = np.array([[0, 0, 0], [0, 0.1, 0], [0, 0.3, 0], [0.1, 0, 0], [0.2, 0, 0.0]], np.float32)
TAILS = np.array([[0, 0.1, 0], [0, 0.3, 0], [0, 0.5, 0], [0.3, 0, 0], [0.3, 0, 0.0]], np.float32)
PARENTS = np.array([-1, 0, 1, 0, 3], np.int16)


def asset() -> PackedAsset:
    """Points along sticks: hips, a tail of two bones, an arm on the left with a helper in it."""
    random = np.random.default_rng(0)
    bone = np.repeat(np.arange(5), 400)
    along = random.random(len(bone))
    points = HEADS[bone] + along[:, None] * (TAILS - HEADS)[bone] + random.normal(0, 0.01, (len(bone), 3))
    normals = np.tile([0, 0, 127], (len(bone), 1))
    bones = np.stack([bone, *[np.zeros_like(bone)] * 3], 1)
    return PackedAsset(
        name="sticks",
        kind="quadruped",
        split="train",
        faces_front=True,
        size=1.0,
        quantised=np.round(points.clip(-0.5, 0.5) * 65534).astype(np.int16),
        directions=normals.astype(np.int8),
        bones=bones.astype(np.uint8),
        shares=np.tile(np.array([255, 0, 0, 0], np.uint8), (len(bone), 1)),
        names=LABELS,
        parents=PARENTS,
        heads=HEADS,
        tails=TAILS,
        labels=LABELS,
        plan="quadruped",
        artist="somebody",
        vertices=500,
        axes=np.tile(np.eye(3, dtype=np.float32), (5, 1, 1)),
    )


def body() -> Body:
    return body_of(asset(), None)


def test_the_flesh_of_a_helper_is_that_of_the_joint_it_hangs_on() -> None:
    made = body()
    assert PARTS[made.part[made.joint[-1]]] == "arm.upper"
    assert made.joints == 4
    assert made.counts[PART["tail"]] == 2


def test_a_chain_has_one_coordinate_from_the_body_outwards() -> None:
    made = body()
    tail = made.part[made.joint] == PART["tail"]
    y = asset().points[:, 1]
    assert np.corrcoef(made.along[tail], y[tail])[0, 1] > 0.99
    assert np.isclose(made.along[made.joint == 1].max(), 0.5, atol=0.03)
    assert np.isclose(made.along[made.joint == 2].min(), 0.5, atol=0.03)


def test_a_plain_view_tells_where_the_joints_are() -> None:
    view = plain(body(), np.random.default_rng(1))
    points = asset().points
    middle, size = (points.max(0) + points.min(0)) / 2, np.ptp(points, axis=0).max()
    arm = view.part == PART["arm.upper"]
    assert np.allclose(view.votes[arm][:, 0], (HEADS[3] - middle) / size, atol=0.02)
    assert (view.side[arm] == 1).all()
    assert (view.side[view.part == PART["tail"]] == 0).all()


@pytest.mark.parametrize("turn", [0, 5, 17])
def test_the_turn_that_is_said_to_be_right_stands_the_view_up(turn: int) -> None:
    view = plain(body(), np.random.default_rng(1), turn)
    upright = plain(body(), np.random.default_rng(1))
    assert np.allclose(view.cloud[:, :3] @ TURNS[view.stand].T, upright.cloud[:, :3], atol=1e-6)
    assert view.shape[3] == (turn == 0)


def test_varied_views_stay_true() -> None:
    """However a body is grown, posed, bent and mirrored: points stay near the joint that they vote for."""
    variety, sides = Variety(turned=0, cut=0, carries=0), set()
    for seed in range(12):
        view = show(body(), variety, np.random.default_rng(seed))
        hips = view.part == PART["hips"]
        assert np.linalg.norm(view.cloud[hips, :3] - view.votes[hips, 0], axis=1).max() < 0.45
        arm = view.part == PART["arm.upper"]
        side = set(view.side[arm].tolist())
        assert len(side) == 1
        outwards = (view.votes[arm, 1] - view.votes[arm, 0]).mean(0)[0]
        assert outwards > 0 if side == {1} else outwards < 0
        sides |= side
    assert sides == {1, 2}


def test_what_is_not_labelled_teaches_standing_alone() -> None:
    bare = replace(
        asset(), labels=(), names=(), parents=PARENTS[:0], heads=HEADS[:0], tails=TAILS[:0], faces_front=False
    )
    seen = body_of(replace(bare, axes=bare.axes[:0]), None)
    views = [plain(seen, np.random.default_rng(0)), show(seen, Variety(turned=0), np.random.default_rng(0))]
    truth = truth_for(views, [seen, seen])
    assert truth["labelled"].tolist() == [0, 0]
    assert truth["stand"].sum(1).tolist() == [4, 4]  # its front is not known
    assert inputs_for(views).cloud.shape == (2, 1024, 6)


def test_artists_are_weighed_not_files() -> None:
    many = [replace(body(), name=f"of one {k}", artist="one") for k in range(9)]
    few = [replace(body(), name="of another", artist="another")]
    chances = chances_of([*many, *few], 0.6, 0.3, 0.1, 0.0)
    assert np.isclose(chances[:9].sum() / chances[9], 3)


def test_a_plain_view_gives_nothing_away() -> None:
    """What is asked for is not among what is shown: not the plan, not how many joints there are."""
    pytest.importorskip("torch", reason="batches are torch's")
    from training.recipes.perception import INPUTS, batch_of

    seen = body()
    other = replace(seen, plan=seen.plan + 3, counts=seen.counts + 1, joints=seen.joints + 9)
    batches = [batch_of([plain(each, np.random.default_rng(4))], [each]) for each in (seen, other)]
    assert all((batches[0][name] == batches[1][name]).all() for name in INPUTS)
    assert batches[0]["known_plan"].tolist() == [0]
    assert batches[0]["plan"].tolist() != batches[1]["plan"].tolist()
