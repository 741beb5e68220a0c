"""Test Range of Motion moves the same joints the same way, whoever named the bones."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from blender_tests.clicks import generate
from bonewright.addon.scene.bones.sides import names_as_ours
from bonewright.addon.scene.poses.motion import STEP, current_move

pytestmark = pytest.mark.usefixtures("extension")


def poses(armature: bpy.types.Object) -> dict[str, np.ndarray]:
    """Our name of each bone -> where its tail is at each extreme of the test, (frames, 3)."""
    ours = names_as_ours(armature.data)
    tails = {name: [] for name in ours.values()}
    for frame in range(1, bpy.context.scene.frame_preview_end, STEP):
        bpy.context.scene.frame_set(frame)
        for bone in armature.pose.bones:
            tails[ours[bone.name]].append(np.array(bone.tail))
    return {name: np.array(places) for name, places in tails.items()}


def test_every_naming_gives_the_same_test_on_both_sides(figure: bpy.types.Object):
    armature = generate()
    assert bpy.ops.bonewright.test_motion() == {"FINISHED"}
    wanted = poses(armature)
    moves = [marker.name for marker in armature.animation_data.action.pose_markers]
    assert {"upper arm swings", "forearm bends", "head twists"} <= set(moves)
    assert len(moves) == (bpy.context.scene.frame_preview_end - 1) / (3 * STEP)
    limbs = np.repeat([not move.startswith(("spine", "chest", "neck", "head")) for move in moves], 3)
    assert limbs.sum() > len(limbs) / 2
    for name in ("hand", "foot"):  # arms and legs go where their other side goes, mirrored
        left, right = wanted[f"{name}.L"][limbs], wanted[f"{name}.R"][limbs]
        assert np.ptp(left, axis=0).max() > 0.3
        np.testing.assert_allclose(left * (-1, 1, 1), right, atol=1e-3)
    bpy.context.scene.frame_set(1 + 3 * STEP + 2)
    assert current_move(bpy.context.scene, armature) == moves[1]
    bpy.ops.bonewright.end_motion()
    assert not current_move(bpy.context.scene, armature)
    for convention in ("humanoid", "mixamo", "unreal", "rigify"):
        bpy.ops.bonewright.rename_bones(convention=convention)
        bpy.ops.bonewright.test_motion()
        found = poses(armature)
        assert [marker.name for marker in armature.animation_data.action.pose_markers] == moves
        for name, places in wanted.items():
            np.testing.assert_allclose(found[name], places, atol=1e-4, err_msg=f"{convention}: {name}")
        bpy.ops.bonewright.end_motion()


def test_colours_of_limbs_and_locks_know_every_naming(figure: bpy.types.Object):
    armature = generate()
    bpy.ops.bonewright.rename_bones(convention="mixamo")
    bpy.ops.bonewright.bone_colours(colours="CONFIDENCE")
    bpy.ops.bonewright.bone_colours(colours="LIMBS")
    palettes = {
        name: armature.data.bones[f"mixamorig:{name}"].color.palette for name in ("LeftArm", "RightArm", "Hips")
    }
    assert len(set(palettes.values())) == 3
    bpy.ops.bonewright.edit_joints()
    for bone in armature.data.edit_bones:
        bone.select = bone.select_head = bone.select_tail = bone.name == "mixamorig:LeftArm"
    bpy.ops.bonewright.lock_bones(locked=True)
    bones = armature.data.edit_bones
    dark = {bone.name for bone in bones if bone.color.palette == "THEME10"}
    assert dark == {"mixamorig:LeftArm", "mixamorig:RightArm"}
    bpy.ops.bonewright.lock_bones(locked=False)
    assert bones["mixamorig:RightArm"].color.palette == palettes["RightArm"]
