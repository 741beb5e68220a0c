"""Rig -> scene: groups, modifiers and parents; the meshes stay where and what they are."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix

from blender_tests.scenes import add_ball, points_of, rig_of, two_bones
from bonewright.addon.errors import SceneError
from bonewright.addon.scene.armatures import write_armature
from bonewright.addon.scene.attach import apply_rig, attach, remove_armatures
from bonewright.addon.scene.meshes import read_mesh
from bonewright.addon.scene.weights import locked_bones, read_weights, sparse

pytestmark = pytest.mark.usefixtures("blender")

SHEARED = Matrix.LocRotScale((1, 0, 0), Euler((0.4, 0.2, 0)), (1, 2, -3))


def bind(*items: bpy.types.Object, replaced: tuple[bpy.types.Object, ...] = ()) -> bpy.types.Object:
    source = read_mesh(items)
    return apply_rig(rig_of(source.mesh.vertices), source, "Rig", replaced=replaced)


def weights_of(item: bpy.types.Object) -> np.ndarray:
    return read_weights(read_mesh([item]).parts, len(item.data.vertices), ("lower", "upper"))


def test_weights_come_back_as_they_were_written() -> None:
    first, second = add_ball("鼻"), add_ball("Second", SHEARED)
    source = read_mesh([first, second])
    rig = rig_of(source.mesh.vertices)
    apply_rig(rig, source, "Rig")
    assert rig.skin is not None
    back = read_weights(source.parts, len(source.mesh.vertices), rig.armature.names)
    np.testing.assert_allclose(back, rig.skin.dense(2), atol=1e-6)
    np.testing.assert_allclose(sparse(back).dense(2), back, atol=1e-6)


@pytest.mark.parametrize("place", [Matrix(), SHEARED])
def test_binding_moves_no_vertex(place: Matrix) -> None:
    item = add_ball(matrix=place)
    before, own = points_of(item), [tuple(vertex.co) for vertex in item.data.vertices]
    bind(item)
    np.testing.assert_allclose(points_of(item), before, atol=1e-5)
    assert [tuple(vertex.co) for vertex in item.data.vertices] == own


def test_posing_a_bone_moves_the_vertices_it_has() -> None:
    item = add_ball()
    armature = bind(item)
    before = points_of(item)
    armature.pose.bones["upper"].location = (0.0, 2.0, 0.0)  # along the bone: upwards
    bpy.context.view_layer.update()
    moved = points_of(item) - before
    share = weights_of(item)[:, 1]
    np.testing.assert_allclose(moved[:, 2], 2 * share, atol=1e-4)


def test_moving_the_armature_takes_the_meshes_along_once() -> None:
    item = add_ball(matrix=SHEARED)
    before = points_of(item)
    bind(item).location.x += 3
    bpy.context.view_layer.update()
    np.testing.assert_allclose(points_of(item) - before, [[3, 0, 0]] * 42, atol=1e-4)


def test_a_common_parent_still_carries_everything() -> None:
    handle = bpy.data.objects.new("Handle", None)
    bpy.context.scene.collection.objects.link(handle)
    handle.matrix_world = SHEARED
    items = [add_ball("One"), add_ball("Two", Matrix.Translation((3, 0, 0)))]
    for item in items:
        item.parent = handle
    bpy.context.view_layer.update()
    before = [points_of(item) for item in items]
    armature = bind(*items)
    assert armature.parent == handle
    for item, points in zip(items, before, strict=True):
        assert item.parent == armature
        np.testing.assert_allclose(points_of(item), points, atol=1e-4)
    handle.location.z += 2
    bpy.context.view_layer.update()
    np.testing.assert_allclose(points_of(items[1]) - before[1], [[0, 0, 2]] * 42, atol=1e-4)


def test_the_armature_modifier_goes_after_mirror_and_before_subdivision() -> None:
    item = add_ball()
    for kind in ("MIRROR", "BEVEL", "SUBSURF"):
        item.modifiers.new(kind, kind)
    bind(item)
    assert [modifier.type for modifier in item.modifiers] == ["MIRROR", "ARMATURE", "BEVEL", "SUBSURF"]


def test_binding_again_makes_no_second_modifier() -> None:
    item = add_ball()
    old = bind(item)
    new = bind(item, replaced=(old,))
    remove_armatures([old])
    assert [modifier.object for modifier in item.modifiers] == [new]
    assert item.parent == new
    assert weights_of(item).sum(1) == pytest.approx(1)


def test_removing_an_armature_takes_its_groups_and_leaves_the_others() -> None:
    item = add_ball(matrix=SHEARED)
    armature = bind(item)
    item.vertex_groups.new(name="Hair")
    before = points_of(item)
    remove_armatures([armature])
    assert [group.name for group in item.vertex_groups] == ["Hair"]
    assert not item.modifiers
    np.testing.assert_allclose(points_of(item)[:, 2].max(), before[:, 2].max(), atol=1e-3)


def test_locked_groups_and_groups_of_no_bone_stay_as_they_are() -> None:
    item = add_ball()
    for name in ("upper", "Hair"):
        item.vertex_groups.new(name=name).add([0, 1], 0.25, "REPLACE")
    item.vertex_groups["upper"].lock_weight = True
    source = read_mesh([item])
    assert locked_bones(source.parts, ("lower", "upper")) == ("upper",)
    bind(item)
    back = read_weights(source.parts, 42, ("upper", "Hair"))
    np.testing.assert_allclose(back[:2], 0.25)
    assert back[2:].max() == 0


def test_shape_keys_survive() -> None:
    item = add_ball()
    item.shape_key_add(name="Basis")
    smile = item.shape_key_add(name="Smile")
    smile.data[0].co.z += 1
    bind(item)
    assert item.data.shape_keys is not None
    assert item.data.shape_keys.key_blocks["Smile"].data[0].co.z == pytest.approx(item.data.vertices[0].co.z + 1)


def test_copies_that_share_a_mesh_get_weights_of_their_own() -> None:
    item = add_ball()
    twin = bpy.data.objects.new("Twin", item.data)
    bpy.context.scene.collection.objects.link(twin)
    twin.location.z = 4
    bpy.context.view_layer.update()
    bind(item, twin)
    assert item.data != twin.data
    assert weights_of(item)[:, 1].max() < weights_of(twin)[:, 1].min()


def test_a_linked_mesh_is_refused_before_anything_is_made(tmp_path) -> None:
    add_ball("Linked")
    library = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(library), copy=True)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Linked"]
    item = bpy.data.objects["Linked"]
    bpy.context.scene.collection.objects.link(item)
    with pytest.raises(SceneError, match=r"'Linked' is linked from another file\. Make it local"):
        bind(item)
    assert not bpy.data.armatures


def test_an_armature_made_elsewhere_can_be_bound_too() -> None:
    item = add_ball(matrix=Matrix.Translation((5, 0, 0)))
    armature = write_armature(two_bones(), "Mine")
    before = points_of(item)
    attach([item], armature)
    np.testing.assert_allclose(points_of(item), before, atol=1e-6)
    assert item.parent == armature
