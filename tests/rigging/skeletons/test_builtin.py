"""The built-in skeletons are as their programs publish them: names, who hangs on whom, rest poses and axes."""

from __future__ import annotations

import numpy as np
import pytest

from inference.rigging.bones.conventions import Convention, detect
from inference.rigging.skeletons.builtin import KNOWN, Known, builtin

LEFT, BACK, UP = np.eye(3)
FRONT, DOWN, RIGHT = -BACK, -UP, -LEFT


def axes(known: Known, name: str) -> np.ndarray:
    template = builtin(known)
    return template.axes[template.names.index(name)]


def looks(known: Known, name: str, x: np.ndarray, y: np.ndarray, z: np.ndarray, within: float = 0.9) -> None:
    assert (axes(known, name) * np.stack([x, y, z])).sum(1).min() > within, (name, axes(known, name))


def above(known: Known, name: str) -> str:
    template = builtin(known)
    parent = template.parents[template.names.index(name)]
    return template.names[parent] if parent >= 0 else ""


@pytest.mark.parametrize("known", KNOWN)
def test_each_is_a_sound_skeleton_whose_sides_mirror_each_other(known: Known):
    template = builtin(known)
    assert len(set(template.names)) == len(template.names)
    assert (template.parents < np.arange(len(template.names))).all()
    assert (template.parents < 0).sum() == 1
    np.testing.assert_allclose(np.linalg.det(template.axes), 1, atol=1e-12)
    for part, bone in template.place.items():
        if part.endswith(".L"):
            np.testing.assert_allclose(
                template.heads[bone] * (-1, 1, 1), template.heads[template.place[part[:-1] + "R"]], atol=1e-12
            )
    conventions: dict[Known, Convention] = {
        "mixamo": "mixamo", "unreal": "unreal", "vrm": "humanoid", "rigify": "rigify"
    }  # fmt: skip
    assert detect(template.names, template.parents) == conventions[known]


def test_mixamo_has_y_along_every_bone_x_across_and_rests_in_t():
    looks("mixamo", "mixamorig:Hips", LEFT, UP, FRONT, 0.9999)
    looks("mixamo", "mixamorig:Spine2", LEFT, UP, FRONT)
    looks("mixamo", "mixamorig:LeftArm", BACK, LEFT, DOWN)
    looks("mixamo", "mixamorig:RightForeArm", FRONT, RIGHT, DOWN)
    looks("mixamo", "mixamorig:LeftHandIndex2", BACK, LEFT, DOWN)
    looks("mixamo", "mixamorig:LeftUpLeg", RIGHT, DOWN, FRONT)
    looks("mixamo", "mixamorig:RightLeg", RIGHT, DOWN, FRONT)
    looks("mixamo", "mixamorig:LeftToeBase", RIGHT, FRONT, UP)
    assert above("mixamo", "mixamorig:LeftHandMiddle4") == "mixamorig:LeftHandMiddle3"
    assert above("mixamo", "mixamorig:LeftShoulder") == "mixamorig:Spine2"
    assert len(builtin("mixamo").names) == 65


def test_unreal_has_x_along_the_spine_and_left_arms_against_right_arms_and_left_legs():
    looks("unreal", "root", LEFT, BACK, UP, 0.9999)
    looks("unreal", "pelvis", UP, BACK, RIGHT)
    looks("unreal", "clavicle_l", LEFT, BACK, UP)
    looks("unreal", "clavicle_r", LEFT, FRONT, DOWN)
    looks("unreal", "thigh_l", UP, BACK, RIGHT)
    looks("unreal", "thigh_r", DOWN, FRONT, RIGHT)
    looks("unreal", "foot_l", UP, BACK, RIGHT)
    looks("unreal", "ball_l", FRONT, UP, RIGHT)
    looks("unreal", "ball_r", BACK, DOWN, RIGHT)
    template = builtin("unreal")
    for side, sign in (("l", 1), ("r", -1)):
        arm, elbow, hand = (axes("unreal", f"{name}_{side}") for name in ("upperarm", "lowerarm", "hand"))
        bones = [template.names.index(f"{name}_{side}") for name in ("upperarm", "lowerarm", "hand")]
        for own, near, far in ((arm, *bones[:2]), (elbow, *bones[1:])):
            span = template.heads[far] - template.heads[near]
            assert sign * own[0] @ span / np.linalg.norm(span) > 0.99999
        np.testing.assert_allclose(arm[2], elbow[2], atol=1e-9)  # the elbow hinges about z
        assert sign * hand[1] @ DOWN > 0.7  # y into the palm
        assert (elbow[0] * sign) @ FRONT > 0.3  # and is a little bent
    assert above("unreal", "ik_hand_l") == "ik_hand_gun"
    np.testing.assert_array_equal(axes("unreal", "ik_hand_gun"), axes("unreal", "hand_r"))
    np.testing.assert_array_equal(axes("unreal", "ik_foot_l"), axes("unreal", "foot_l"))


def test_every_joint_of_the_humanoid_has_the_worlds_axes():
    template = builtin("vrm")
    np.testing.assert_array_equal(template.axes, np.tile(np.stack([LEFT, UP, FRONT]), (len(template.names), 1, 1)))
    arm = template.heads[template.place["hand.L"]] - template.heads[template.place["upper_arm.L"]]
    np.testing.assert_allclose(arm / np.linalg.norm(arm), LEFT, atol=1e-9)


def test_rigify_numbers_one_spine_and_hangs_fingers_on_palms():
    assert above("rigify", "f_ring.01.R") == "palm.03.R"
    assert [name for name in builtin("rigify").names if name.startswith("spine")] == [
        "spine", *(f"spine.{k:03d}" for k in range(1, 7))
    ]  # fmt: skip
    assert builtin("rigify").parts[builtin("rigify").names.index("spine.006")] == "head"
    looks("rigify", "thigh.L", LEFT, DOWN, BACK)
