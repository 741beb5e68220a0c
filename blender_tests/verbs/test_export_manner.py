"""Export with other rest axes, a root on the ground, centimetres: in the file alone, the scene stays as it is."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Quaternion

from blender_tests.clicks import generate, points_of
from bonewright.inference.gltf.fitting.skeleton import read_template
from bonewright.inference.rigging.skeletons.template import Template

pytestmark = pytest.mark.usefixtures("extension")


def written(path: Path, **wish: object) -> None:
    kind = path.suffix[1:].upper()
    assert bpy.ops.bonewright.export(format=kind, filepath=str(path), **wish) == {"FINISHED"}


def exported(path: Path, **wish: object) -> Template:
    written(path, **wish)
    return read_template(path)


def scene() -> dict[str, list[str]]:
    return {
        name: sorted(block.name for block in getattr(bpy.data, name))
        for name in ("objects", "meshes", "armatures", "actions")
    }


def axis(found: Template, bone: str, number: int) -> np.ndarray:
    return found.axes[found.names.index(bone)][number]


def swing(armature: bpy.types.Object) -> None:
    """An action that moves arms, a leg and the hips."""
    for name, turn in (("upper_arm.L", (0.8, 0.2, 0.1)), ("forearm.L", (1, 0, 0)), ("thigh.R", (0.5, 0, 0.3))):
        bone = armature.pose.bones[name]
        bone.rotation_mode = "QUATERNION"
        for frame, share in ((1, 0.0), (6, 1.0)):
            bone.rotation_quaternion = Quaternion(turn, share * 0.8)
            bone.keyframe_insert("rotation_quaternion", frame=frame)
    hips = armature.pose.bones["hips"]
    for frame, place in ((1, 0.0), (6, 0.3)):
        hips.location = (0, place, 0)
        hips.keyframe_insert("location", frame=frame)
    armature.animation_data.action.name = "Swing"


def test_unreals_axes_are_in_the_file_and_names_and_places_stay(figure: bpy.types.Object, tmp_path: Path):
    generate()
    before = scene()
    plain, found = exported(tmp_path / "a.glb"), exported(tmp_path / "b.glb", axes="UNREAL")
    assert found.names == plain.names
    np.testing.assert_allclose(found.heads, plain.heads, atol=1e-5)
    for side, sign in (("L", 1), ("R", -1)):
        for near, far in (("upper_arm", "forearm"), ("forearm", "hand"), ("thigh", "shin")):
            span = plain.heads[plain.names.index(f"{far}.{side}")] - plain.heads[plain.names.index(f"{near}.{side}")]
            along = sign * (-1 if near == "thigh" else 1) * axis(found, f"{near}.{side}", 0)
            assert along @ span / np.linalg.norm(span) > 0.999
    assert axis(found, "hips", 0) @ (0, 0, 1) > 0.8
    assert scene() == before


def test_mixamos_axes_have_y_along_and_arms_z_down(figure: bpy.types.Object, tmp_path: Path):
    generate()
    found = exported(tmp_path / "a.glb", axes="MIXAMO")
    assert axis(found, "upper_arm.L", 1) @ (1, 0, 0) > 0.9
    assert axis(found, "upper_arm.L", 2) @ (0, 0, -1) > 0.9
    assert axis(found, "shin.R", 2) @ (0, -1, 0) > 0.9


def test_a_root_on_the_ground_carries_all(figure: bpy.types.Object, tmp_path: Path):
    armature = generate()
    bones = [bone.name for bone in armature.data.bones]
    found = exported(tmp_path / "a.glb", root=True)
    assert set(found.names) == {"root", *bones}
    place = found.names.index("root")
    assert found.parents[place] == -1
    assert found.parents[found.names.index("hips")] == place
    assert abs(found.heads[place][2] - min(vertex.co.z for vertex in figure.data.vertices)) < 1e-3
    assert [bone.name for bone in armature.data.bones] == bones


@pytest.mark.parametrize("suffix", ["glb", "fbx"])
def test_centimetres_are_in_the_data_and_nothing_is_scaled(figure: bpy.types.Object, tmp_path: Path, suffix: str):
    generate()
    size = np.array(figure.dimensions)
    written(tmp_path / f"a.{suffix}", unit="CM")
    np.testing.assert_allclose(np.array(figure.dimensions), size, rtol=1e-6)
    assert bpy.context.scene.unit_settings.scale_length == 1.0
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    (bpy.ops.import_scene.gltf if suffix == "glb" else bpy.ops.import_scene.fbx)(filepath=str(tmp_path / f"a.{suffix}"))
    mesh = next(item for item in bpy.data.objects if item.type == "MESH" and item.vertex_groups)
    rig = next(item for item in bpy.data.objects if item.type == "ARMATURE")
    own = np.ptp(np.array([vertex.co for vertex in mesh.data.vertices]), axis=0)
    np.testing.assert_allclose(sorted(own), sorted(100 * size), rtol=1e-3)
    world = np.ptp(points_of(mesh), axis=0)
    np.testing.assert_allclose(sorted(world), sorted(size if suffix == "fbx" else 100 * size), rtol=1e-2)
    np.testing.assert_allclose(np.array(rig.matrix_world.to_scale()), 0.01 if suffix == "fbx" else 1, rtol=1e-4)


@pytest.mark.parametrize("wish", [{"axes": "UNREAL", "root": True}, {"axes": "MIXAMO", "unit": "CM"}])
def test_an_action_moves_the_mesh_in_the_file_as_it_does_here(figure: bpy.types.Object, tmp_path: Path, wish):
    swing(generate())
    wanted = []
    for frame in (1, 4, 6):
        bpy.context.scene.frame_set(frame)
        wanted.append(points_of(figure))
    before = scene()
    written(tmp_path / "a.glb", animations=True, **wish)
    assert scene() == before
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.import_scene.gltf(filepath=str(tmp_path / "a.glb"))
    assert [action.name.partition("_")[0] for action in bpy.data.actions] == ["Swing"]
    mesh = next(item for item in bpy.data.objects if item.type == "MESH" and item.vertex_groups)
    scale = 100 if "unit" in wish else 1
    for frame, points in zip((1, 4, 6), wanted, strict=True):
        bpy.context.scene.frame_set(frame)
        seen = points_of(mesh) / scale
        if len(seen) == len(points):
            np.testing.assert_allclose(seen, points, atol=2e-3)
        else:  # split along seams
            np.testing.assert_allclose(seen.min(0), points.min(0), atol=2e-3)
            np.testing.assert_allclose(seen.max(0), points.max(0), atol=2e-3)
