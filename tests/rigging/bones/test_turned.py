from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Armature, Finding, Pose, Report, Rig, SkinWeights, Symmetry
from inference.axes import bone_axes
from inference.rigging.bones.turned import facing

UP, AHEAD, LEFT = np.eye(3)[2], -np.eye(3)[1], np.eye(3)[0]
BONES = {  # of a person who looks along -Y
    "hips": ("", (0, 0, 1.0), (0, 0, 1.2)),
    "spine": ("hips", (0, 0, 1.2), (0, 0, 1.5)),
    "upper_arm.L": ("spine", (0.2, 0, 1.4), (0.5, 0, 1.4)),
    "forearm.L": ("upper_arm.L", (0.5, 0, 1.4), (0.8, 0, 1.4)),
    "upper_arm.R": ("spine", (-0.2, 0, 1.4), (-0.5, 0, 1.4)),
    "forearm.R": ("upper_arm.R", (-0.5, 0, 1.4), (-0.8, 0, 1.4)),
}


def rig(bones: dict = BONES, kind: str = "biped") -> Rig:
    names, rows = tuple(bones), list(bones.values())
    heads, tails = np.array([row[1] for row in rows], float), np.array([row[2] for row in rows], float)
    parents = np.array([names.index(row[0]) if row[0] else -1 for row in rows], np.int32)
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
        kind=kind,
        symmetry=Symmetry(LEFT, 0.0),
    )
    report = Report(coverage=1.0, inside=1.0, inside_worst=1.0, stretch=1.0, valid=True, score=1.0)
    return Rig(armature, None, report, Pose(UP, AHEAD, LEFT, 1.0))


def test_left_and_right_change_places_and_no_joint_moves():
    turned = facing(rig(), -AHEAD)
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
    turned = facing(rig(), -AHEAD)
    axes = bone_axes(turned.armature.heads, turned.armature.tails, turned.armature.rolls)
    for name, (_, _, z) in zip(turned.armature.names, axes, strict=True):
        if "forearm" in name:
            assert z @ turned.pose.forward > 0.99, "a positive turn about x takes the tail along z"


def test_what_is_said_of_a_side_is_said_of_the_other():
    before = rig()
    told = Finding("'forearm.L' lies outside the mesh, left of it.", ("forearm.L",))
    before = replace(before, report=replace(before.report, warnings=(told,), reasons=("left forearm", "head")))
    report = facing(before, -AHEAD).report
    assert report.reasons == ("right forearm", "head")
    assert report.warnings[0].bones == ("forearm.R",)
    assert report.warnings[0].message == "'forearm.R' lies outside the mesh, right of it."


def test_turned_twice_it_is_as_it_was():
    again = facing(facing(rig(), -AHEAD), AHEAD)
    assert again.armature.names == tuple(BONES)
    np.testing.assert_allclose(again.pose.forward, AHEAD)


