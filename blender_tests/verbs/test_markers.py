"""Joints moved one by one, as the markers do: mirrored at any facing, straight, locked; weights that follow them."""

from __future__ import annotations

from math import radians

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from blender_tests.clicks import generate, select, select_bones
from bonewright.addon.scene.adjust import live
from bonewright.addon.scene.adjust.joints import read_looks
from bonewright.addon.scene.meshes import Part
from bonewright.addon.scene.weights import read_weights

pytestmark = pytest.mark.usefixtures("extension")


def ends(armature: bpy.types.Object) -> dict[str, np.ndarray]:
    """Bone -> head and tail in the world, (2, 3)."""
    world = armature.matrix_world
    return {bone.name: np.array([world @ bone.head, world @ bone.tail]) for bone in armature.data.edit_bones}


def rolls(armature: bpy.types.Object) -> dict[str, np.ndarray]:
    return {bone.name: np.array(bone.z_axis) for bone in armature.data.edit_bones}


def move(armature: bpy.types.Object, bone: str, by: tuple[float, float, float], end: str = "HEAD", **options: object):
    """Move the joint at an end of a bone by so much in the world."""
    found = armature.data.edit_bones[bone]
    place = armature.matrix_world @ (found.head if end == "HEAD" else found.tail) + Vector(by)
    own = armature.matrix_world.inverted() @ place
    assert bpy.ops.bonewright.move_joint(bone=bone, end=end, place=own, **options) == {"FINISHED"}


def weights(armature: bpy.types.Object, figure: bpy.types.Object) -> np.ndarray:
    count = len(figure.data.vertices)
    return read_weights([Part(figure.name, 0, count)], count, armature.data.bones.keys())


def edit(armature: bpy.types.Object) -> None:
    select(armature)
    assert bpy.ops.bonewright.edit_joints() == {"FINISHED"}


def follow() -> None:
    """What the window does after a change: ask until nothing is behind."""
    for _ in range(3):
        if bpy.ops.bonewright.follow_joints.poll():
            bpy.ops.bonewright.follow_joints()
    assert not live.is_behind(bpy.context.edit_object)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 37])
def test_the_other_side_moves_along_whichever_way_the_character_faces(figure: bpy.types.Object, degrees: int):
    turn = Matrix.Rotation(radians(degrees), 4, "Z")
    figure.matrix_world = turn @ figure.matrix_world
    bpy.context.view_layer.update()
    armature = generate(front="auto" if degrees % 90 else {0: "-y", 90: "+x", 180: "+y", 270: "-x"}[degrees])
    edit(armature)
    before = ends(armature)
    left = np.array(turn.to_3x3() @ Vector((1, 0, 0)))
    assert (before["forearm.L"] - before["forearm.R"])[0] @ left > 0.5, "left is left"
    step = turn.to_3x3() @ Vector((0.03, -0.04, 0.05))
    move(armature, "forearm.L", step)
    after = ends(armature)
    np.testing.assert_allclose(after["forearm.L"][0] - before["forearm.L"][0], np.array(step), atol=1e-5)
    np.testing.assert_allclose(after["upper_arm.L"][1], after["forearm.L"][0], atol=1e-6)
    flipped = turn.to_3x3() @ Vector((-0.03, -0.04, 0.05))
    np.testing.assert_allclose(after["forearm.R"][0] - before["forearm.R"][0], np.array(flipped), atol=1e-5)
    still = [name for name in after if "arm" not in name]
    for name in still:
        np.testing.assert_allclose(after[name], before[name], atol=1e-6, err_msg=name)


def test_sides_follow_after_the_rotation_was_applied_too(figure: bpy.types.Object):
    figure.matrix_world = Matrix.Rotation(radians(90), 4, "Z") @ figure.matrix_world
    bpy.context.view_layer.update()
    armature = generate(front="+x", bind=False)
    select(armature)
    bpy.ops.object.transform_apply(location=True, rotation=True, scale=True)
    edit(armature)
    assert not armature.data.use_mirror_x
    assert armature.bonewright.mirror
    before = ends(armature)
    move(armature, "shin.L", (0.02, 0.03, 0.04))
    after = ends(armature)
    np.testing.assert_allclose(after["shin.R"][0] - before["shin.R"][0], [0.02, -0.03, 0.04], atol=1e-5)
    armature.bonewright.mirror = False
    move(armature, "shin.L", (0.02, 0.0, 0.0))
    np.testing.assert_allclose(ends(armature)["shin.R"], after["shin.R"], atol=1e-6)


def test_bones_bend_the_way_they_did(figure: bpy.types.Object):
    armature = generate()
    edit(armature)
    before = rolls(armature)
    move(armature, "shin.L", (0.01, -0.02, 0.05))
    for name, axis in rolls(armature).items():
        assert axis @ before[name] > 0.98, name


def test_pieces_of_a_bone_stay_on_the_line(figure: bpy.types.Object):
    armature = generate()
    edit(armature)
    select_bones(armature, "thigh.L")
    bpy.ops.bonewright.split_bones(count=3)
    move(armature, "shin.L", (0.1, 0.0, 0.0), straight=True)
    for side in ("L", "R"):
        hip, first, second, knee = (
            ends(armature)[name][0]
            for name in (f"thigh.{side}", f"thigh.001.{side}", f"thigh.002.{side}", f"shin.{side}")
        )
        np.testing.assert_allclose(first, hip + (knee - hip) / 3, atol=1e-5)
        np.testing.assert_allclose(second, hip + 2 * (knee - hip) / 3, atol=1e-5)


