"""A captured walk on other bodies: feet stay where they stand, joints stay within their limits, nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, Clip
from inference.animation.clips import at_rate, carried
from inference.animation.contact import touches_of
from inference.animation.legs import legs_of
from inference.animation.limits import beyond, within_limits
from inference.animation.retarget import retarget
from inference.animation.roles import body_of, jointed, standing_body
from inference.errors import BadArmatureError
from tests.animation.test_controls import dog
from tests.animation.walker import ENDS, JOINTS, gait, placed
from tests.rigging.rest.people import person, renamed, turned

RATE = 30.0
UPRIGHT = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # from +Y up, facing +Z


def captured(seconds: float = 4.0) -> Clip:
    """The walk of tests/animation/walker.py as a clip."""
    hips, turns = gait(seconds, RATE)
    places = placed(turns, hips)
    names = tuple(joint for joint, *_ in JOINTS)
    parents = np.array([names.index(above) if above else -1 for _, above, _ in JOINTS], np.int32)
    heads = np.zeros((len(names), 3))
    for bone, (_, _, offset) in enumerate(JOINTS):
        heads[bone] = np.array(offset, float) + (heads[parents[bone]] if parents[bone] >= 0 else 0.0)
    tails = heads.copy()
    for bone, name in enumerate(names):
        apart = [child for child in np.flatnonzero(parents == bone) if np.ptp(heads[[child, bone]], axis=0).max() > 0]
        tails[bone] = heads[apart[0]] if apart else heads[bone] + np.array(ENDS.get(name, (0.0, 0.05, 0.0)))
    whole: list[np.ndarray] = []
    for bone, (name, *_) in enumerate(JOINTS):
        own = Rotation.from_euler("ZYX", turns.get(name, np.zeros((len(hips), 3)))[:, ::-1], degrees=True).as_matrix()
        whole.append(own if parents[bone] < 0 else whole[parents[bone]] @ own)
    count = len(names)
    armature = Armature(
        names,
        parents,
        heads @ UPRIGHT.T,
        tails @ UPRIGHT.T,
        np.zeros(count),
        np.zeros(count, bool),
        np.ones(count),
        np.ones(count, bool),
        np.full((count, 2), 0.03),
    )
    moved = np.stack([places[name] for name in names], 1) @ UPRIGHT.T
    return Clip("walk", armature, UPRIGHT @ np.stack(whole, 1) @ UPRIGHT.T, moved, RATE)


WALK = captured()


def bodies() -> dict[str, Armature]:
    """A person in T-pose, one with other names, one half as tall."""
    usual = person()
    return {"T": usual, "small": turned(usual, Rotation.identity(), 0.5), "mixamo": renamed(usual, {})}


def balls(clip: Clip) -> dict[str, np.ndarray]:
    inside = jointed(standing_body(clip.armature))
    return {leg.name: carried(clip, leg.foot, leg.ball) for leg in legs_of(inside, inside.names)}


def test_cmus_joints_are_recognised():
    place = body_of(WALK.armature).place
    wanted = {
        "hips",
        "spine",
        "chest",
        "neck",
        "head",
        "upper_arm.L",
        "forearm.R",
        "hand.L",
        "thigh.L",
        "shin.R",
        "toe.L",
    }
    assert wanted <= set(place)
    assert WALK.armature.names[place["thigh.L"]] == "LeftUpLeg"


@pytest.mark.parametrize("name", bodies())
def test_feet_stay_where_they_stand_and_no_joint_is_beyond_its_limits(name: str):
    target = bodies()[name]
    made = retarget(WALK, target)
    height = float(np.ptp(target.heads[:, 2]))
    tips = {"foot.L": "LeftToeBase", "foot.R": "RightToeBase"}
    for foot, way in balls(made).items():
        own = WALK.heads[:, WALK.armature.names.index(tips[foot])]
        touches = touches_of(own, 1.6, RATE)
        assert len(touches) >= 3
        for start, stop in touches:
            assert np.linalg.norm(way[start:stop] - way[start], axis=1).max() < 0.01 * height
    inside = jointed(standing_body(target))
    assert not beyond(inside, inside.names, made.turns).any()


def test_it_goes_as_far_as_its_legs_are_long():
    usual, small = retarget(WALK, person()), retarget(WALK, bodies()["small"])
    far = [np.linalg.norm(clip.heads[-1, 0] - clip.heads[0, 0]) for clip in (usual, small)]
    assert far[0] > 3.0
    assert far[1] == pytest.approx(0.5 * far[0], rel=0.02)


def test_arms_that_rest_elsewhere_point_where_the_clips_arms_point():
    made = retarget(WALK, person())
    names, source = made.armature.names, WALK.armature.names
    one = made.heads[:, names.index("forearm.L")] - made.heads[:, names.index("upper_arm.L")]
    other = WALK.heads[:, source.index("LeftForeArm")] - WALK.heads[:, source.index("LeftArm")]
    cosine = (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    assert cosine.min() > 0.97


def test_it_starts_looking_ahead_whichever_way_the_clip_looked():
    turn = Rotation.from_euler("z", 70, degrees=True).as_matrix()
    other = replace(WALK, turns=turn @ WALK.turns, heads=WALK.heads @ turn.T)
    np.testing.assert_allclose(retarget(other, person()).heads, retarget(WALK, person()).heads, atol=1e-6)


def test_in_place_it_stays_and_walks_as_before():
    usual, still = retarget(WALK, person()), retarget(WALK, person(), in_place=True)
    np.testing.assert_allclose(still.turns, usual.turns)
    assert np.abs(still.heads[:, 0, :2] - still.heads[0, 0, :2]).max() < 1e-9


def test_steps_are_marked():
    marks = retarget(replace(WALK, marks=((3, "begin"),)), person()).marks
    assert (3, "begin") in marks
    assert sum(name == "foot.L down" for _, name in marks) >= 3
    assert list(marks) == sorted(marks)


def test_a_clip_takes_as_long_at_another_rate():
    made = at_rate(WALK, 24.0)
    assert (len(made.turns) - 1) / 24.0 == pytest.approx((len(WALK.turns) - 1) / RATE, abs=1 / 24.0)
    np.testing.assert_allclose(made.turns[-1], WALK.turns[-1], atol=1e-9)


def test_a_body_that_has_nothing_in_common_is_refused():
    with pytest.raises(BadArmatureError, match="too few bones in common"):
        retarget(WALK, dog())


def test_an_elbow_that_is_overstretched_is_brought_back():
    inside = jointed(standing_body(person()))
    turns = np.tile(np.eye(3), (1, len(inside.names), 1, 1))
    bone = inside.names.index("forearm.L")
    turns[:, bone] = Rotation.from_euler("z", 60, degrees=True).as_matrix()  # the hand goes back
    assert beyond(inside, inside.names, turns)[0, bone] > 30
    back = within_limits(inside, inside.names, turns)
    assert not beyond(inside, inside.names, back)[0, bone]
