"""A rigger gets the bones that were asked for, along the same lines, and everything still hangs together."""

from __future__ import annotations

import numpy as np
import pytest

from inference.anatomy import Armature, Rig
from inference.pipelines.meshes import rig_mesh
from inference.requests import Count, RigOptions
from inference.rigging.bones.asked import as_asked
from inference.rigging.judging.judge import valid_problems
from inference.rigging.skin.twists import with_twist_bones, with_twist_weights
from tests.rigging.shapes import armature
from training.shapes.figures import person
from training.shapes.making.implicit import mesh_around


def hand() -> Armature:
    """A trunk with a spine of two bones, a neck, a head with eyes and a jaw, and a hand with five fingers."""
    bones = [
        ("hips", -1, (0, 0, 0), (0, 0, 0.1)),
        ("spine", 0, (0, 0, 0.1), (0, 0, 0.2)),
        ("spine.001", 1, (0, 0, 0.2), (0, 0, 0.4)),
        ("chest", 2, (0, 0, 0.4), (0, 0, 0.5)),
        ("neck", 3, (0, 0, 0.5), (0, 0, 0.6)),
        ("head", 4, (0, 0, 0.6), (0, 0, 0.8)),
        ("eye.L", 5, (0.03, 0, 0.7), (0.03, -0.02, 0.7)),
        ("jaw", 5, (0, 0, 0.65), (0, -0.1, 0.6)),
        ("hand.L", 3, (0.5, 0, 0.5), (0.6, 0, 0.5)),
    ]
    for y, finger in enumerate(("thumb", "f_index", "f_middle", "f_ring", "f_pinky")):
        bones.append((f"{finger}.01.L", 8, (0.6, 0.02 * y, 0.5), (0.65, 0.02 * y, 0.5)))
        bones.append((f"{finger}.02.L", len(bones) - 1, (0.65, 0.02 * y, 0.5), (0.7, 0.02 * y, 0.5)))
    return armature(*bones)


def fingers(bones: Armature) -> set[str]:
    return {name.split(".")[0] for name in bones.names if name.startswith(("thumb", "f_"))}


def test_nothing_changes_unless_it_is_asked_for() -> None:
    bones = as_asked(hand(), RigOptions())
    assert bones.names == hand().names
    assert bones.heads.tobytes() == hand().heads.tobytes()


def test_a_hand_keeps_the_fingers_that_grip_best() -> None:
    assert fingers(as_asked(hand(), RigOptions(fingers="0"))) == set()
    assert fingers(as_asked(hand(), RigOptions(fingers="2"))) == {"thumb", "f_index"}
    assert fingers(as_asked(hand(), RigOptions(fingers="4"))) == {"thumb", "f_index", "f_middle", "f_pinky"}
    assert len(fingers(as_asked(hand(), RigOptions(fingers="5")))) == 5


def test_eyes_and_jaw_can_be_left_out_but_not_what_is_kept() -> None:
    off = RigOptions(eyes="off", jaw="off")
    assert {"eye.L", "jaw"}.isdisjoint(as_asked(hand(), off).names)
    assert "jaw" in as_asked(hand(), off, kept=("jaw",)).names


@pytest.mark.parametrize("count", ["1", "3", "5"])
def test_a_spine_has_as_many_bones_as_are_wanted_along_the_same_line(count: Count) -> None:
    bones = as_asked(hand(), RigOptions(spine=count))
    spine = [bone for bone, name in enumerate(bones.names) if name.startswith("spine")]
    assert len(spine) == int(count)
    assert bones.heads[spine[0]] == pytest.approx([0, 0, 0.1])
    assert bones.tails[spine[-1]] == pytest.approx([0, 0, 0.4])
    assert bones.parents[bones.names.index("chest")] == spine[-1]
    assert bones.parents[spine[0]] == bones.names.index("hips")
    assert not valid_problems(bones, None)


@pytest.fixture(scope="module")
def rig() -> Rig:
    return rig_mesh(mesh_around(person(), 72), RigOptions(method="geometric", weights="geometric", neck="2"))


def test_a_neck_in_two_parts_comes_through_to_the_rig(rig: Rig) -> None:
    assert {"neck", "neck.001"} <= set(rig.armature.names)
    assert rig.report.valid


def test_twist_helpers_share_a_limbs_weight_along_it(rig: Rig) -> None:
    assert rig.skin is not None
    mesh, bones = mesh_around(person(), 72), rig.armature
    made = with_twist_bones(bones)
    skin = with_twist_weights(bones, rig.skin, mesh.vertices)
    before, after = rig.skin.dense(len(bones.names)), skin.dense(len(made.names))
    assert not valid_problems(made, skin)
    assert np.abs(after.sum(1) - 1).max() < 1e-5
    limb, helper = made.names.index("forearm.L"), made.names.index("forearm.twist.L")
    assert made.parents[helper] == limb
    span = bones.tails[limb] - bones.heads[limb]
    along = (mesh.vertices - bones.heads[limb]) @ span / (span @ span)
    pure = before[:, limb] > 0.95
    assert pure.any()
    assert after[pure & (along < 0.2), helper].max(initial=0.0) < 0.05
    assert after[pure & (along > 0.8), helper].min(initial=1.0) > 0.9
    assert np.abs(after[pure, limb] + after[pure, helper] - before[pure, limb]).max() < 0.06
