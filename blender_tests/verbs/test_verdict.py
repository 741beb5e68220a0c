"""What is said about a rig: announced when it is made, withdrawn when something has changed, true to what is seen."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from blender_tests.beside import Beside
from blender_tests.clicks import generate, select
from bonewright.addon.panels.report_box import lines_of
from bonewright.addon.scene.freshness import what_changed
from bonewright.addon.scene.meshes import read_mesh
from bonewright.addon.scene.verdict import announcement, line_of

pytestmark = pytest.mark.usefixtures("extension")


def raise_the_arm(armature: bpy.types.Object) -> None:
    """Move the left hand out of the mesh and press Done."""
    select(armature)
    bpy.ops.bonewright.edit_joints()
    armature.data.use_mirror_x = False
    bones = armature.data.edit_bones
    for bone, end in (("forearm.L", "tail"), ("hand.L", "head"), ("hand.L", "tail")):
        place = getattr(bones[bone], end)
        place.z = 2.2
    assert what_changed(armature) == "bones"  # while they are being moved, too
    assert bpy.ops.bonewright.finish_joints() == {"FINISHED"}


def test_the_result_is_announced_with_kind_bones_and_verdict(figure: bpy.types.Object, capfd):
    armature = generate()
    line = announcement(armature)
    assert line == f"Biped, {len(armature.data.bones)} bones. Good"
    assert line in capfd.readouterr().out  # of the operator that was called, so that it comes to the status bar


def test_no_verdict_outlives_what_it_was_about(figure: bpy.types.Object):
    armature = generate()
    assert line_of(armature) == "Good"
    bpy.context.scene.bonewright.follow = "NEVER"
    raise_the_arm(armature)
    assert line_of(armature) == "Changed since (bones): Check Again, or Bind again"
    bpy.ops.bonewright.check()
    assert "left hand" in line_of(armature)
    assert not what_changed(armature)
    inside = armature.bonewright.inside
    figure.data.vertices[0].co.x += 0.01
    assert what_changed(armature) == f"'{figure.name}'"
    bpy.ops.bonewright.check()
    assert not what_changed(armature)
    assert armature.bonewright.inside == pytest.approx(inside, abs=0.02)
    figure.location.z += 0.5
    bpy.context.view_layer.update()
    assert what_changed(armature) == f"'{figure.name}'"


def test_what_leaves_the_shape_alone_leaves_the_verdict_alone(figure: bpy.types.Object):
    armature = generate()
    armature.matrix_world = Matrix.Translation((1, 2, 3)) @ Matrix.Rotation(0.5, 4, "Z")  # and the mesh with it
    armature.name, figure.name = "Anna", "Body"
    bpy.ops.bonewright.rename_bones(convention="mixamo")
    armature.pose.bones["mixamorig:LeftArm"].rotation_quaternion = (0.9, 0.1, 0.2, 0.1)
    bpy.ops.bonewright.edit_joints()
    bpy.ops.bonewright.finish_joints()
    select(figure)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.view_layer.update()
    assert line_of(armature) == "Good"


def test_done_checks_again_where_the_weights_have_followed(figure: bpy.types.Object):
    armature = generate()
    raise_the_arm(armature)
    assert not what_changed(armature)
    assert "left hand" in line_of(armature)


def test_done_binds_again_by_itself_where_that_is_wished(figure: bpy.types.Object):
    armature = generate()
    before = [tuple(member.weight for member in vertex.groups) for vertex in figure.data.vertices]
    bpy.context.scene.bonewright.follow = "DONE"
    bpy.ops.bonewright.edit_joints()
    bpy.ops.bonewright.finish_joints()
    assert [tuple(member.weight for member in vertex.groups) for vertex in figure.data.vertices] == before
    raise_the_arm(armature)
    assert [tuple(member.weight for member in vertex.groups) for vertex in figure.data.vertices] != before
    assert not what_changed(armature)  # and the report is about the new weights
    assert "left hand" in line_of(armature)


def evaluated(item: bpy.types.Object) -> np.ndarray:
    """What Blender itself shows of a mesh without modifiers, in world coordinates."""
    bpy.context.view_layer.update()
    seen = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([item.matrix_world @ vertex.co for vertex in seen.data.vertices])


def test_a_mesh_is_read_as_its_shape_keys_show_it(figure: bpy.types.Object):
    figure.shape_key_add(name="Basis")
    for name, axis in (("Tall", 2), ("Wide", 0), ("Deep", 1), ("Mute", 1)):
        key = figure.shape_key_add(name=name, from_mix=False)
        for point in key.data:
            point.co[axis] *= 1.5
    keys = figure.data.shape_keys.key_blocks
    keys["Deep"].relative_key = keys["Wide"]
    keys["Wide"].vertex_group = figure.vertex_groups.new(name="Right half").name
    right = [vertex.index for vertex in figure.data.vertices if vertex.co.x < 0]
    figure.vertex_groups["Right half"].add(right, 0.75, "REPLACE")
    keys["Mute"].value, keys["Mute"].mute = 1.0, True
    keys["Tall"].value, keys["Wide"].value, keys["Deep"].value = 0.5, 0.7, 1.0
    source = read_mesh([figure])
    np.testing.assert_allclose(source.mesh.vertices, evaluated(figure), atol=1e-5)
    assert source.keys == ("Tall 0.50", "Wide 0.70", "Deep 1.00")
    figure.active_shape_key_index, figure.show_only_shape_key = 1, True
    np.testing.assert_allclose(read_mesh([figure]).mesh.vertices, evaluated(figure), atol=1e-5)
    assert read_mesh([figure]).keys == ("Tall 1.00",)
    figure.show_only_shape_key = False
    figure.data.shape_keys.use_relative = False
    assert read_mesh([figure]).keys == ()


def test_the_rig_is_for_what_is_seen_and_the_report_says_so(figure: bpy.types.Object):
    figure.shape_key_add(name="Basis")
    for point in figure.shape_key_add(name="Tall").data:
        point.co.z *= 1.5
    figure.data.shape_keys.key_blocks["Tall"].value = 1.0
    armature = generate()
    assert armature.data.bones["head"].tail_local.z > 2.3
    assert armature.bonewright.keys == "Tall 1.00"
    assert line_of(armature) == "Good"
    figure.data.shape_keys.key_blocks["Tall"].value = 0.0
    assert what_changed(armature) == f"'{figure.name}'"
    assert [key.name for key in figure.data.shape_keys.key_blocks] == ["Basis", "Tall"]


def test_long_warnings_are_shown_whole():
    text = "'upper_arm.L' leaves the mesh over 34 % of its length. Move its head inside in Adjust."
    lines = lines_of(text, 200, 11)
    assert len(lines) > 1
    assert " ".join(lines) == text
    assert lines_of("short", 200, 11) == ["short"]
    pieces = lines_of("AVeryLongWordThatFitsNowhere", 20, 11)
    assert len(pieces) > 1
    assert "".join(pieces) == "AVeryLongWordThatFitsNowhere"


def test_a_report_is_out_of_date_at_once_where_bones_were_moved_while_it_was_made(figure: bpy.types.Object):
    armature, beside = generate(), Beside()
    select(armature)
    beside.start("check")
    assert beside.busy
    bpy.ops.object.mode_set(mode="EDIT")
    armature.data.edit_bones["hand.L"].tail.z += 0.3
    bpy.ops.object.mode_set(mode="OBJECT")
    try:
        beside.look(300.0)
        assert what_changed(armature) == "bones"
    finally:
        beside.stop()
