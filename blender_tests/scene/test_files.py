"""Files of every format in, rigs in every format out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from blender_tests.scenes import add_ball, rig_of, tree, two_bones
from bonewright.addon.batch.inputs.formats import BY_OURSELVES, INPUTS, OUTPUTS
from bonewright.addon.compat import exporters, importers
from bonewright.addon.errors import SceneError
from bonewright.addon.scene.armatures import read_armature, write_armature
from bonewright.addon.scene.attach import apply_rig
from bonewright.addon.scene.files import old_armatures, open_file, save_file
from bonewright.addon.scene.meshes import read_mesh
from bonewright.addon.scene.weights import read_weights
from bonewright.inference.anatomy import SkinWeights
from bonewright.inference.errors import FileError

pytestmark = pytest.mark.usefixtures("blender")

MADE_BY: dict[str, Callable[[str], object]] = {
    ".blend": lambda path: bpy.ops.wm.save_as_mainfile(filepath=path, copy=True),
    ".dae": lambda path: bpy.ops.wm.collada_export(filepath=path),
    ".fbx": lambda path: bpy.ops.export_scene.fbx(filepath=path),
    ".glb": lambda path: bpy.ops.export_scene.gltf(filepath=path),
    ".gltf": lambda path: bpy.ops.export_scene.gltf(filepath=path, export_format="GLTF_SEPARATE"),
    ".obj": lambda path: bpy.ops.wm.obj_export(filepath=path),
    ".ply": lambda path: bpy.ops.wm.ply_export(filepath=path),
    ".stl": lambda path: bpy.ops.wm.stl_export(filepath=path),
    ".usd": lambda path: bpy.ops.wm.usd_export(filepath=path),
    ".usda": lambda path: bpy.ops.wm.usd_export(filepath=path),
    ".usdc": lambda path: bpy.ops.wm.usd_export(filepath=path),
    ".usdz": lambda path: bpy.ops.wm.usd_export(filepath=path),
}


def test_every_format_of_the_command_line_is_one_that_blender_has() -> None:
    assert set(importers()) <= set(INPUTS)
    assert set(INPUTS) - set(importers()) <= {".dae", ".off"}  # Blender 5.0 dropped the one and never had the other
    assert set(exporters()) == set(OUTPUTS) - set(BY_OURSELVES)


@pytest.mark.parametrize("suffix", INPUTS)
def test_a_mesh_is_read_upright_and_in_place_from_every_format(suffix: str, tmp_path: Path) -> None:
    if suffix not in importers():
        pytest.skip(f"Blender {bpy.app.version_string} cannot read {suffix}")
    item = add_ball("Bäll", Matrix.LocRotScale((1, 2, 3), None, (1, 2, 3)))
    expected = read_mesh([item]).mesh.vertices
    path = tmp_path / f"Bäll{suffix}"
    MADE_BY[suffix](str(path))
    found = read_mesh(open_file(path)).mesh.vertices
    np.testing.assert_allclose(found.min(0), expected.min(0), atol=1e-3)
    np.testing.assert_allclose(found.max(0), expected.max(0), atol=1e-3)


@pytest.mark.parametrize("suffix", [suffix for suffix in OUTPUTS if suffix not in BY_OURSELVES])
def test_a_rig_comes_back_from_every_format(suffix: str, tmp_path: Path) -> None:
    item = add_ball("Bäll", Matrix.Translation((0, 0, 2)))
    source = read_mesh([item])
    rig = rig_of(source.mesh.vertices)
    apply_rig(rig, source, "Rig")
    path = tmp_path / f"rigged{suffix}"
    save_file(path, path)
    meshes = open_file(path)
    np.testing.assert_allclose(read_mesh(meshes).mesh.vertices.max(0), source.mesh.vertices.max(0), atol=1e-3)
    armature = read_armature(old_armatures()[0])
    assert set(armature.names) == {"lower", "upper"}
    upper = armature.names.index("upper")
    assert armature.names[armature.parents[upper]] == "lower"
    np.testing.assert_allclose(armature.heads[upper], (0, 0, 0), atol=1e-3)
    back = read_mesh(meshes)
    weights = read_weights(back.parts, len(back.mesh.vertices), ("lower", "upper"))
    height = back.mesh.vertices[:, 2]
    np.testing.assert_allclose(weights[:, 1], (height - 1) / 2, atol=0.01)


@pytest.mark.parametrize("suffix", INPUTS)
def test_a_damaged_file_is_refused_by_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"broken{suffix}"
    path.write_bytes(b"this is no mesh at all\n" * 50)
    with pytest.raises((FileError, SceneError), match="broken"):
        open_file(path)


def test_a_file_that_was_cut_off_is_refused_by_name(tmp_path: Path) -> None:
    add_ball()
    whole, cut = tmp_path / "whole.glb", tmp_path / "cut.glb"
    bpy.ops.export_scene.gltf(filepath=str(whole))
    cut.write_bytes(whole.read_bytes()[:500])
    with pytest.raises(FileError, match=r"'cut\.glb' cannot be read"):
        open_file(cut)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.obj"
    path.touch()
    with pytest.raises(FileError, match=r"'empty\.obj' is empty"):
        open_file(path)


def test_a_scene_without_meshes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nothing.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    with pytest.raises(SceneError, match=r"'nothing\.blend' has no mesh"):
        open_file(path)


def test_a_mesh_without_faces_is_refused_by_name(tmp_path: Path) -> None:
    data = bpy.data.meshes.new("Dots")
    data.from_pydata([(0, 0, 0), (1, 0, 0)], [(0, 1)], [])
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Dots", data))
    path = tmp_path / "dots.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    with pytest.raises(SceneError, match=r"'Dots' in 'dots\.blend' has no faces"):
        open_file(path)


def test_hidden_meshes_and_the_widgets_of_bones_are_no_part_of_the_character(tmp_path: Path) -> None:
    add_ball("Body")
    add_ball("Hidden").hide_set(state=True)
    widget = add_ball("Widget")
    write_armature(two_bones(), "Rig").pose.bones["upper"].custom_shape = widget
    path = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    assert [item.name for item in open_file(path)] == ["Body"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    add_ball()
    (tmp_path / "note").write_text("a file, not a folder")
    path = tmp_path / "note" / "file.glb"
    with pytest.raises(FileError, match=r"file\.glb' cannot be written"):
        save_file(path, path)


def test_what_a_mirror_modifier_adds_is_in_the_result(tmp_path: Path) -> None:
    item = add_ball("Half", Matrix.Translation((3, 0, 0)))
    bpy.ops.object.transform_apply(location=True)
    item.modifiers.new("Mirror", "MIRROR")
    source = read_mesh([item])
    apply_rig(rig_of(source.mesh.vertices), source, "Rig")
    for suffix in (".glb", ".fbx"):
        path = tmp_path / f"whole{suffix}"
        save_file(path, path)
    for suffix in (".glb", ".fbx"):
        found = read_mesh(open_file(tmp_path / f"whole{suffix}")).mesh.vertices
        assert found[:, 0].min() == pytest.approx(-found[:, 0].max(), abs=1e-3)


def test_shape_keys_are_in_the_result(tmp_path: Path) -> None:
    item = add_ball()
    item.shape_key_add(name="Basis")
    item.shape_key_add(name="Lächeln").data[0].co.z += 1
    source = read_mesh([item])
    apply_rig(rig_of(source.mesh.vertices), source, "Rig")
    for suffix in (".glb", ".fbx", ".blend"):
        path = tmp_path / f"face{suffix}"
        save_file(path, path)
    for suffix in (".glb", ".fbx", ".blend"):
        meshes = open_file(tmp_path / f"face{suffix}")
        assert meshes[0].data.shape_keys is not None
        assert "Lächeln" in meshes[0].data.shape_keys.key_blocks


def test_more_than_four_influences_are_in_the_result(tmp_path: Path) -> None:
    item = add_ball()
    source = read_mesh([item])
    bones = tree(8)
    rig = rig_of(source.mesh.vertices, dataclasses.replace(bones, deform=np.ones(8, bool)))
    everything = SkinWeights(np.tile(np.arange(8, dtype=np.int32), (42, 1)), np.full((42, 8), 0.125, np.float32))
    apply_rig(dataclasses.replace(rig, skin=everything), source, "Rig")
    path = tmp_path / "many.glb"
    save_file(path, path)
    back = read_mesh(open_file(path))
    weights = read_weights(back.parts, len(back.mesh.vertices), bones.names)
    assert ((weights > 0.1).sum(1) == 8).all()
