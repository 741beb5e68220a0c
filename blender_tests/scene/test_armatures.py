"""Armature -> armature object -> Armature."""

from __future__ import annotations

import dataclasses

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix

from blender_tests.scenes import add_ball, tree, two_bones
from bonewright.addon.scene.armatures import read_armature, write_armature
from bonewright.inference.anatomy import Armature
from bonewright.inference.errors import BadArmatureError
from bonewright.inference.frames import Frame

pytestmark = pytest.mark.usefixtures("blender")


def by_name(armature: Armature) -> np.ndarray:
    return np.array([armature.names.index(name) for name in sorted(armature.names)])


def parents(armature: Armature) -> dict[str, str | None]:
    return {
        name: armature.names[parent] if parent >= 0 else None
        for name, parent in zip(armature.names, armature.parents, strict=True)
    }


TURNED = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # left at -Y: looks to -X


@pytest.mark.parametrize("axes", [np.eye(3), TURNED])
@pytest.mark.parametrize("origin", [(0.0, 0.0, 0.0), (3.0, -2.0, 1.0)])
def test_an_armature_comes_back_as_it_was_written(origin: tuple[float, float, float], axes: np.ndarray) -> None:
    armature = tree()
    item = write_armature(armature, "Rig", frame=Frame(axes, 1.0, np.array(origin)))
    np.testing.assert_allclose(np.array(item.matrix_world)[:3, :3], axes.T, atol=1e-6)
    np.testing.assert_allclose(np.array(item.location), origin)
    back = read_armature(item)
    there, here = by_name(armature), by_name(back)
    for field in ("heads", "tails", "radii", "confidence"):
        np.testing.assert_allclose(getattr(back, field)[here], getattr(armature, field)[there], atol=1e-6)
    turn = back.rolls[here] - armature.rolls[there]
    np.testing.assert_allclose(np.angle(np.exp(1j * turn)), 0, atol=1e-4)
    np.testing.assert_array_equal(back.connected[here], armature.connected[there])
    np.testing.assert_array_equal(back.deform[here], armature.deform[there])
    assert parents(back) == parents(armature)
    assert back.kind == armature.kind
    assert back.symmetry is not None
    assert back.symmetry.offset == pytest.approx(0.25)
    np.testing.assert_allclose(back.symmetry.normal, (1, 0, 0), atol=1e-6)


def test_parents_come_before_their_children() -> None:
    back = read_armature(write_armature(tree(60, seed=3), "Rig"))
    assert all(parent < place for place, parent in enumerate(back.parents))


def test_a_turned_and_scaled_armature_object_is_read_in_world_coordinates() -> None:
    item = write_armature(two_bones(), "Rig")
    item.matrix_world = Matrix.LocRotScale((1, 2, 3), Euler((0, np.pi / 2, 0)), (2, 2, 2))
    bpy.context.view_layer.update()
    back = read_armature(item)
    np.testing.assert_allclose(back.tails[back.names.index("upper")], (3, 2, 3), atol=1e-5)
    np.testing.assert_allclose(back.lengths, 2, atol=1e-5)
    np.testing.assert_allclose(back.radii, 0.6, atol=1e-5)


def test_rolls_are_read_in_world_coordinates() -> None:
    armature = dataclasses.replace(two_bones(), rolls=np.array([0.3, -0.8]))
    item = write_armature(armature, "Rig")
    item.matrix_world = Matrix.Rotation(0.5, 4, "Z")  # bones point up: the turn adds to the roll's frame
    bpy.context.view_layer.update()
    again = read_armature(write_armature(read_armature(item), "Applied"))
    frames = [bpy.data.objects[name].matrix_world @ bone.matrix_local for name, bone in _bones(("Rig", "Applied"))]
    np.testing.assert_allclose(np.array(frames[0]), np.array(frames[2]), atol=1e-5)
    np.testing.assert_allclose(np.array(frames[1]), np.array(frames[3]), atol=1e-5)
    assert set(again.names) == {"lower", "upper"}


def _bones(names: tuple[str, str]) -> list[tuple[str, bpy.types.Bone]]:
    return [(name, bone) for name in names for bone in bpy.data.armatures[name].bones]


def test_bones_are_sorted_into_coloured_collections_by_limb_and_side() -> None:
    names = ("spine", "upper_arm.L", "thigh.R", "tail.002", "thing")
    count = len(names)
    armature = dataclasses.replace(tree(count), names=names, connected=np.zeros(count, bool))
    data = write_armature(armature, "Rig").data
    assert isinstance(data, bpy.types.Armature)
    groups = {name: [group.name for group in data.bones[name].collections] for name in names}
    assert groups == {
        "spine": ["Torso"],
        "upper_arm.L": ["Arm.L"],
        "thigh.R": ["Leg.R"],
        "tail.002": ["Tail"],
        "thing": ["Other"],
    }
    assert data.bones["upper_arm.L"].color.palette != data.bones["thigh.R"].color.palette


def test_writing_leaves_selection_and_active_object_alone() -> None:
    first, second = add_ball("First"), add_ball("Second")
    first.select_set(state=True)
    second.select_set(state=False)
    bpy.context.view_layer.objects.active = second
    write_armature(two_bones(), "Rig")
    assert bpy.context.view_layer.objects.active == second
    assert [item.name for item in bpy.context.view_layer.objects if item.select_get()] == ["First"]


def test_a_bone_that_blender_would_drop_is_refused_by_name() -> None:
    tiny = dataclasses.replace(two_bones(), tails=np.array([[0, 0, 0.0], [0, 0, 1e-7]]))
    with pytest.raises(BadArmatureError, match=r"'upper'.*Scale the mesh up"):
        write_armature(tiny, "Rig")
    assert not bpy.data.armatures


def test_what_is_no_armature_or_has_no_bones_is_refused() -> None:
    with pytest.raises(BadArmatureError, match="'Ball' is not an armature"):
        read_armature(add_ball())
    empty = bpy.data.objects.new("Empty", bpy.data.armatures.new("Empty"))
    with pytest.raises(BadArmatureError, match="'Empty' has no bones"):
        read_armature(empty)
