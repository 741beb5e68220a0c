"""Every button of Adjust, with X-mirror on and off, on one side, on both and on the middle."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from blender_tests.clicks import select, select_bones
from bonewright.addon.scene.armatures import write_armature
from bonewright.inference.anatomy import Armature, Symmetry

pytestmark = pytest.mark.usefixtures("extension")

# bone -> parent, head, tail; the left side stands for both
_BONES = {
    "hips": ("", (0, 0, 1), (0, 0.02, 1.2)),
    "spine": ("hips", (0, 0.02, 1.2), (0, 0, 1.5)),
    "upper_arm.L": ("spine", (0.15, 0, 1.45), (0.41, 0.02, 1.44)),
    "forearm.L": ("upper_arm.L", (0.41, 0.02, 1.44), (0.65, 0, 1.42)),
    "hand.L": ("forearm.L", (0.65, 0, 1.42), (0.8, 0, 1.41)),
    "thigh.L": ("hips", (0.1, 0, 0.95), (0.12, -0.02, 0.5)),
    "shin.L": ("thigh.L", (0.12, -0.02, 0.5), (0.13, 0, 0.1)),
}
_FLIP = np.array([-1.0, 1.0, 1.0])
SELECTIONS = {"left": ("upper_arm.L",), "both": ("upper_arm.L", "upper_arm.R"), "middle": ("spine",)}
mirrored = pytest.mark.parametrize("mirror", [True, False])
selections = pytest.mark.parametrize("chosen", SELECTIONS.values(), ids=SELECTIONS)


def edited(*, mirror: bool) -> bpy.types.Armature:
    """A person's armature in edit mode."""
    rows = []
    for name, (parent, head, tail) in _BONES.items():
        rows.append((name, parent, np.array(head), np.array(tail)))
        if name.endswith(".L"):
            above = parent.replace(".L", ".R")
            rows.append((name.replace(".L", ".R"), above, _FLIP * head, _FLIP * tail))
    names = [row[0] for row in rows]
    heads, tails = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
    parents = np.array([names.index(row[1]) if row[1] else -1 for row in rows], np.int32)
    connected = np.array([above >= 0 and np.allclose(heads[k], tails[above]) for k, above in enumerate(parents)])
    count = len(names)
    item = write_armature(
        Armature(
            names=tuple(names),
            parents=parents,
            heads=heads,
            tails=tails,
            rolls=np.zeros(count),
            connected=connected,
            confidence=np.ones(count),
            deform=np.ones(count, bool),
            radii=np.full((count, 2), 0.05),
            symmetry=Symmetry(np.array([1.0, 0.0, 0.0]), 0.0),
        ),
        "Rig",
    )
    select(item)
    assert bpy.ops.bonewright.edit_joints() == {"FINISHED"}
    data = item.data
    assert isinstance(data, bpy.types.Armature)
    assert data.use_mirror_x
    data.use_mirror_x = mirror
    return data


def joints(data: bpy.types.Armature) -> dict[str, np.ndarray]:
    """Bone -> head and tail, (2, 3)."""
    return {bone.name: np.array([bone.head, bone.tail]) for bone in data.edit_bones}


def touched(chosen: tuple[str, ...], *, mirror: bool) -> set[str]:
    """The bones that a button should have changed."""
    return set(chosen) | ({"upper_arm.R"} if mirror and "upper_arm.L" in chosen else set())


def assert_same(places: dict[str, np.ndarray], before: dict[str, np.ndarray], but: set[str] = frozenset()) -> None:
    for name in set(places) & set(before) - but:
        np.testing.assert_allclose(places[name], before[name], atol=1e-6, err_msg=name)


@mirrored
@selections
@pytest.mark.parametrize("count", [2, 3])
def test_split_moves_no_joint(*, mirror: bool, chosen: tuple[str, ...], count: int):
    data = edited(mirror=mirror)
    before = joints(data)
    select_bones(bpy.context.edit_object, *chosen)
    assert bpy.ops.bonewright.split_bones(count=count) == {"FINISHED"}
    places, cut = joints(data), touched(chosen, mirror=mirror)
    assert len(places) == len(before) + (count - 1) * len(cut)
    assert_same(places, before, cut)
    for name in cut:
        stem, side = (name[:-2], name[-2:]) if "." in name else (name, "")
        pieces = [name, *(f"{stem}.{number:03d}{side}" for number in range(1, count))]
        steps = np.linspace(before[name][0], before[name][1], count + 1)
        for piece, start, end in zip(pieces, steps[:-1], steps[1:], strict=True):
            np.testing.assert_allclose(places[piece], [start, end], atol=1e-6, err_msg=piece)
    assert data.use_mirror_x == mirror


