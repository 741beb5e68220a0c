"""Fit Skeleton: another program's skeleton on a character, and its clips, played by Blender itself."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Quaternion

from blender_tests.clicks import generate, points_of, select
from bonewright.addon.operators.base import AND_UNDO
from bonewright.addon.scene.meshes import matrix
from bonewright.inference.gltf.fitting.skeleton import read_template
from bonewright.inference.rigging.skeletons.builtin import builtin
from bonewright.inference.rigging.skeletons.template import Template

pytestmark = pytest.mark.usefixtures("extension")
POSED = ("mixamo", "unreal", "vrm")
LIMBS = [
    (f"{near}.{side}", f"{far}.{side}")
    for side in "LR"
    for near, far in (("upper_arm", "forearm"), ("forearm", "hand"), ("thigh", "shin"), ("shin", "foot"))
]
LOWERED = {"upper_arm.L": -0.8, "upper_arm.R": 0.8}


def hang_arms(armature: bpy.types.Object) -> None:
    """A character that rests in a pose of its own."""
    for name, angle in LOWERED.items():
        bone = armature.pose.bones[name]
        bone.rotation_mode = "QUATERNION"
        bone.rotation_quaternion = Quaternion((0, 0, 1), angle)
    assert bpy.ops.bonewright.pose_as_rest(stance="POSED") == {"FINISHED"}


def remove(item: bpy.types.Object) -> None:
    bpy.data.objects.remove(item)
    bpy.context.view_layer.update()


def fit(**options: object) -> bpy.types.Object:
    for name, value in options.items():
        setattr(bpy.context.scene.bonewright, name, value)
    assert bpy.ops.bonewright.fit_skeleton() == {"FINISHED"}
    return bpy.context.view_layer.objects.active


def rest_axes(armature: bpy.types.Object, names: tuple[str, ...]) -> np.ndarray:
    return np.array([matrix(armature.data.bones[name].matrix_local)[:3, :3].T for name in names])


def as_made_elsewhere(template: Template, name: str, turn: Matrix | None = None) -> bpy.types.Object:
    """The skeleton as its own program's importer leaves it: each bone along its joint's own y."""
    data = bpy.data.armatures.new(name)
    item = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(item)
    select(item)
    bpy.ops.object.mode_set(mode="EDIT")
    for place, bone in enumerate(template.names):
        made = data.edit_bones.new(bone)
        _, y, z = template.axes[place]
        made.head, made.tail = template.heads[place], template.heads[place] + 0.1 * y
        made.align_roll(z)
        if template.parents[place] >= 0:
            made.parent = data.edit_bones[template.names[template.parents[place]]]
    bpy.ops.object.mode_set(mode="OBJECT")
    if turn is not None:
        data.transform(turn)
        item.matrix_world = turn.inverted()
    return item


def give_clip(armature: bpy.types.Object, seed: int = 0) -> bpy.types.Action | None:
    """A clip that turns every bone every way."""
    random = np.random.default_rng(seed)
    for bone in armature.pose.bones:
        bone.rotation_mode = "QUATERNION"
        for frame in (1, 5, 9):
            axis = random.normal(size=3)
            bone.rotation_quaternion = Quaternion(axis / np.linalg.norm(axis), random.uniform(0, 1.0))
            bone.keyframe_insert("rotation_quaternion", frame=frame)
    return armature.animation_data.action


def joints(armature: bpy.types.Object, frame: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Where each bone begins and where its y looks, in the armature's own coordinates."""
    bpy.context.scene.frame_set(frame)
    seen = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    heads = {bone.name: np.array(bone.head) for bone in seen.pose.bones}
    return heads, {bone.name: matrix(bone.matrix)[:3, 1] for bone in seen.pose.bones}


def degrees(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(one @ other / np.linalg.norm(one) / np.linalg.norm(other), -1, 1))))


