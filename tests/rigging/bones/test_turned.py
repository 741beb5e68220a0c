from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Armature, Finding, Pose, Report, Rig, Symmetry
from inference.axes import bone_axes
from inference.errors import BadRequestError
from inference.rigging.bones.turned import turned_round

UP, AHEAD, LEFT = np.eye(3)[2], -np.eye(3)[1], np.eye(3)[0]
BONES = {  # of a person who looks along -Y
    "hips": ("", (0, 0, 1.0), (0, 0, 1.2)),
    "spine": ("hips", (0, 0, 1.2), (0, 0, 1.5)),
    "upper_arm.L": ("spine", (0.2, 0, 1.4), (0.5, 0, 1.4)),
    "forearm.L": ("upper_arm.L", (0.5, 0, 1.4), (0.8, 0, 1.4)),
    "upper_arm.R": ("spine", (-0.2, 0, 1.4), (-0.5, 0, 1.4)),
    "forearm.R": ("upper_arm.R", (-0.5, 0, 1.4), (-0.8, 0, 1.4)),
}


def rig(names: tuple[str, ...] = tuple(BONES)) -> Rig:
    rows = list(BONES.values())
    heads, tails = np.array([row[1] for row in rows], float), np.array([row[2] for row in rows], float)
    parents = np.array([list(BONES).index(row[0]) if row[0] else -1 for row in rows], np.int32)
    count = len(names)
    armature = Armature(
        names=names,
        parents=parents,
        heads=heads,
        tails=tails,
        rolls=np.zeros(count),
        connected=np.zeros(count, bool),
        confidence=np.ones(count),
        deform=np.ones(count, bool),
        radii=np.full((count, 2), 0.1),
        kind="biped",
        symmetry=Symmetry(LEFT, 0.0),
    )
    report = Report(coverage=1.0, inside=1.0, inside_worst=1.0, stretch=1.0, valid=True, score=1.0)
    return Rig(armature, None, report, Pose(UP, AHEAD, LEFT, 1.0))


def test_left_and_right_change_places_and_no_joint_moves():
    turned = turned_round(rig())
    before, after = rig().armature, turned.armature
    np.testing.assert_array_equal(turned.pose.forward, -AHEAD)
    np.testing.assert_array_equal(turned.pose.left, -LEFT)
    np.testing.assert_allclose(after.heads, before.heads)
    assert after.names[2] == "upper_arm.R"
    for name, head in zip(after.names, after.heads, strict=True):
        side = {"L": 1, "R": -1}.get(name[-1], 0)
        assert np.sign(np.round(head @ turned.pose.left, 9)) == side
    assert after.symmetry is not None
    np.testing.assert_array_equal(after.symmetry.normal, turned.pose.left)


def test_elbows_bend_to_the_new_front():
    turned = turned_round(rig())
    axes = bone_axes(turned.armature.heads, turned.armature.tails, turned.armature.rolls)
    for name, (_, _, z) in zip(turned.armature.names, axes, strict=True):
        if "forearm" in name:
            assert z @ turned.pose.forward > 0.99, "a positive turn about x takes the tail along z"


def test_what_is_said_of_a_side_is_said_of_the_other():
    before = rig()
    told = Finding("'forearm.L' lies outside the mesh, left of it.", ("forearm.L",))
    before = replace(before, report=replace(before.report, warnings=(told,), reasons=("left forearm", "head")))
    report = turned_round(before).report
    assert report.reasons == ("right forearm", "head")
    assert report.warnings[0].bones == ("forearm.R",)
    assert report.warnings[0].message == "'forearm.R' lies outside the mesh, right of it."


def test_turned_twice_it_is_as_it_was():
    again = turned_round(turned_round(rig()))
    assert again.armature.names == tuple(BONES)
    np.testing.assert_allclose(again.pose.forward, AHEAD)


def test_bodies_named_from_front_to_back_are_generated_again():
    names = tuple(name.replace("forearm", "leg.front") for name in BONES)
    with pytest.raises(BadRequestError, match="generate again"):
        turned_round(rig(names))
