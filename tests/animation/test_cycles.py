"""Motions that are computed: whole rounds, feet that stand, joints within their limits, for bodies that can do them."""

from __future__ import annotations

import numpy as np
import pytest

from inference.anatomy import Armature
from inference.animation.clips import carried
from inference.animation.cycles.make import Cycle, cycles_for, make_cycle
from inference.animation.legs import legs_of
from inference.animation.limits import beyond
from inference.animation.roles import jointed, standing_body
from inference.errors import BadRequestError
from tests.animation.test_controls import armature_of, dog
from tests.rigging.rest.people import person


def fish() -> Armature:
    """A head in front, a tail behind, two fins."""
    bones = [("spine", "", (0, 0, 0), (0, 0.3, 0)), ("spine.001", "spine", (0, 0.3, 0), (0, 0.6, 0))]
    bones += [("tail", "spine.001", (0, 0.6, 0), (0, 0.9, 0)), ("tail.001", "tail", (0, 0.9, 0), (0, 1.2, 0))]
    bones += [("head", "spine", (0, 0, 0), (0, -0.4, 0))]
    bones += [(f"fin{s}", "spine", (0.1 * x, 0.1, 0), (0.4 * x, 0.2, 0)) for s, x in ((".L", 1), (".R", -1))]
    return armature_of(bones)


def bird() -> Armature:
    """Two wings of two bones, two legs."""
    bones = [("hips", "", (0, 0.1, 1), (0, -0.2, 1)), ("neck", "hips", (0, -0.2, 1), (0, -0.3, 1.2))]
    bones += [("head", "neck", (0, -0.3, 1.2), (0, -0.5, 1.2)), ("tail", "hips", (0, 0.1, 1), (0, 0.4, 1))]
    for side, x in ((".L", 1.0), (".R", -1.0)):
        bones += [
            (f"wing{side}", "hips", (0.1 * x, 0, 1), (0.6 * x, 0, 1)),
            (f"wing.001{side}", f"wing{side}", (0.6 * x, 0, 1), (1.2 * x, 0.1, 1)),
            (f"thigh{side}", "hips", (0.1 * x, 0.1, 0.9), (0.1 * x, -0.05, 0.6)),
            (f"shin{side}", f"thigh{side}", (0.1 * x, -0.05, 0.6), (0.1 * x, 0.1, 0.2)),
            (f"foot{side}", f"shin{side}", (0.1 * x, 0.1, 0.2), (0.1 * x, -0.05, 0.02)),
        ]
    return armature_of(bones)


BODIES = {"person": person(), "dog": dog(), "fish": fish(), "bird": bird()}
ABLE: dict[str, tuple[Cycle, ...]] = {
    "person": ("walk", "run", "idle", "wave"),
    "dog": ("walk", "run", "idle"),
    "fish": ("idle", "swim"),
    "bird": ("walk", "run", "idle", "fly"),
}
ALL = [(body, cycle) for body, cycles in ABLE.items() for cycle in cycles]


@pytest.mark.parametrize("body", BODIES)
def test_a_body_can_do_what_its_limbs_are_for(body: str):
    assert cycles_for(BODIES[body]) == ABLE[body]


@pytest.mark.parametrize(("body", "cycle"), ALL)
def test_it_moves_within_its_limits_and_ends_as_it_began(body: str, cycle: Cycle):
    clip = make_cycle(BODIES[body], cycle, seconds=2.0)
    assert len(clip.turns) >= 2.0 * 24.0
    assert np.abs(clip.turns - clip.turns[0]).max() > 0.02
    np.testing.assert_allclose(clip.turns[-1], clip.turns[0], atol=2e-2)
    inside = jointed(standing_body(BODIES[body]))
    assert not beyond(inside, inside.names, clip.turns).any()


@pytest.mark.parametrize(("body", "cycle"), [case for case in ALL if case[1] in ("walk", "run", "idle", "wave")])
def test_feet_stay_where_they_stand_and_never_sink(body: str, cycle: Cycle):
    if body == "fish":
        return
    clip = make_cycle(BODIES[body], cycle, seconds=3.0)
    inside = jointed(standing_body(BODIES[body]))
    height = float(np.ptp(inside.heads[:, 2]))
    for leg in legs_of(inside, inside.names):
        way = carried(clip, leg.foot, leg.ball)
        assert way[:, 2].min() > leg.ball[2] - 0.005 * height
        low = way[:, 2] < leg.ball[2] + 0.002 * height
        edges = np.flatnonzero(np.diff(np.concatenate([[False], low, [False]]).astype(int)))
        assert len(edges) >= 2
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            assert np.linalg.norm(way[start:stop, :2] - way[start, :2], axis=1).max() < 0.01 * height


def test_a_walk_goes_ahead_steps_are_marked_and_in_place_it_stays():
    clip, still = make_cycle(person(), "walk"), make_cycle(person(), "walk", in_place=True)
    assert clip.heads[-1, 0, 1] < -2.0
    assert abs(still.heads[-1, 0, 1] - still.heads[0, 0, 1]) < 1e-6
    assert {name for _, name in clip.marks} == {"foot.L down", "foot.R down"}


def test_wings_beat_up_and_down_together():
    clip = make_cycle(bird(), "fly")
    tips = [clip.heads[:, clip.armature.names.index(f"wing.001{side}"), 2] for side in (".L", ".R")]
    np.testing.assert_allclose(tips[0], tips[1], atol=1e-9)
    assert np.ptp(tips[0]) > 0.3


def test_what_a_body_cannot_do_is_said_with_what_it_can():
    with pytest.raises(BadRequestError, match=r"cannot fly. It can: idle, swim"):
        make_cycle(fish(), "fly")
