"""The operators as a script would call them: in this process, without a window."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from mathutils import Matrix
from scipy.spatial import cKDTree

from blender_tests.clicks import generate, points_of, select, select_bones, weights_of
from bonewright.addon.scene.meshes import read_mesh
from bonewright.addon.scene.poses.motion import in_motion
from bonewright.addon.scene.previews.marks import preview_objects
from bonewright.addon.session import jobs
from bonewright.inference.pipelines.meshes import medial_spheres

pytestmark = pytest.mark.usefixtures("extension")


def test_every_operator_says_what_it_does(blender: None):
    for name in dir(bpy.ops.bonewright):
        found = bpy.types.Operator.bl_rna_get_subclass_py(f"BONEWRIGHT_OT_{name}")
        assert found is not None, name
        left_open = [part for part in dir(found) if getattr(getattr(found, part), "__isabstractmethod__", False)]
        assert not left_open, f"bonewright.{name} has no {left_open}"


def test_free_joints_are_offered_last_and_as_a_trial():
    choices = bpy.context.scene.bonewright.bl_rna.properties["method"]
    assert choices.default == "auto"
    assert choices.enum_items[-1].identifier == "free"
    assert "trial" in choices.enum_items[-1].name


def test_one_click_gives_a_bound_and_named_armature_and_moves_nothing(figure: bpy.types.Object):
    before = points_of(figure)
    armature = generate()
    assert armature.type == "ARMATURE"
    assert {"upper_arm.L", "thigh.R", "head"} <= {bone.name for bone in armature.data.bones}
    assert len([bone for bone in armature.data.bones if bone.parent is None]) == 1
    np.testing.assert_allclose(weights_of(figure), 1, atol=1e-5)
    assert max(len(vertex.groups) for vertex in figure.data.vertices) <= 4
    np.testing.assert_allclose(points_of(figure), before, atol=1e-5)
    assert armature.bonewright.reported
    left = armature.data.bones["upper_arm.L"].head_local
    assert left.x > 0


def test_posing_moves_the_hand_and_not_the_foot(figure: bpy.types.Object):
    before = points_of(figure)
    armature = generate()
    armature.pose.bones["upper_arm.L"].rotation_quaternion = (0.92, 0.38, 0, 0)
    moved = np.linalg.norm(points_of(figure) - before, axis=1)
    assert moved[before[:, 0] > 0.8].min() > 0.1
    assert moved[before[:, 2] < 0.3].max() < 1e-4


def test_a_second_click_replaces_the_first_armature(figure: bpy.types.Object):
    first = generate().name
    select(figure)
    second = generate(density="few")
    assert [item.name for item in bpy.data.objects if item.type == "ARMATURE"] == [second.name] == [first]
    assert [modifier.type for modifier in figure.modifiers] == ["ARMATURE"]
    assert {group.name for group in figure.vertex_groups} <= {bone.name for bone in second.data.bones}


def test_bones_that_the_advanced_box_asks_for_are_made_and_bound(figure: bpy.types.Object):
    armature = generate(twist=True, spine="3", fingers="0", toes="off")
    names = {bone.name for bone in armature.data.bones}
    assert {"forearm.twist.L", "thigh.twist.R", "spine", "spine.001", "spine.002"} <= names
    assert not any(name.startswith(("thumb", "f_", "toe")) for name in names)
    assert armature.data.bones["forearm.twist.L"].parent.name == "forearm.L"
    helper = figure.vertex_groups["forearm.twist.L"].index
    shares = [member.weight for vertex in figure.data.vertices for member in vertex.groups if member.group == helper]
    assert max(shares) > 0.5
    assert max(abs(total - 1) for total in weights_of(figure)) < 1e-5


@pytest.mark.parametrize(
    "world",
    [
        Matrix.Translation((3, -2, 1)) @ Matrix.Rotation(0.7, 4, "Z") @ Matrix.Diagonal((0.01, 0.01, 0.01, 1)),
        Matrix.Diagonal((-1, 1, 1, 1)),
        Matrix.Diagonal((100, 120, 90, 1)),
    ],
)
def test_transforms_of_the_object_stay_as_they_are(figure: bpy.types.Object, world: Matrix):
    figure.matrix_world = world
    before = points_of(figure)
    armature = generate()
    size = np.ptp(before, axis=0).max()
    np.testing.assert_allclose(points_of(figure), before, atol=1e-5 * size + 2e-6)
    joints = np.array([armature.matrix_world @ bone.head_local for bone in armature.data.bones])
    assert (joints > before.min(0) - 0.05 * size).all()
    assert (joints < before.max(0) + 0.05 * size).all()
    np.testing.assert_allclose(np.array(armature.matrix_world.to_scale()), 1, atol=1e-6)


def test_several_meshes_become_one_character(figure: bpy.types.Object):
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.03, location=(0.05, -0.14, 1.75))
    eye = bpy.context.view_layer.objects.active
    select(figure, eye)
    armature = generate()
    for item in (figure, eye):
        assert item.modifiers[0].object == armature
        np.testing.assert_allclose(weights_of(item), 1, atol=1e-5)
    assert {link.item for link in armature.bonewright.meshes} == {figure, eye}


def test_without_bind_the_mesh_is_left_alone_and_bind_catches_up(figure: bpy.types.Object):
    armature = generate(bind=False)
    assert not figure.vertex_groups
    assert not figure.modifiers
    assert figure.parent is None
    assert bpy.ops.bonewright.bind() == {"FINISHED"}
    assert figure.modifiers[0].object == armature
    np.testing.assert_allclose(weights_of(figure), 1, atol=1e-5)


def test_the_kept_result_is_applied_again_with_other_options(figure: bpy.types.Object):
    generate()
    token = max(jobs._runner.results, key=int)
    bpy.data.objects.remove(bpy.data.objects["Figür 形_rig"])
    figure.modifiers.clear()
    assert bpy.ops.bonewright.apply_rig(token=token, name="Other", influences=1, display="STICK") == {"FINISHED"}
    assert bpy.data.objects["Other"].data.display_type == "STICK"
    assert {len(vertex.groups) for vertex in figure.data.vertices} == {1}


def test_the_kept_result_is_turned_round_without_computing_it_again(figure: bpy.types.Object):
    armature = generate()
    hand = armature.matrix_world @ armature.data.bones["hand.L"].head_local
    token = max(jobs._runner.results, key=int)
    assert bpy.ops.bonewright.apply_rig(token=token, name=armature.name, front="+y") == {"FINISHED"}
    armature = bpy.context.view_layer.objects.active
    assert ((armature.matrix_world @ armature.data.bones["hand.R"].head_local) - hand).length < 1e-4
    assert armature.data.bones["hand.L"].head_local.x > 0.3, "the armature's own +X is its left"
    assert armature.data.bones["toe.L"].tail_local.y > armature.data.bones["toe.L"].head_local.y, (
        "feet stay where they are"
    )
    weights = [
        (vertex.co.x, member.weight)
        for vertex in figure.data.vertices
        for member in vertex.groups
        if figure.vertex_groups[member.group].name == "hand.R"
    ]
    assert weights
    assert all(x > 0 for x, weight in weights if weight > 0.5)


def test_a_result_does_not_fit_a_mesh_that_was_edited_or_removed(figure: bpy.types.Object):
    generate()
    token = max(jobs._runner.results, key=int)
    figure.data.vertices.add(1)
    with pytest.raises(RuntimeError, match="edited meanwhile"):
        bpy.ops.bonewright.apply_rig(token=token)
    bpy.data.objects.remove(figure)
    with pytest.raises(RuntimeError, match="is gone"):
        bpy.ops.bonewright.apply_rig(token=token)
    with pytest.raises(RuntimeError, match="not remembered"):
        bpy.ops.bonewright.apply_rig(token="9999")


def test_what_cannot_be_rigged_is_refused_with_a_reason(figure: bpy.types.Object):
    empty = bpy.data.objects.new("Leer", bpy.data.meshes.new("Leer"))
    bpy.context.scene.collection.objects.link(empty)
    select(empty)
    with pytest.raises(RuntimeError, match="face"):
        bpy.ops.bonewright.generate()
    bpy.ops.object.armature_add()
    own = bpy.context.view_layer.objects.active
    figure.modifiers.new("Own", "ARMATURE").object = own
    select(figure)
    with pytest.raises(RuntimeError, match="already moved by the armature"):
        bpy.ops.bonewright.generate()
    assert not bpy.ops.bonewright.cancel.poll()


def test_edit_mode_shape_keys_and_modifiers_survive(figure: bpy.types.Object):
    figure.shape_key_add(name="Basis")
    figure.shape_key_add(name="Smile").data[0].co.z += 0.1
    figure.modifiers.new("Detail", "SUBSURF")
    bpy.ops.object.mode_set(mode="EDIT")
    generate()
    assert [key.name for key in figure.data.shape_keys.key_blocks] == ["Basis", "Smile"]
    assert [modifier.type for modifier in figure.modifiers] == ["ARMATURE", "SUBSURF"]


def test_spheres_and_curves_come_and_go_without_a_trace(figure: bpy.types.Object):
    kinds = (bpy.data.objects, bpy.data.meshes, bpy.data.materials, bpy.data.curves, bpy.data.collections)
    counts = [len(kind) for kind in kinds]
    assert bpy.ops.bonewright.spheres() == {"FINISHED"}
    assert bpy.ops.bonewright.spheres() == {"FINISHED"}  # in place of the first
    assert bpy.ops.bonewright.curves() == {"FINISHED"}
    spheres, curves = preview_objects(bpy.context.scene, "spheres"), preview_objects(bpy.context.scene, "curves")
    assert len(spheres) == len(curves) == 1
    assert all(len(spline.points) > 1 for spline in curves[0].data.splines)
    for item in (*spheres, *curves):
        bpy.ops.bonewright.remove_preview(name=item.name)
    assert [len(kind) for kind in kinds] == counts


def test_each_medial_sphere_is_shown_where_it_is_and_as_large_as_it_is(figure: bpy.types.Object):
    spheres = medial_spheres(read_mesh([figure]).mesh)
    bpy.ops.bonewright.spheres()
    seen = bpy.context.evaluated_depsgraph_get().object_instances
    balls = [item.matrix_world.copy() for item in seen if item.is_instance and item.object.type == "MESH"]
    shown = np.array([[*ball.translation, *ball.to_scale()] for ball in balls])  # (S, 6)
    wanted = np.column_stack([spheres.centres, *3 * [spheres.radii]])
    near, _ = cKDTree(shown).query(wanted)
    assert len(shown) == len(wanted)
    np.testing.assert_allclose(near, 0, atol=1e-5)


def test_bones_show_their_confidence_and_their_limb(figure: bpy.types.Object):
    armature = generate()
    bpy.ops.bonewright.bone_colours(colours="CONFIDENCE")
    assert armature.data.bones["head"].color.palette == "CUSTOM"
    bpy.ops.bonewright.bone_colours(colours="LIMBS")
    assert armature.data.bones["hand.L"].color.palette == "THEME04"


def test_joints_are_adjusted_on_both_sides(figure: bpy.types.Object):
    armature = generate()
    bpy.ops.bonewright.edit_joints()
    bones = armature.data.edit_bones
    assert armature.data.use_mirror_x
    select_bones(armature, "forearm.L")
    bpy.ops.bonewright.split_bones(count=3)
    assert {"forearm.001.L", "forearm.002.L", "forearm.001.R", "forearm.002.R"} <= set(bones.keys())
    assert bones["hand.L"].parent == bones["forearm.002.L"]
    select_bones(armature, "forearm.002.L")
    bpy.ops.bonewright.merge_bones()
    assert bones["hand.R"].parent == bones["forearm.001.R"]
    select_bones(armature, "toe.R")
    bpy.ops.bonewright.remove_bones()
    assert not {"toe.L", "toe.R"} & set(bones.keys())
    bpy.ops.bonewright.finish_joints()
    assert armature.mode == "OBJECT"
    assert bpy.ops.bonewright.bind() == {"FINISHED"}
    groups = {group.name for group in figure.vertex_groups}
    assert "forearm.001.L" in groups
    assert not {"toe.L", "toe.R"} & groups
    np.testing.assert_allclose(weights_of(figure), 1, atol=1e-5)


def test_locked_bones_stay_when_the_rest_is_made_anew(figure: bpy.types.Object):
    armature = generate()
    bpy.ops.bonewright.edit_joints()
    bones = armature.data.edit_bones
    for name, side in (("forearm.L", 1), ("forearm.R", -1)):
        bones[name].head.x -= 0.05 * side
        bones[name].parent.tail.x -= 0.05 * side
    select_bones(armature, "forearm.L")
    bpy.ops.bonewright.lock_bones(locked=True)
    bpy.ops.bonewright.finish_joints()
    elbow = armature.data.bones["forearm.L"].head_local.copy()
    again = generate(density="few")
    for name, x in (("forearm.L", elbow.x), ("forearm.R", -elbow.x)):
        assert again.data.bones[name].head_local.x == pytest.approx(x, abs=1e-6)
    assert again.data.bones["forearm.L"].get("bonewright_locked")
    assert (again.data.bones["upper_arm.L"].tail_local - elbow).length < 1e-6
    np.testing.assert_allclose(weights_of(figure), 1, atol=1e-5)
    bpy.ops.bonewright.edit_joints()
    select_bones(again, "forearm.L")
    bpy.ops.bonewright.lock_bones(locked=False)
    bpy.ops.bonewright.finish_joints()
    assert "bonewright_locked" not in again.data.bones["forearm.R"]


def test_a_joint_snaps_to_the_middle_and_its_mirror_follows(figure: bpy.types.Object):
    armature = generate()
    bpy.ops.bonewright.edit_joints()
    bones = armature.data.edit_bones
    middle = bones["shin.L"].head.copy()
    for name in ("shin.L", "shin.R"):
        bones[name].head.y += 0.03
        bones[name].parent.tail.y += 0.03
    for bone in bones:
        bone.select = bone.select_head = bone.select_tail = False
    bones["shin.L"].select_head = bones["thigh.L"].select_tail = True
    assert bpy.ops.bonewright.centre_joints() == {"FINISHED"}
    assert (bones["shin.L"].head - middle).length < 0.02
    assert (bones["shin.L"].head - bones["thigh.L"].tail).length < 1e-6
    assert abs(bones["shin.L"].head.x + bones["shin.R"].head.x) < 1e-6


def test_a_hand_made_armature_is_bound_and_locked_groups_stay(figure: bpy.types.Object):
    bpy.ops.object.armature_add(location=(0, 0, 0.2))
    own = bpy.context.view_layer.objects.active
    bpy.ops.object.mode_set(mode="EDIT")
    second = own.data.edit_bones.new("upper")
    second.head, second.tail = (0, 0, 1), (0, 0, 1.5)
    second.parent = own.data.edit_bones["Bone"]
    bpy.ops.object.mode_set(mode="OBJECT")
    locked = figure.vertex_groups.new(name="upper")
    locked.add([0, 1], 0.75, "REPLACE")
    locked.lock_weight = True
    select(own, figure)
    assert bpy.ops.bonewright.bind() == {"FINISHED"}
    assert figure.parent == own
    assert locked.weight(0) == pytest.approx(0.75)
    assert weights_of(figure)[0] == pytest.approx(1, abs=1e-5)


def test_smoothing_keeps_weights_whole(figure: bpy.types.Object):
    generate()
    bpy.context.scene.bonewright.smooth = 4
    assert bpy.ops.bonewright.bind() == {"FINISHED"}
    np.testing.assert_allclose(weights_of(figure), 1, atol=1e-5)


def test_the_range_of_motion_goes_without_a_trace(figure: bpy.types.Object):
    armature = generate()
    armature.pose.bones["head"].rotation_quaternion = (0.9, 0.1, 0.2, 0.1)
    bpy.context.view_layer.update()
    before, frame = armature.pose.bones["head"].matrix_basis.copy(), bpy.context.scene.frame_current
    rest = points_of(figure)
    assert bpy.ops.bonewright.test_motion() == {"FINISHED"}
    moved = 0.0
    for time in range(1, bpy.context.scene.frame_preview_end, 8):
        bpy.context.scene.frame_set(time)
        moved = max(moved, float(np.abs(points_of(figure) - rest).max()))
    assert moved > 0.2
    assert bpy.ops.bonewright.end_motion() == {"FINISHED"}
    assert not in_motion(armature)
    assert not bpy.data.actions
    assert armature.animation_data is None
    np.testing.assert_allclose(np.array(armature.pose.bones["head"].matrix_basis), np.array(before), atol=1e-6)
    assert bpy.context.scene.frame_current == frame


def test_an_action_of_the_user_comes_back_after_the_test(figure: bpy.types.Object):
    armature = generate()
    armature.pose.bones["head"].keyframe_insert("location", frame=5)
    mine = armature.animation_data.action
    bpy.ops.bonewright.test_motion()
    bpy.ops.bonewright.end_motion()
    assert armature.animation_data.action == mine
    assert list(bpy.data.actions) == [mine]


def test_a_fresh_report_names_a_bone_outside_and_leads_to_it(figure: bpy.types.Object):
    armature = generate()
    before = armature.bonewright.inside
    bpy.ops.bonewright.edit_joints()
    armature.data.use_mirror_x = False
    for name in ("head", "tail"):
        point = getattr(armature.data.edit_bones["hand.L"], name)
        point.z += 0.6
    armature.data.edit_bones["forearm.L"].tail.z += 0.6
    bpy.ops.bonewright.finish_joints()
    assert bpy.ops.bonewright.check() == {"FINISHED"}
    assert armature.bonewright.inside < before
    warned = [place for place, warning in enumerate(armature.bonewright.warnings) if "hand.L" in warning.bones]
    assert warned
    assert bpy.ops.bonewright.show_warning(index=warned[0]) == {"FINISHED"}
    assert armature.mode == "POSE"
    assert "hand.L" in {bone.name for bone in bpy.context.selected_pose_bones}


def test_a_job_ends_though_another_file_has_taken_its_timer_away(blender: None, monkeypatch: pytest.MonkeyPatch):
    gone = bpy.data.objects.new("Gone", None)
    bpy.data.objects.remove(gone)  # reading from it raises, as from the window manager of a file that was closed
    monkeypatch.setattr(jobs._runner, "window_manager", gone)
    monkeypatch.setattr(jobs._runner, "timer", gone)
    jobs._unwatch()
    assert jobs._runner.timer is None
    assert jobs._runner.window_manager is None
