"""Pose as Rest: armature, meshes and shape keys get another rest pose together, in one step."""

from __future__ import annotations

from itertools import pairwise

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Quaternion

from blender_tests.clicks import generate, points_of, select
from bonewright.addon.operators.base import AND_UNDO
from bonewright.addon.scene.meshes import matrix
from bonewright.inference.axes import bone_axes

pytestmark = pytest.mark.usefixtures("extension")


def local_points(item: bpy.types.Object) -> np.ndarray:
    return np.array([vertex.co for vertex in item.data.vertices], np.float64)


def arm_way(armature: bpy.types.Object, side: str) -> np.ndarray:
    bones = armature.data.bones
    span = np.array(bones[f"forearm.{side}"].head_local - bones[f"upper_arm.{side}"].head_local)
    return span / np.linalg.norm(span)


def pose_like(armature: bpy.types.Object) -> None:
    """Some pose: arms down, a bent knee, the head turned."""
    for name, turn in (
        ("upper_arm.L", Quaternion((0, 0, 1), -0.9)),
        ("upper_arm.R", Quaternion((0, 0, 1), 0.7)),
        ("shin.L", Quaternion((1, 0, 0), 0.6)),
        ("head", Quaternion((0, 1, 0), 0.4)),
    ):
        bone = armature.pose.bones[name]
        bone.rotation_mode = "QUATERNION"
        bone.rotation_quaternion = turn
    bpy.context.view_layer.update()


@pytest.mark.parametrize("stance", ["T", "A", "RELAXED"])
def test_arms_of_a_figure_go_into_the_stance_and_the_mesh_with_them(figure: bpy.types.Object, stance: str):
    armature = generate()
    groups = {group.name for group in figure.vertex_groups}
    assert bpy.ops.bonewright.pose_as_rest(stance=stance) == {"FINISHED"}
    down = np.radians({"T": 0, "A": 45, "RELAXED": 72}[stance])
    np.testing.assert_allclose(arm_way(armature, "L"), (np.cos(down), 0, -np.sin(down)), atol=1e-4)
    np.testing.assert_allclose(arm_way(armature, "R"), (-np.cos(down), 0, -np.sin(down)), atol=1e-4)
    np.testing.assert_allclose(points_of(figure), local_points(figure), atol=1e-5)  # at rest again
    wrist = np.array(armature.data.bones["hand.L"].head_local)
    assert np.linalg.norm(local_points(figure) - wrist, axis=1).min() < 0.12
    assert {group.name for group in figure.vertex_groups} == groups
    assert [modifier.type for modifier in figure.modifiers] == ["ARMATURE"]


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_as_posed_the_mesh_stays_where_the_pose_has_it(figure: bpy.types.Object, scale: float):
    figure.rotation_euler = Euler((0.0, 0.0, 0.7))
    figure.scale = (scale, scale, scale)
    figure.location = (3, 2, 1)
    bpy.context.view_layer.update()
    armature = generate()
    pose_like(armature)
    seen = points_of(figure)
    heads = {bone.name: np.array(armature.matrix_world @ bone.head) for bone in armature.pose.bones}
    axes = {bone.name: matrix(bone.matrix)[:3, :3] for bone in armature.pose.bones}
    assert bpy.ops.bonewright.pose_as_rest(stance="POSED") == {"FINISHED"}
    np.testing.assert_allclose(points_of(figure), seen, atol=2e-5 * max(scale, 0.1))
    for bone in armature.data.bones:
        np.testing.assert_allclose(np.array(armature.matrix_world @ bone.head_local), heads[bone.name], atol=1e-5)
        np.testing.assert_allclose(matrix(bone.matrix_local)[:3, :3], axes[bone.name], atol=1e-4)
        assert armature.pose.bones[bone.name].matrix_basis == Matrix()


