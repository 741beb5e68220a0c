"""Which controls a rig gets: limbs with IK, a trunk, a head, chains; and every bone is carried by one of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from inference.anatomy import Armature
from inference.animation.bending import LEAST, bent_middle
from inference.animation.controls import ARM, CHAIN, FRONT_PAW, HEAD, LEG, REAR_PAW, SPINE, control_name, plan_controls
from tests.rigging.rest.people import person

Bones = Sequence[tuple[str, str, tuple[float, float, float], tuple[float, float, float]]]


def armature_of(bones: Bones) -> Armature:
    """Bones as name, parent, head and tail, with roll 0."""
    names = tuple(name for name, *_ in bones)
    count = len(names)
    return Armature(
        names=names,
        parents=np.array([names.index(above) if above else -1 for _, above, *_ in bones], np.int32),
        heads=np.array([head for *_, head, _ in bones], float),
        tails=np.array([tail for *_, tail in bones], float),
        rolls=np.zeros(count),
        connected=np.zeros(count, bool),
        confidence=np.ones(count),
        deform=np.ones(count, bool),
        radii=np.full((count, 2), 0.05),
    )


def dog() -> Armature:
    """Four legs with paws, a tail, a head."""
    bones = [
        ("spine", "", (0, 0.6, 1), (0, 0.3, 1)),
        ("spine.001", "spine", (0, 0.3, 1), (0, 0, 1)),
        ("chest", "spine.001", (0, 0, 1), (0, -0.4, 1)),
        ("neck", "chest", (0, -0.4, 1), (0, -0.6, 1.3)),
        ("head", "neck", (0, -0.6, 1.3), (0, -0.9, 1.3)),
        ("tail", "spine", (0, 0.6, 1), (0, 0.8, 0.9)),
        ("tail.001", "tail", (0, 0.8, 0.9), (0, 1.0, 0.8)),
    ]
    for side, x in ((".L", 0.2), (".R", -0.2)):
        for girdle, above, y in (("front", "chest", -0.3), ("hind", "spine", 0.5)):
            joints = [(x, y, 0.9), (x, y + 0.1, 0.6), (x, y, 0.3), (x, y, 0.08), (x, y - 0.1, 0.0)]
            for stem, head, tail in zip(("upper_leg", "lower_leg", "foot", "toe"), joints, joints[1:], strict=False):
                bones.append((f"{stem}.{girdle}{side}", above, head, tail))
                above = bones[-1][0]
    return armature_of(bones)


def types_of(armature: Armature) -> dict[str, str]:
    return {bone.name: bone.made_as for bone in plan_controls(armature).bones if bone.made_as}


def test_a_person_gets_a_spine_a_head_arms_and_legs():
    types = types_of(person())
    assert {types[f"upper_arm{side}"] for side in (".L", ".R")} == {ARM}
    assert {types[f"thigh{side}"] for side in (".L", ".R")} == {LEG}
    assert types["spine"] == SPINE
    assert HEAD in types.values()


def test_an_animal_gets_paws_and_a_chain_for_its_tail():
    types = types_of(dog())
    assert {types[f"upper_leg.front{side}"] for side in (".L", ".R")} == {FRONT_PAW}
    assert {types[f"upper_leg.hind{side}"] for side in (".L", ".R")} == {REAR_PAW}
    assert (types["tail"], types["spine"]) == (CHAIN, SPINE)


@pytest.mark.parametrize("armature", [person(), dog()], ids=["person", "dog"])
def test_parents_come_first_chains_are_in_line_and_every_bone_is_carried(armature: Armature):
    plan = plan_controls(armature)
    for place, bone in enumerate(plan.bones):
        assert bone.parent < place
        if bone.connected:
            np.testing.assert_array_equal(bone.head, plan.bones[bone.parent].tail)
    assert len({bone.name for bone in plan.bones}) == len(plan.bones)
    assert min(plan.carriers) >= 0
    for place in range(len(armature.names)):
        away = np.linalg.norm(plan.bones[plan.carriers[place]].head - armature.heads[place])
        assert not plan.deforms(place) or away < 0.05


def test_a_bone_within_a_limb_is_carried_by_the_bone_before_it():
    joints = [(0.2, 0, 1.4), (0.4, 0, 1.4), (0.5, 0.02, 1.4), (0.7, 0, 1.4), (0.9, 0, 1.4)]
    names = ("upper_arm.L", "upper_arm.001.L", "forearm.L", "hand.L")
    bones: list[tuple[str, str, tuple[float, float, float], tuple[float, float, float]]] = [
        ("chest", "", (0, 0, 1.2), (0, 0, 1.5))
    ]
    for name, head, tail in zip(names, joints, joints[1:], strict=False):
        bones.append((name, bones[-1][0], head, tail))
    armature = armature_of(bones)
    plan = plan_controls(armature)
    inner = armature.names.index("upper_arm.001.L")
    assert not plan.deforms(inner)
    assert plan.bones[plan.carriers[inner]].name == "upper_arm.L"
    assert types_of(armature)["upper_arm.L"] == ARM


def test_a_leg_that_ends_at_the_ankle_is_given_an_end():
    bones: Bones = [
        ("hips", "", (0, 0, 1), (0, 0, 1.2)),
        ("thigh.L", "hips", (0.1, 0, 1), (0.1, 0, 0.5)),
        ("shin.L", "thigh.L", (0.1, 0, 0.5), (0.1, 0, 0.0)),
    ]
    plan = plan_controls(armature_of(bones))
    end = next(bone for bone in plan.bones if bone.name == "foot.L")
    assert (end.own, end.connected) == (-1, True)


@pytest.mark.parametrize("middle", [(0, 0, 0.5), (0, 0.2, 0.5), (0.2, 0, 0.5)], ids=["straight", "back", "sideways"])
def test_knees_lie_in_front_of_the_line_from_hip_to_ankle(middle: tuple[float, float, float]):
    top, bottom = np.array([0, 0, 1.0]), np.zeros(3)
    bent = bent_middle(top, np.array(middle, float), bottom, "shin.L", np.array([0, 1.0, 0]))
    assert bent[1] < -0.9 * LEAST
    assert abs(bent[0]) < 1e-9
    assert bent[2] == pytest.approx(0.5)


def test_a_knee_that_is_bent_already_stays():
    knee = np.array([0.02, -0.1, 0.5])
    np.testing.assert_array_equal(
        bent_middle(np.array([0, 0, 1.0]), knee, np.zeros(3), "shin.L", np.array([0, 1.0, 0])), knee
    )


@pytest.mark.parametrize(
    ("control", "derived"),
    [("hand.L", "hand_ik.L"), ("spine.001", "spine_ik.001"), ("foot.front.R", "foot.front_ik.R"), ("tail", "tail_ik")],
)
def test_derived_names_keep_side_and_number_at_the_end(control: str, derived: str):
    assert control_name(control, "_ik") == derived
