"""Names of other programs, Rigify's metarig, and files that engines import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_tests.clicks import generate

pytestmark = pytest.mark.usefixtures("extension")


@pytest.mark.parametrize("convention", ["rigify", "mixamo", "unreal", "humanoid"])
def test_names_change_there_and_back_with_the_weights(figure: bpy.types.Object, convention: str):
    armature = generate(twist=True)
    assert "forearm.twist.L" in armature.data.bones
    names, groups = [bone.name for bone in armature.data.bones], {group.name for group in figure.vertex_groups}
    assert bpy.ops.bonewright.rename_bones(convention=convention) == {"FINISHED"}
    assert {bone.name for bone in armature.data.bones} == {group.name for group in figure.vertex_groups}
    assert bpy.ops.bonewright.rename_bones(convention="bonewright") == {"FINISHED"}
    assert [bone.name for bone in armature.data.bones] == names
    assert {group.name for group in figure.vertex_groups} == groups


RIGIFY = """
import os, sys
sys.path.insert(0, sys.argv[1])
from tools.package import as_package
as_package()
import bpy, addon_utils
from blender_tests.figure import add_figure
from bonewright import addon
addon.register()
addon_utils.enable("rigify", default_set=True)
bpy.ops.wm.read_homefile(use_empty=True)
add_figure(details=1)
bpy.context.scene.bonewright.twist = True
bpy.ops.bonewright.generate()
armature = bpy.context.view_layer.objects.active
names = [bone.name for bone in armature.data.bones]
bpy.ops.bonewright.make_metarig()
bpy.ops.pose.rigify_generate()
made = set(bpy.context.view_layer.objects.active.data.bones.keys())
good = {"upper_arm_fk.L", "thigh_ik.R", "torso", "head"} <= made
good = good and [bone.name for bone in armature.data.bones] == names
os._exit(0 if good else 3)
"""


@pytest.mark.skipif(bpy.app.binary_path != "", reason="the interpreter of a whole Blender has no bpy of its own")
def test_rigify_builds_its_rig_from_the_metarig():
    # in a process of its own: Blender 4.5 does not end well once Rigify was switched on in its module
    root = Path(__file__).resolve().parents[1]
    child = subprocess.run([sys.executable, "-c", RIGIFY, str(root)], capture_output=True, text=True, timeout=120)
    assert child.returncode == 0, child.stdout + child.stderr


@pytest.mark.parametrize("kind", ["GLB", "FBX"])
def test_an_exported_character_has_one_root_unit_scale_and_no_leaf_bones(
    figure: bpy.types.Object, kind: str, tmp_path: Path
):
    armature = generate()
    bones, size = len(armature.data.bones), figure.dimensions.copy()
    path = tmp_path / f"character.{kind.lower()}"
    assert bpy.ops.bonewright.export(format=kind, filepath=str(path)) == {"FINISHED"}
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    (bpy.ops.import_scene.gltf if kind == "GLB" else bpy.ops.import_scene.fbx)(filepath=str(path))
    read = next(item for item in bpy.data.objects if item.type == "ARMATURE")
    assert len(read.data.bones) == bones
    assert [bone.name for bone in read.data.bones if bone.parent is None] == ["hips"]
    np.testing.assert_allclose(np.array(read.matrix_world.to_scale()), 1, atol=1e-5)
    mesh = next(item for item in bpy.data.objects if item.type == "MESH" and item.vertex_groups)
    np.testing.assert_allclose(np.array(mesh.dimensions), np.array(size), rtol=1e-3)


def test_two_roots_and_scaled_armatures_are_not_exported(figure: bpy.types.Object, tmp_path: Path):
    armature = generate()
    armature.scale = (2, 2, 2)
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match="scaled"):
        bpy.ops.bonewright.export(format="GLB", filepath=str(tmp_path / "a.glb"))
    armature.scale = (1, 1, 1)
    bpy.ops.object.mode_set(mode="EDIT")
    armature.data.edit_bones.new("stray").tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    with pytest.raises(RuntimeError, match="2 roots"):
        bpy.ops.bonewright.export(format="GLB", filepath=str(tmp_path / "a.glb"))
    assert not list(tmp_path.iterdir())
