"""Mesh objects -> one Mesh in world coordinates."""

from __future__ import annotations

import bmesh
import bpy
import numpy as np
import pytest
import trimesh
from mathutils import Euler, Matrix

from blender_tests.scenes import add_ball, points_of
from bonewright.addon.errors import SceneError
from bonewright.addon.scene.meshes import read_mesh

pytestmark = pytest.mark.usefixtures("blender")

PLACES = {
    "turned": Matrix.LocRotScale((1, 2, 3), Euler((0.3, 0.5, 0.7)), (1, 1, 1)),
    "stretched": Matrix.LocRotScale((0, 0, 5), Euler((1, 0, 0)), (1, 2, 3)),
    "mirrored": Matrix.LocRotScale((0, 1, 0), Euler((0, 1, 0)), (-1, 1, 2)),
}


def volume(item: bpy.types.Object) -> float:
    mesh = read_mesh([item]).mesh
    return float(trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False).volume)


@pytest.mark.parametrize("place", PLACES)
def test_vertices_are_read_where_blender_shows_them(place: str) -> None:
    item = add_ball(matrix=PLACES[place])
    np.testing.assert_allclose(read_mesh([item]).mesh.vertices, points_of(item), atol=1e-5)


@pytest.mark.parametrize("place", PLACES)
def test_triangles_face_outwards_whatever_the_scale(place: str) -> None:
    assert volume(add_ball(matrix=PLACES[place])) > 0


def test_several_meshes_become_one_and_each_knows_its_vertices() -> None:
    balls = [add_ball("鼻"), add_ball("Öhr", Matrix.Translation((0, 0, 4)))]
    scene = read_mesh(balls)
    assert [(part.name, part.start, part.stop) for part in scene.parts] == [("鼻", 0, 42), ("Öhr", 42, 84)]
    assert scene.mesh.triangles.max() == 83
    assert scene.mesh.vertices[42:, 2].min() == pytest.approx(3, abs=1e-5)


def test_modifiers_do_not_count() -> None:
    item = add_ball()
    item.modifiers.new("Subdivision", "SUBSURF")
    assert len(read_mesh([item]).mesh.vertices) == 42


def test_a_mirror_modifier_makes_the_whole_but_its_copies_belong_to_no_part() -> None:
    item = add_ball(matrix=Matrix.Translation((0, 0, 2)))
    bpy.ops.object.transform_apply(location=True)
    mirror = item.modifiers.new("Mirror", "MIRROR")
    assert isinstance(mirror, bpy.types.MirrorModifier)
    mirror.use_axis = (False, False, True)
    scene = read_mesh([item])
    assert scene.mesh.vertices[:, 2].min() == pytest.approx(-3, abs=1e-5)
    assert scene.parts[0].stop == 42
    assert len(scene.mesh.vertices) == 84
    solid = trimesh.Trimesh(scene.mesh.vertices, scene.mesh.triangles, process=False)
    assert all(piece.volume > 0 for piece in solid.split())


def test_the_mesh_is_read_as_it_is_being_edited() -> None:
    item = add_ball()
    bpy.ops.object.mode_set(mode="EDIT")
    assert isinstance(item.data, bpy.types.Mesh)
    edited = bmesh.from_edit_mesh(item.data)
    bmesh.ops.translate(edited, verts=edited.verts, vec=(0, 0, 7))
    bmesh.update_edit_mesh(item.data)
    assert read_mesh([item]).mesh.vertices[:, 2].min() == pytest.approx(6, abs=1e-5)
    bpy.ops.object.mode_set(mode="OBJECT")


def test_ngons_are_cut_into_triangles() -> None:
    bpy.ops.mesh.primitive_cylinder_add(vertices=12)
    item = bpy.context.view_layer.objects.active
    assert item is not None
    assert volume(item) == pytest.approx(6.0, rel=1e-3)


def test_nothing_selected_or_no_mesh_is_refused() -> None:
    with pytest.raises(SceneError, match="Select the meshes"):
        read_mesh([])
    empty = bpy.data.objects.new("Handle", None)
    with pytest.raises(SceneError, match="'Handle' is not a mesh"):
        read_mesh([empty])
