"""Characters that look anywhere: their armature's own X is their left, and its origin is on the ground below them."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from blender_tests.clicks import generate, points_of, select, select_bones
from blender_tests.figure import add_figure
from bonewright.addon.compat import select_pose_bone
from bonewright.addon.session import jobs
from tools.sample import make_creature

pytestmark = pytest.mark.usefixtures("extension")

TURNS = pytest.mark.parametrize("degrees", [90, -90, 180, 37])


def turned_figure(degrees: float) -> bpy.types.Object:
    figure = add_figure("Woman", details=1)
    figure.matrix_world = Matrix.Translation((5, 1, 2)) @ Matrix.Rotation(np.radians(degrees), 4, "Z")
    bpy.context.view_layer.update()
    return figure


def joints_of(armature: bpy.types.Object) -> dict[str, np.ndarray]:
    """World coordinates of the heads."""
    return {bone.name: np.array(armature.matrix_world @ bone.head_local) for bone in armature.data.bones}


@TURNS
def test_blenders_own_mirrors_work_whichever_way_the_character_looks(degrees: float):
    figure = turned_figure(degrees)
    before = points_of(figure)
    armature = generate()
    np.testing.assert_allclose(points_of(figure), before, atol=1e-5)
    left = armature.data.bones["hand.L"].head_local
    assert left.x > 0.5
    assert armature.data.bones["toe.L"].tail_local.y < armature.data.bones["toe.L"].head_local.y
    true_left = Matrix.Rotation(np.radians(degrees), 3, "Z") @ Vector((1.0, 0.0, 0.0))
    assert (armature.matrix_world.to_3x3() @ left).dot(true_left) > 0.5
    coverage, inside = armature.bonewright.coverage, armature.bonewright.inside

    bpy.ops.bonewright.edit_joints()
    assert armature.data.use_mirror_x
    bones = armature.data.edit_bones
    bones["hand.L"].tail.z += 0.1  # Blender mirrors what Python writes
    assert bones["hand.R"].tail.z == pytest.approx(bones["hand.L"].tail.z, abs=1e-5)
    bones["hand.L"].tail.z -= 0.1
    bpy.ops.bonewright.finish_joints()

    assert bpy.ops.bonewright.check() == {"FINISHED"}  # measured in world coordinates, as Generate does
    assert armature.bonewright.coverage == pytest.approx(coverage, abs=0.02)
    assert armature.bonewright.inside == pytest.approx(inside, abs=0.02)

    select(armature)
    bpy.ops.object.mode_set(mode="POSE")
    armature.pose.bones["upper_arm.L"].rotation_quaternion = (0.92, 0.2, 0.1, 0.3)
    for bone in armature.pose.bones:
        select_pose_bone(bone, chosen=bone.name == "upper_arm.L")
    bpy.ops.pose.copy()
    bpy.ops.pose.paste(flipped=True)
    bpy.context.view_layer.update()
    hands = [np.array(armature.pose.bones[f"hand.{side}"].tail) for side in "LR"]
    np.testing.assert_allclose(hands[0] * (-1, 1, 1), hands[1], atol=1e-3)


@pytest.mark.parametrize("kind", ["GLB", "FBX"])
def test_a_file_of_a_character_that_looks_to_x_has_everything_where_it_was(kind: str, tmp_path: Path):
    figure = turned_figure(90)
    before = points_of(figure)
    armature = generate()
    joints = joints_of(armature)
    path = tmp_path / f"character.{kind.lower()}"
    assert bpy.ops.bonewright.export(format=kind, filepath=str(path)) == {"FINISHED"}
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    (bpy.ops.import_scene.gltf if kind == "GLB" else bpy.ops.import_scene.fbx)(filepath=str(path))
    bpy.context.view_layer.update()
    read = next(item for item in bpy.data.objects if item.type == "ARMATURE")
    for name, place in joints_of(read).items():
        np.testing.assert_allclose(place, joints[name], atol=1e-4, err_msg=name)
    mesh = next(item for item in bpy.data.objects if item.type == "MESH" and item.vertex_groups)
    found = points_of(mesh)
    for extreme in (np.min, np.max):
        np.testing.assert_allclose(extreme(found, axis=0), extreme(before, axis=0), atol=1e-4)
    read.pose.bones["upper_arm.L"].rotation_mode = "QUATERNION"
    read.pose.bones["upper_arm.L"].rotation_quaternion = (0.92, 0.38, 0, 0)
    moved = points_of(mesh)
    assert len(moved) == len(found)
    far = np.linalg.norm(moved - found, axis=1)
    assert far.max() > 0.1
    assert far[found[:, 2] < 2.3].max() < 1e-3


def test_the_armature_stands_on_the_ground_under_the_middle(figure: bpy.types.Object):
    figure.location = (3, -2, 1)
    figure.data.transform(Matrix.Translation((0.7, 0.4, -0.2)))  # so that its own origin is elsewhere
    bpy.context.view_layer.update()
    points = points_of(figure)
    armature = generate()
    low, high = points.min(0), points.max(0)
    middle = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]]
    np.testing.assert_allclose(np.array(armature.location), middle, atol=0.01)
    assert abs(armature.data.bones["head"].head_local.x) < 1e-6


def test_the_active_mesh_gives_the_name_and_names_never_pile_up(figure: bpy.types.Object):
    figure.name = "Woman"
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.03, location=(0.05, -0.14, 1.75))
    eye = bpy.context.view_layer.objects.active
    eye.name = "An eye"  # the first by the alphabet
    select(figure, eye)
    armature = generate(density="few")
    assert (armature.name, armature.data.name) == ("Woman_rig", "Woman_rig")
    bpy.ops.bonewright.test_motion()
    again = generate()  # with the armature selected
    assert (again.name, again.data.name) == ("Woman_rig", "Woman_rig")
    assert len(bpy.data.armatures) == 1
    assert not bpy.data.actions
    again.name = "Anna"
    select(eye, figure)
    assert generate().name == "Anna"
    assert [item.name for item in bpy.data.objects if item.type == "ARMATURE"] == ["Anna"]


def test_a_mesh_that_is_called_a_rig_gives_its_name_once(figure: bpy.types.Object):
    figure.name = "Woman_rig"
    names = [generate(density="few").name, generate().name]
    assert names == ["Woman_rig.001"] * 2


def test_applied_rotation_does_not_break_the_mirrors():
    turned_figure(90)
    armature = generate()
    select(armature)
    bpy.ops.object.transform_apply(location=False, rotation=True, scale=False)
    bpy.ops.bonewright.edit_joints()
    assert not armature.data.use_mirror_x  # Blender's own is about X, and left is +Y now
    bones = armature.data.edit_bones
    bones["hand.L"].tail.z += 0.1
    select_bones(armature, "hand.L")
    assert bpy.ops.bonewright.mirror_bones() == {"FINISHED"}
    np.testing.assert_allclose(np.array(bones["hand.R"].tail), np.array(bones["hand.L"].tail) * (1, -1, 1), atol=1e-4)


def test_one_side_is_mirrored_onto_the_other_in_the_armatures_own_frame():
    turned_figure(90)
    armature = generate()
    bpy.ops.bonewright.edit_joints()
    bones = armature.data.edit_bones
    armature.data.use_mirror_x = False
    bones["hand.L"].tail.z += 0.1
    select_bones(armature, "hand.L")
    assert bpy.ops.bonewright.mirror_bones() == {"FINISHED"}
    left, right = bones["hand.L"], bones["hand.R"]
    np.testing.assert_allclose(np.array(right.tail), np.array(left.tail) * (-1, 1, 1), atol=1e-5)
    assert right.z_axis.z == pytest.approx(left.z_axis.z, abs=1e-4)
    select_bones(armature, "spine")
    with pytest.raises(RuntimeError, match="one side"):
        bpy.ops.bonewright.mirror_bones()


def test_an_animal_that_is_turned_round_is_moved_by_the_same_pieces(blender: None):
    vertices, triangles = make_creature(cells=70)
    data = bpy.data.meshes.new("Creature")
    data.from_pydata(vertices.tolist(), [], triangles.tolist())
    creature = bpy.data.objects.new("Creature", data)
    bpy.context.scene.collection.objects.link(creature)
    select(creature)
    armature = generate(kind="quadruped", front="-y")
    before, first = moving_pieces(creature, armature), armature.data.bones[0].name
    assert {"head", "upper_leg.front.L", "upper_leg.hind.R"} <= set(armature.data.bones.keys())
    token, name = max(jobs._runner.results, key=int), armature.name
    bpy.data.objects.remove(armature)  # as the redo box undoes it first
    creature.modifiers.clear()
    creature.vertex_groups.clear()
    assert bpy.ops.bonewright.apply_rig(token=token, name=name, front="+y") == {"FINISHED"}
    armature = bpy.context.view_layer.objects.active
    np.testing.assert_allclose(moving_pieces(creature, armature), before, atol=1e-4)
    bones = armature.data.bones
    assert bones[0].name == first, "the root has the root's name"
    world = {bone.name: armature.matrix_world @ bone.head_local for bone in bones}
    assert world["upper_leg.front.L"].y > world["upper_leg.hind.L"].y + 0.2
    assert world["upper_leg.front.L"].x < world["upper_leg.front.R"].x, "left is where +X was"


def moving_pieces(item: bpy.types.Object, armature: bpy.types.Object) -> np.ndarray:
    """The middle of the bone that moves each vertex most, in world coordinates."""
    bones, middles = armature.data.bones, []
    for vertex in item.data.vertices:
        most = max(vertex.groups, key=lambda member: round(member.weight, 5))
        bone = bones[item.vertex_groups[most.group].name]
        middles.append(armature.matrix_world @ ((bone.head_local + bone.tail_local) / 2))
    return np.array(middles)