def test_every_shape_key_looks_as_it_looked_in_the_pose(figure: bpy.types.Object):
    figure.shape_key_add(name="Basis")
    key = figure.shape_key_add(name="Belly")
    other = figure.shape_key_add(name="Arm")
    for place, vertex in enumerate(figure.data.vertices):
        key.data[place].co = vertex.co * 1.1
        other.data[place].co = vertex.co + vertex.normal * 0.03
    armature = generate()
    pose_like(armature)
    seen = {}
    for name in ("Basis", "Belly", "Arm"):
        for block in figure.data.shape_keys.key_blocks[1:]:
            block.value = float(block.name == name)
        seen[name] = points_of(figure)
    assert bpy.ops.bonewright.pose_as_rest(stance="POSED") == {"FINISHED"}
    for name, wanted in seen.items():
        for block in figure.data.shape_keys.key_blocks[1:]:
            block.value = float(block.name == name)
        np.testing.assert_allclose(points_of(figure), wanted, atol=2e-5)


def test_one_undo_takes_all_back(figure: bpy.types.Object):
    bpy.context.preferences.edit.use_global_undo = True
    figure.shape_key_add(name="Basis")
    figure.shape_key_add(name="Wide").data[0].co *= 1.5
    armature, name = generate(), figure.name
    rig = armature.name
    before, arm = local_points(figure), arm_way(armature, "L")
    key = np.array([point.co for point in figure.data.shape_keys.key_blocks[1].data])
    bpy.ops.ed.undo_push(message="Before")
    assert bpy.ops.bonewright.pose_as_rest("EXEC_DEFAULT", AND_UNDO, stance="A") == {"FINISHED"}
    assert np.abs(local_points(bpy.data.objects[name]) - before).max() > 0.1
    bpy.ops.ed.undo()
    figure = bpy.data.objects[name]
    np.testing.assert_array_equal(local_points(figure), before)
    np.testing.assert_array_equal([point.co for point in figure.data.shape_keys.key_blocks[1].data], key)
    np.testing.assert_array_equal(arm_way(bpy.data.objects[rig], "L"), arm)


def test_several_meshes_transforms_modifiers_and_what_hangs_on_bones_come_along(figure: bpy.types.Object):
    """A second mesh that stands elsewhere, with modifiers below and above; a hat on the head's bone."""
    coat = figure.copy()
    coat.data = figure.data.copy()
    coat.name = "Coat"
    bpy.context.scene.collection.objects.link(coat)
    coat.data.transform(Matrix.LocRotScale((0.5, 0, 0), Euler((0, 0, 1.0)), (2, 2, 2)))
    coat.matrix_world = Matrix.LocRotScale((0.5, 0, 0), Euler((0, 0, 1.0)), (2, 2, 2)).inverted()
    coat.modifiers.new("Thick", "SOLIDIFY").thickness = 0.0
    bpy.context.view_layer.update()
    select(figure, coat)
    armature = generate()
    coat.modifiers.new("Last", "SUBSURF").levels = 0
    kinds = [modifier.type for modifier in coat.modifiers]
    hat = bpy.data.objects.new("Hat", None)
    bpy.context.scene.collection.objects.link(hat)
    hat.parent, hat.parent_type, hat.parent_bone = armature, "BONE", "forearm.L"
    bpy.context.view_layer.update()
    on_bone = matrix(armature.data.bones["forearm.L"].matrix_local)
    relation = np.linalg.inv(on_bone) @ np.linalg.inv(matrix(armature.matrix_world)) @ matrix(hat.matrix_world)
    pose_like(armature)
    bodies, coats = points_of(figure), points_of(coat)
    assert bpy.ops.bonewright.pose_as_rest(stance="POSED") == {"FINISHED"}
    np.testing.assert_allclose(points_of(figure), bodies, atol=2e-5)
    np.testing.assert_allclose(points_of(coat), coats, atol=2e-5)
    assert [modifier.type for modifier in coat.modifiers] == kinds
    after = matrix(armature.matrix_world) @ matrix(armature.data.bones["forearm.L"].matrix_local) @ relation
    np.testing.assert_allclose(matrix(hat.matrix_world), after, atol=1e-4)