@pytest.mark.parametrize("known", POSED)
@pytest.mark.parametrize("facing", [0.0, 2.0])
def test_names_axes_and_weights_are_the_skeletons_and_the_mesh_goes_into_its_pose(
    figure: bpy.types.Object, known: str, facing: float
):
    figure.rotation_euler = Euler((0, 0, facing))
    bpy.context.view_layer.update()
    generate()
    armature = fit(skeleton=known)
    template = builtin(known)
    assert tuple(bone.name for bone in armature.data.bones) == template.names or set(template.names) == {
        bone.name for bone in armature.data.bones
    }
    np.testing.assert_allclose(rest_axes(armature, template.names), template.axes, atol=1e-5)
    parents = [bone.parent.name if bone.parent else "" for bone in (armature.data.bones[n] for n in template.names)]
    assert parents == [template.names[parent] if parent >= 0 else "" for parent in template.parents]
    assert {group.name for group in figure.vertex_groups} == set(template.names)
    assert [modifier.object for modifier in figure.modifiers] == [armature]
    assert len([item for item in bpy.data.objects if item.type == "ARMATURE"]) == 1
    own = matrix(armature.matrix_world)
    wrist = (
        own[:3, :3] @ np.array(armature.data.bones[template.names[template.place["hand.L"]]].head_local) + own[:3, 3]
    )
    assert np.linalg.norm(points_of(figure) - wrist, axis=1).min() < 0.12  # the flesh is where the joint went
    sums = [sum(member.weight for member in vertex.groups) for vertex in figure.data.vertices]
    np.testing.assert_allclose(sums, 1, atol=1e-4)


@pytest.mark.parametrize("known", POSED)
def test_a_clip_made_on_the_skeleton_plays_on_the_character_undistorted(figure: bpy.types.Object, known: str):
    template = builtin(known)
    elsewhere = as_made_elsewhere(template, "Elsewhere")
    action = give_clip(elsewhere)
    select(figure)
    hang_arms(generate())
    armature = fit(skeleton=known)
    armature.animation_data_create().action = action
    if hasattr(action, "slots"):
        armature.animation_data.action_slot = action.slots[0]
    for bone in armature.pose.bones:
        bone.rotation_mode = "QUATERNION"
    parts = template.place
    for frame in (1, 3, 5, 8):
        (there, ways), (here, own) = joints(elsewhere, frame), joints(armature, frame)
        for name in template.names:
            assert degrees(ways[name], own[name]) < 1.0, name
        for near, far in LIMBS:
            near, far = template.names[parts[near]], template.names[parts[far]]
            assert degrees(there[far] - there[near], here[far] - here[near]) < 1.0, (near, far)


@pytest.mark.parametrize("how", ["scene", "blend", "glb"])
def test_any_armature_is_a_skeleton_to_fit(figure: bpy.types.Object, how: str, tmp_path: Path):
    """Unreal's, as an importer leaves it lying in its own coordinates; from the scene or from a file."""
    template = builtin("unreal")
    stands = Matrix.Rotation(-np.pi / 2, 4, "X") @ Matrix.Scale(100, 4)
    elsewhere = as_made_elsewhere(template, "Elsewhere", stands)
    path = ""
    if how == "blend":
        path = str(tmp_path / "lib.blend")
        bpy.data.libraries.write(path, {elsewhere})
    if how == "glb":
        path = str(tmp_path / "skeleton.glb")
        ball = bpy.data.objects.new("Ball", figure.data.copy())
        bpy.context.scene.collection.objects.link(ball)
        for bone in template.names:
            ball.vertex_groups.new(name=bone).add([0], 1.0, "REPLACE")
        ball.modifiers.new("Armature", "ARMATURE").object = elsewhere
        ball.parent = elsewhere
        select(elsewhere, ball)
        bpy.ops.export_scene.gltf(filepath=path, use_selection=True, export_animations=False)
        remove(ball)
    if how != "scene":
        remove(elsewhere)
    before = {item.name for item in bpy.data.objects}
    select(figure)
    generate()
    wish = {"skeleton": "scene", "skeleton_armature": bpy.data.objects.get("Elsewhere")}
    armature = fit(**(wish if how == "scene" else {"skeleton": "file", "skeleton_file": path}))
    np.testing.assert_allclose(rest_axes(armature, template.names), template.axes, atol=2e-5)
    assert {item.name for item in bpy.data.objects} == before | {armature.name}


def test_what_is_exported_has_the_skeletons_axes_in_the_file(figure: bpy.types.Object, tmp_path: Path):
    generate()
    fit(skeleton="unreal")
    path = tmp_path / "figure.glb"
    assert bpy.ops.bonewright.export(format="GLB", filepath=str(path)) == {"FINISHED"}
    template, found = builtin("unreal"), read_template(path)
    order = [found.names.index(name) for name in template.names]
    np.testing.assert_allclose(found.axes[order], template.axes, atol=1e-4)