ANIMAL = {  # that looks along -Y
    "spine": ("", (0, 0.6, 0.8), (0, 0.2, 0.8)),
    "spine.001": ("spine", (0, 0.2, 0.8), (0, -0.2, 0.8)),
    "chest": ("spine.001", (0, -0.2, 0.8), (0, -0.6, 0.8)),
    "neck": ("chest", (0, -0.6, 0.8), (0, -0.8, 1.1)),
    "head": ("neck", (0, -0.8, 1.1), (0, -1.1, 1.1)),
    "ear.L": ("head", (0.05, -0.8, 1.2), (0.1, -0.8, 1.3)),
    "ear.R": ("head", (-0.05, -0.8, 1.2), (-0.1, -0.8, 1.3)),
    "tail": ("spine", (0, 0.6, 0.8), (0, 0.8, 0.7)),
    "tail.001": ("tail", (0, 0.8, 0.7), (0, 1.0, 0.6)),
    "tail.002": ("tail.001", (0, 1.0, 0.6), (0, 1.2, 0.6)),
    **{
        f"{word}.{end}.{side}": (
            f"{above}.{end}.{side}" if above else holder,
            (0.15 * x, y, high),
            (0.15 * x, y, low),
        )
        for side, x in (("L", 1), ("R", -1))
        for end, y, holder in (("front", -0.5, "chest"), ("hind", 0.5, "spine"))
        for word, above, high, low in (
            ("upper_leg", "", 0.7, 0.4),
            ("lower_leg", "upper_leg", 0.4, 0.1),
            ("foot", "lower_leg", 0.1, 0.0),
        )
    },
}
INSECT = {
    "spine": ("", (0, 0.3, 0.3), (0, 0.0, 0.3)),
    "spine.001": ("spine", (0, 0.0, 0.3), (0, -0.3, 0.3)),
    "head": ("spine.001", (0, -0.3, 0.3), (0, -0.5, 0.3)),
    "tail": ("spine", (0, 0.3, 0.3), (0, 0.8, 0.3)),
    **{
        f"leg.{pair}.{side}": ("spine.001", (0.1 * x, y, 0.3), (0.5 * x, y, 0.0))
        for side, x in (("L", 1), ("R", -1))
        for pair, y in (("front", -0.2), ("mid", 0.0), ("hind", 0.2))
    },
    **{
        f"wing{n}.{s}": ("spine.001", (0.1 * x, y, 0.4), (1.0 * x, y, 0.5))
        for s, x, n, y in (("L", 1, "", -0.1), ("R", -1, "", -0.1), ("L", 1, "2", 0.1), ("R", -1, "2", 0.1))
    },
}
BIRD = {
    "spine": ("", (0, 0.3, 0.6), (0, -0.3, 0.7)),
    "neck": ("spine", (0, -0.3, 0.7), (0, -0.5, 0.9)),
    "head": ("neck", (0, -0.5, 0.9), (0, -0.7, 0.9)),
    "tail": ("spine", (0, 0.3, 0.6), (0, 0.7, 0.6)),
    "wing.L": ("spine", (0.1, -0.2, 0.7), (1.0, -0.2, 0.7)),
    "wing.R": ("spine", (-0.1, -0.2, 0.7), (-1.0, -0.2, 0.7)),
    "thigh.L": ("spine", (0.1, 0.0, 0.5), (0.1, 0.0, 0.2)),
    "thigh.R": ("spine", (-0.1, 0.0, 0.5), (-0.1, 0.0, 0.2)),
}
FISH = {
    "spine": ("", (0, 0.1, 0.5), (0, -0.4, 0.5)),
    "head": ("spine", (0, -0.4, 0.5), (0, -0.8, 0.5)),
    "tail": ("spine", (0, 0.1, 0.5), (0, 0.6, 0.5)),
    "fin.tail": ("tail", (0, 0.6, 0.5), (0, 0.9, 0.7)),
    "fin.L": ("spine", (0.1, -0.2, 0.5), (0.4, -0.1, 0.4)),
    "fin.R": ("spine", (-0.1, -0.2, 0.5), (-0.4, -0.1, 0.4)),
}
BODIES = {"biped": BONES, "quadruped": ANIMAL, "insect": INSECT, "bird": BIRD, "fish": FISH}
SIX = [sign * axis for axis in np.eye(3) for sign in (1.0, -1.0)]