def test_what_is_locked_stays_and_says_so(figure: bpy.types.Object):
    armature = generate()
    edit(armature)
    armature.data.use_mirror_x = False
    select_bones(armature, "forearm.R")
    bpy.ops.bonewright.lock_bones(locked=True)
    armature.data.use_mirror_x = True
    before = ends(armature)
    with pytest.raises(RuntimeError, match="locked"):
        bpy.ops.bonewright.move_joint(bone="forearm.R", end="HEAD", place=(0, 0, 0))
    move(armature, "forearm.L", (0.0, 0.0, 0.05))
    np.testing.assert_allclose(ends(armature)["forearm.R"], before["forearm.R"], atol=1e-6)


def test_a_joint_put_right_by_hand_is_certain(figure: bpy.types.Object):
    armature = generate()
    armature.data.bones["forearm.L"]["confidence"] = armature.data.bones["forearm.R"]["confidence"] = 0.3
    edit(armature)
    looks = read_looks(armature.data)
    elbow = looks.titles.index("forearm.L")
    assert looks.certainty[elbow] == pytest.approx(0.3)
    assert looks.sides[elbow] == 1
    move(armature, "forearm.L", (0.0, 0.0, 0.02))
    assert read_looks(armature.data).certainty[elbow] == 1.0
    bpy.ops.bonewright.finish_joints()
    assert armature.data.bones["forearm.R"]["confidence"] == 1.0


def test_weights_follow_where_joints_moved_and_nowhere_else(figure: bpy.types.Object):
    armature = generate()
    before = weights(armature, figure)
    edit(armature)
    follow()
    np.testing.assert_allclose(weights(armature, figure), before, atol=1e-6)
    move(armature, "forearm.L", (0.06, 0.0, 0.0))
    follow()
    changed = np.abs(weights(armature, figure) - before).max(1) > 1e-6
    assert changed.any()
    heights = np.array([(figure.matrix_world @ vertex.co).z for vertex in figure.data.vertices])
    assert heights[changed].min() > 0.8, "the legs keep theirs"
    np.testing.assert_allclose(weights(armature, figure).sum(1), 1.0, atol=1e-5)
    bpy.ops.bonewright.finish_joints()
    found = weights(armature, figure)
    select(figure, armature)
    bpy.ops.bonewright.bind()
    np.testing.assert_allclose(weights(armature, figure), found, atol=0.021)


def test_painted_weights_stay_away_from_the_change_and_come_back_with_the_bones(figure: bpy.types.Object):
    armature = generate()
    painted = [vertex.index for vertex in figure.data.vertices if vertex.co.x > 0.4]  # the left arm
    figure.vertex_groups["head"].add(painted, 0.125, "REPLACE")
    toes = [vertex.index for vertex in figure.data.vertices if vertex.co.z < 0.1]
    figure.vertex_groups["head"].add(toes, 0.25, "REPLACE")
    before = weights(armature, figure)
    edit(armature)
    follow()
    move(armature, "forearm.L", (0.06, 0.0, 0.0))
    follow()
    head = weights(armature, figure)[:, armature.data.bones.find("head")]
    np.testing.assert_allclose(head[toes], 0.25)
    assert (head[painted] == 0).any(), "near the elbow they are made anew"
    move(armature, "forearm.L", (-0.06, 0.0, 0.0))
    follow()
    np.testing.assert_allclose(weights(armature, figure), before, atol=1e-6)


def test_locked_groups_do_not_follow(figure: bpy.types.Object):
    armature = generate()
    figure.vertex_groups["forearm.L"].lock_weight = True
    before = weights(armature, figure)[:, armature.data.bones.find("forearm.L")]
    edit(armature)
    follow()
    move(armature, "forearm.L", (0.06, 0.0, 0.0))
    follow()
    np.testing.assert_array_equal(weights(armature, figure)[:, armature.data.bones.find("forearm.L")], before)


def test_undoing_all_the_way_brings_the_weights_back(figure: bpy.types.Object):
    bpy.context.preferences.edit.use_global_undo = True
    name = figure.name
    armature = generate()
    before = weights(armature, figure)
    bpy.ops.ed.undo_push(message="Before")
    select(armature)
    bpy.ops.bonewright.edit_joints("EXEC_DEFAULT", True)  # noqa: FBT003
    follow()
    bone = armature.data.edit_bones["forearm.L"]
    place = bone.head + Vector((0.08, 0, 0))
    bpy.ops.bonewright.move_joint("EXEC_DEFAULT", True, bone="forearm.L", end="HEAD", place=place)  # noqa: FBT003
    follow()
    assert np.abs(weights(armature, figure) - before).max() > 0.05
    bpy.ops.ed.undo()
    assert bpy.context.mode == "EDIT_ARMATURE", "one step for one drag"
    follow()
    armature, figure = bpy.context.edit_object, bpy.data.objects[name]
    np.testing.assert_allclose(weights(armature, figure), before, atol=1e-6)
    bpy.ops.ed.redo()
    follow()
    for _ in range(4):
        if bpy.context.mode == "OBJECT":
            break
        bpy.ops.ed.undo()
    armature, figure = bpy.data.objects[f"{name}_rig"], bpy.data.objects[name]
    np.testing.assert_allclose(weights(armature, figure), before, atol=1e-6, err_msg="before Edit Joints")


def test_bones_that_are_added_wait_for_done(figure: bpy.types.Object):
    armature = generate()
    edit(armature)
    follow()
    select_bones(armature, "thigh.L")
    bpy.ops.bonewright.split_bones(count=2)
    assert not bpy.ops.bonewright.follow_joints.poll()
    bpy.ops.bonewright.finish_joints()
    assert figure.vertex_groups["thigh.001.R"]
    assert weights(armature, figure)[:, armature.data.bones.find("thigh.001.R")].max() > 0.5