def test_an_armature_as_importers_leave_it_goes_into_t(figure: bpy.types.Object):
    """Turned by 90 degrees, a hundredth of its size, standing aside, named as Mixamo does."""
    armature = generate()
    bpy.ops.bonewright.pose_as_rest(stance="RELAXED")
    bpy.ops.bonewright.rename_bones(convention="mixamo")
    aside = Matrix.LocRotScale((1, 2, 0), Euler((0, 0, 2.0)), None)
    bones_in = Matrix.LocRotScale(None, Euler((-np.pi / 2, 0, 0)), (100, 100, 100))
    mesh, rig = aside @ figure.matrix_world, aside @ armature.matrix_world
    armature.data.transform(bones_in)
    armature.matrix_world = rig @ bones_in.inverted()
    figure.matrix_world = mesh
    bpy.context.view_layer.update()
    select(armature)
    np.testing.assert_allclose(
        points_of(figure), local_points(figure) @ matrix(mesh)[:3, :3].T + mesh.translation, atol=1e-4
    )
    assert bpy.ops.bonewright.pose_as_rest(stance="T") == {"FINISHED"}
    for side, sign in (("Left", 1), ("Right", -1)):
        heads = [
            np.array(armature.matrix_world @ armature.data.bones[f"mixamorig:{side}{part}"].head_local)
            for part in ("Arm", "ForeArm", "Hand")
        ]
        for near, far in pairwise(heads):
            wanted = matrix(aside)[:3, 0] * sign
            np.testing.assert_allclose((far - near) / np.linalg.norm(far - near), wanted, atol=1e-4)
        assert np.linalg.norm(points_of(figure) - heads[2], axis=1).min() < 0.12


def test_weights_and_rolls_serve_the_new_rest(figure: bpy.types.Object):
    """A turn about x bends the elbow forwards in T as it did before."""
    armature = generate()
    assert bpy.ops.bonewright.pose_as_rest(stance="RELAXED") == {"FINISHED"}
    assert bpy.ops.bonewright.pose_as_rest(stance="T") == {"FINISHED"}
    bone = armature.data.bones["forearm.L"]
    axes = bone_axes(
        np.array([bone.head_local]),
        np.array([bone.tail_local]),
        np.array([bone.AxisRollFromMatrix(bone.matrix_local.to_3x3())[1]]),
    )[0]
    assert axes[2] @ (0, -1, 0) > 0.95  # a positive turn about x moves the tail towards z


@pytest.mark.parametrize("what", ["library", "unbound", "envelopes", "unposed", "nothing"])
def test_what_cannot_be_changed_is_refused_by_name_and_left_alone(figure: bpy.types.Object, what: str, tmp_path):
    before = local_points(figure)
    if what == "library":
        generate()
        path = str(tmp_path / "lib.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        with bpy.data.libraries.load(path, link=True) as (there, here):
            here.objects = list(there.objects)
        for item in bpy.data.objects:
            bpy.context.scene.collection.objects.link(item)
        select(next(item for item in bpy.data.objects if item.type == "ARMATURE"))
        words = "linked from another file"
    else:
        armature = generate()
        words = {"unbound": "not bound", "envelopes": "envelopes", "unposed": "not posed", "nothing": "nothing"}[what]
        if what == "unbound":
            figure.modifiers.clear()
        if what == "envelopes":
            figure.modifiers[0].use_bone_envelopes = True
        if what == "nothing":
            figure.scale = (0, 1, 1)
            bpy.context.view_layer.update()
        select(armature)
    with pytest.raises(RuntimeError, match=words):
        bpy.ops.bonewright.pose_as_rest(stance="POSED" if what == "unposed" else "A")
    if what != "library":
        np.testing.assert_array_equal(local_points(figure), before)
