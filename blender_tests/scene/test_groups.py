"""Bone names -> collections and sides."""

from __future__ import annotations

import pytest

from bonewright.addon.scene.bones.groups import group_of
from bonewright.inference.rigging.bones.names import side_of


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("spine.003", "Torso"),
        ("head", "Head"),
        ("upper_arm.L", "Arm.L"),
        ("f_index.02.R", "Fingers.R"),
        ("toe.L", "Leg.L"),
        ("upper_leg.front.L", "Leg front.L"),
        ("claw.hind.R.001", "Leg hind.R"),
        ("wing.L.002", "Wing.L"),
        ("tail.001", "Tail"),
        ("chain.004", "Other"),
        ("chain.R.001", "Other.R"),
    ],
)
def test_a_bone_belongs_to_its_limb_and_side(name: str, group: str) -> None:
    assert group_of(name) == group


@pytest.mark.parametrize(
    ("name", "side"), [("hand.L", "L"), ("wing.R.001", "R"), ("tail.001", ""), ("L", ""), ("", "")]
)
def test_the_side_is_read_off_the_suffix(name: str, side: str) -> None:
    assert side_of(name) == side