def test_one_undo_takes_all_back(figure: bpy.types.Object):
    bpy.context.preferences.edit.use_global_undo = True
    rig, name = generate().name, figure.name
    before = np.array([vertex.co for vertex in figure.data.vertices])
    bones = {bone.name for bone in bpy.data.objects[rig].data.bones}
    bpy.ops.ed.undo_push(message="Before")
    bpy.context.scene.bonewright.skeleton = "unreal"
    assert bpy.ops.bonewright.fit_skeleton("EXEC_DEFAULT", AND_UNDO) == {"FINISHED"}
    assert bpy.data.objects[rig].name == rig
    assert {bone.name for bone in bpy.data.objects[rig].data.bones} != bones
    bpy.ops.ed.undo()
    figure = bpy.data.objects[name]
    np.testing.assert_array_equal([vertex.co for vertex in figure.data.vertices], before)
    assert {bone.name for bone in bpy.data.objects[rig].data.bones} == bones
    assert {group.name for group in figure.vertex_groups} == bones


def test_an_armature_of_the_users_own_stays_and_what_hung_on_its_bones_comes_along(figure: bpy.types.Object):
    armature = generate()
    armature.bonewright.made = False
    hat = bpy.data.objects.new("Glove", None)
    bpy.context.scene.collection.objects.link(hat)
    hat.parent, hat.parent_type, hat.parent_bone = armature, "BONE", "hand.L"
    bpy.context.view_layer.update()
    name, bones = armature.name, {bone.name for bone in armature.data.bones}
    made = fit(skeleton="vrm")
    assert {bone.name for bone in bpy.data.objects[name].data.bones} == bones
    assert made.name != name
    assert [modifier.object for modifier in figure.modifiers] == [made]
    assert (hat.parent, hat.parent_bone) == (made, "LeftHand")
    place = np.array(hat.matrix_world.translation)
    end = np.array(made.matrix_world @ made.data.bones["LeftHand"].head_local)
    assert np.linalg.norm(place - end) < 0.25


def test_missing_joints_are_named(figure: bpy.types.Object):
    armature = generate(density="few")
    assert not any(bone.name.startswith("shoulder") for bone in armature.data.bones)
    made = fit(skeleton="mixamo")
    missing = made.bonewright.missing.split("\n")
    assert {"mixamorig:LeftShoulder", "mixamorig:RightHandThumb2"} <= set(missing)
    assert set(missing) < {bone.name for bone in made.data.bones}


def test_nothing_to_fit_is_refused_by_name(figure: bpy.types.Object, tmp_path: Path):
    armature = generate()
    settings = bpy.context.scene.bonewright
    settings.skeleton = "scene"
    with pytest.raises(RuntimeError, match="No armature is chosen"):
        bpy.ops.bonewright.fit_skeleton()
    settings.skeleton_armature = armature
    with pytest.raises(RuntimeError, match="fitted to itself"):
        bpy.ops.bonewright.fit_skeleton()
    settings.skeleton = "file"
    with pytest.raises(RuntimeError, match="No file is chosen"):
        bpy.ops.bonewright.fit_skeleton()
    for name, content, words in (
        ("a.blend", b"nonsense", "cannot be read"),
        ("a.glb", b"glTF", "damaged"),
        ("a.fbx", b"", "Import it"),
    ):
        (tmp_path / name).write_bytes(content)
        settings.skeleton_file = str(tmp_path / name)
        with pytest.raises(RuntimeError, match=words):
            bpy.ops.bonewright.fit_skeleton()
    ball = bpy.data.objects.new("Ball", bpy.data.meshes.new("Ball"))
    bpy.data.libraries.write(str(tmp_path / "b.blend"), {ball})
    settings.skeleton_file = str(tmp_path / "b.blend")
    with pytest.raises(RuntimeError, match="no armature"):
        bpy.ops.bonewright.fit_skeleton()


def test_armatures_of_asset_libraries_are_offered(figure: bpy.types.Object, tmp_path: Path):
    from bonewright.addon.scene.skeletons.sources import assets

    elsewhere = as_made_elsewhere(builtin("vrm"), "Hero Skeleton")
    elsewhere.asset_mark()
    bpy.data.libraries.write(str(tmp_path / "heroes.blend"), {elsewhere})
    remove(elsewhere)
    library = bpy.context.preferences.filepaths.asset_libraries.new(name="Heroes", directory=str(tmp_path))
    try:
        assert [name for _, name in assets()] == ["Hero Skeleton (Heroes)"]
        select(figure)
        generate()
        armature = fit(skeleton="file", skeleton_file=assets()[0][0])
        assert set(builtin("vrm").names) == {bone.name for bone in armature.data.bones}
    finally:
        bpy.context.preferences.filepaths.asset_libraries.remove(library)