@mirrored
@selections
def test_merge_gives_the_parent_the_place_of_the_bone(*, mirror: bool, chosen: tuple[str, ...]):
    lower = {"upper_arm.L": "forearm.L", "upper_arm.R": "forearm.R", "spine": "spine"}
    data = edited(mirror=mirror)
    before = joints(data)
    select_bones(bpy.context.edit_object, *(lower[name] for name in chosen))
    assert bpy.ops.bonewright.merge_bones() == {"FINISHED"}
    places = joints(data)
    gone = {lower[name] for name in touched(chosen, mirror=mirror)}
    assert set(before) - set(places) == gone
    above = {"forearm.L": "upper_arm.L", "forearm.R": "upper_arm.R", "spine": "hips"}
    assert_same(places, before, {above[name] for name in gone})
    for name in gone:
        np.testing.assert_allclose(places[above[name]], [before[above[name]][0], before[name][1]], atol=1e-6)


@mirrored
@selections
def test_remove_leaves_every_other_bone_where_it_was(*, mirror: bool, chosen: tuple[str, ...]):
    data = edited(mirror=mirror)
    before = joints(data)
    select_bones(bpy.context.edit_object, *chosen)
    assert bpy.ops.bonewright.remove_bones() == {"FINISHED"}
    places = joints(data)
    assert set(before) - set(places) == touched(chosen, mirror=mirror)
    assert_same(places, before)


@mirrored
def test_mirror_puts_the_other_side_where_this_one_is(*, mirror: bool):
    data = edited(mirror=mirror)
    data.use_mirror_x = False
    data.edit_bones["upper_arm.L"].tail.z += 0.1  # the elbow, and the connected forearm with it
    data.edit_bones["hand.L"].tail.y -= 0.1
    data.use_mirror_x = mirror
    before = joints(data)
    select_bones(bpy.context.edit_object, "upper_arm.L", "forearm.L", "hand.L")
    assert bpy.ops.bonewright.mirror_bones() == {"FINISHED"}
    places = joints(data)
    for name in ("upper_arm", "forearm", "hand"):
        np.testing.assert_allclose(places[f"{name}.L"], before[f"{name}.L"], atol=1e-6)
        np.testing.assert_allclose(places[f"{name}.R"], before[f"{name}.L"] * _FLIP, atol=1e-6)


@mirrored
@pytest.mark.parametrize("chosen", [SELECTIONS["both"], SELECTIONS["middle"]])
def test_mirror_refuses_both_sides_and_the_middle(*, mirror: bool, chosen: tuple[str, ...]):
    data = edited(mirror=mirror)
    before = joints(data)
    select_bones(bpy.context.edit_object, *chosen)
    with pytest.raises(RuntimeError, match="Select bones of one side"):
        bpy.ops.bonewright.mirror_bones()
    assert_same(joints(data), before)


@mirrored
@selections
def test_lock_and_unlock_reach_the_other_side_only_with_x_mirror(*, mirror: bool, chosen: tuple[str, ...]):
    data = edited(mirror=mirror)
    before = joints(data)
    select_bones(bpy.context.edit_object, *chosen)
    for locked in (True, False):
        assert bpy.ops.bonewright.lock_bones(locked=locked) == {"FINISHED"}
        found = {bone.name for bone in data.edit_bones if "bonewright_locked" in bone}
        assert found == (touched(chosen, mirror=mirror) if locked else set())
    assert_same(joints(data), before)


@mirrored
@selections
def test_snap_to_centre_puts_the_joint_into_the_limb(*, mirror: bool, chosen: tuple[str, ...]):
    data = edited(mirror=mirror)
    rig = bpy.context.edit_object
    bpy.ops.object.mode_set(mode="OBJECT")
    for side in (1, -1):  # limbs whose middle lies behind and above the joints
        bpy.ops.mesh.primitive_cube_add(size=1, location=(0.4 * side, 0.06, 1.46), scale=(0.7, 0.2, 0.2))
        rig.bonewright.meshes.add().item = bpy.context.view_layer.objects.active
    bpy.ops.mesh.primitive_cube_add(size=1, location=(0, 0.06, 1.3), scale=(0.06, 0.3, 0.6))
    rig.bonewright.meshes.add().item = bpy.context.view_layer.objects.active
    select(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    for bone in data.edit_bones:
        bone.select = bone.select_head = bone.select_tail = False
    for name in chosen:
        data.edit_bones[name].select_tail = True
    data.use_mirror_x = mirror
    before = joints(data)
    assert bpy.ops.bonewright.centre_joints() == {"FINISHED"}
    places, moved = joints(data), touched(chosen, mirror=mirror)
    below = {"upper_arm.L": "forearm.L", "upper_arm.R": "forearm.R"}
    assert_same(places, before, moved | {below.get(name, name) for name in moved})
    for name in moved:
        side = {"L": 1.0, "R": -1.0}.get(name[-1], 0.0)
        centre = places[name][1]
        assert centre[1] == pytest.approx(0.06, abs=0.02)
        assert centre[0] == pytest.approx(side * before.get("upper_arm.L")[1][0], abs=0.02)
        if name in below:
            np.testing.assert_allclose(places[below[name]][0], centre, atol=1e-6)