def named(rig: Rig) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each bone by its name, its two ends in either order."""
    return dict(zip(rig.armature.names, zip(rig.armature.heads, rig.armature.tails, strict=True), strict=True))


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("front", SIX, ids=str)
def test_every_kind_turns_to_each_of_six_directions_and_no_joint_moves(kind: str, front: np.ndarray):
    before = rig(bones=BODIES[kind], kind=kind)
    after = facing(before, front)
    np.testing.assert_allclose(after.pose.forward, front)
    np.testing.assert_allclose(np.cross(after.pose.up, after.pose.forward), after.pose.left)
    assert len(set(after.armature.names)) == len(before.armature.names)
    assert (after.armature.parents < np.arange(len(before.armature.names))).all(), "parents come first"
    spans = [
        sorted(tuple(np.round(np.sort(ends, axis=0).ravel(), 6)) for ends in named(one).values())
        for one in (before, after)
    ]
    assert spans[0] == spans[1]
    for name, (head, tail) in named(after).items():
        side = (head + tail) @ after.pose.left
        assert not name.endswith(".L") or side > -0.2, name
        assert not name.endswith(".R") or side < 0.2, name
        if "foot.front" in name or "foot.hind" in name:
            assert ((head @ after.pose.forward) > 0) == ("front" in name), name


@pytest.mark.parametrize("kind", ["quadruped", "insect", "bird", "fish"])
def test_turned_round_the_trunk_leads_from_the_other_end(kind: str):
    before = rig(bones=BODIES[kind], kind=kind)
    after = facing(before, -AHEAD)
    bones, armature = named(after), after.armature
    assert armature.kind == kind
    assert bones["head"][1] @ -AHEAD > 0.5
    assert bones["tail"][1] @ -AHEAD < 0
    root = armature.heads[0]
    np.testing.assert_allclose(root, named(before)["chest" if kind == "quadruped" else trunk_end(kind)][1])
    for bone in range(1, len(armature.names)):  # what was joined still is
        above = armature.parents[bone]
        if armature.connected[bone]:
            np.testing.assert_allclose(armature.heads[bone], armature.tails[above])
    back = facing(after, AHEAD)
    assert {
        name for name in back.armature.names if not name.startswith(("ear", "head.tip", "tail.tip", "fin.tail"))
    } == {name for name in before.armature.names if not name.startswith(("ear", "fin.tail"))}


def trunk_end(kind: str) -> str:
    return "spine.001" if kind == "insect" else "spine"


def test_front_legs_become_hind_legs_and_pairs_are_counted_from_the_new_front():
    animal, insect = (facing(rig(bones=BODIES[kind], kind=kind), -AHEAD) for kind in ("quadruped", "insect"))
    np.testing.assert_allclose(named(animal)["foot.front.L"][0], ANIMAL["foot.hind.R"][1])
    np.testing.assert_allclose(named(insect)["leg.front.L"][0], INSECT["leg.hind.R"][1])
    np.testing.assert_allclose(named(insect)["wing.L"][0], INSECT["wing2.R"][1])


def test_what_lay_on_all_fours_stands_up_as_a_person_would():
    person = facing(rig(bones=ANIMAL, kind="quadruped"), UP)
    bones = named(person)
    assert person.armature.kind == "biped"
    np.testing.assert_allclose(person.pose.up, AHEAD)
    np.testing.assert_allclose(bones["forearm.R"][0], ANIMAL["lower_leg.front.L"][1])
    np.testing.assert_allclose(bones["shin.L"][0], ANIMAL["lower_leg.hind.R"][1])


def test_pairs_of_legs_are_counted_as_before_where_the_body_is_tipped():
    insect = named(facing(rig(bones=INSECT, kind="insect"), UP))
    np.testing.assert_allclose(insect["leg.front.R"][0], INSECT["leg.front.L"][1])
    np.testing.assert_allclose(insect["wing2.R"][0], INSECT["wing2.L"][1])


def test_weights_stay_with_the_segments():
    before = rig(bones=ANIMAL, kind="quadruped")
    count = len(ANIMAL)
    each = SkinWeights(np.arange(count, dtype=np.int32)[:, None], np.ones((count, 1), np.float32))
    after = facing(replace(before, skin=each), -AHEAD)
    assert after.skin is not None
    for vertex, bone in enumerate(after.skin.bones[:, 0]):
        np.testing.assert_allclose(
            np.sort([after.armature.heads[bone], after.armature.tails[bone]], axis=0),
            np.sort([before.armature.heads[vertex], before.armature.tails[vertex]], axis=0),
        )
