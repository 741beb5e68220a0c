"""Armature <-> armature object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ...inference.anatomy import Armature, Symmetry
from ...inference.errors import BadArmatureError
from ...inference.frames import SAME, Frame
from ..compat import bone_collection, paint
from ..errors import SceneError
from ..typed import armature_data
from .bones.groups import group_of, palette_of
from .bones.sides import PLANE, mirror_off, mirror_plane
from .meshes import matrix
from .objects import remove_with_data

SHORTEST_BONE = 2e-6  # Blender drops shorter ones on leaving edit mode, without a word


def write_armature(
    armature: Armature,
    name: str,
    collection: bpy.types.Collection | None = None,
    frame: Frame = SAME,
    labels: Sequence[str] = (),
) -> bpy.types.Object:
    """Make an armature object of `armature` (world coordinates) whose own axes and origin are those of `frame`.

    `labels`, what we would call each bone, tell its group and colour where others named it.
    """
    _check_lengths(armature)
    local = frame.into(armature)
    data = bpy.data.armatures.new(name)
    item = bpy.data.objects.new(name, data)
    try:
        item.location = frame.origin.tolist()
        item.rotation_euler = Matrix(frame.axes.T.tolist()).to_euler()
        (collection or bpy.context.scene.collection).objects.link(item)
        bpy.context.view_layer.update()
        with editing(item):
            _fill(data, local, labels or armature.names)
        if len(data.bones) != len(armature.names):
            raise BadArmatureError(f"Blender kept {len(data.bones)} of the {len(armature.names)} bones of '{name}'.")
        _annotate(data, local, labels or armature.names)
    except BaseException:
        remove_with_data(item)
        raise
    return item


def read_armature(item: bpy.types.Object, world: np.ndarray | None = None) -> Armature:
    """The rest pose of an armature object in world coordinates. Several roots stay several.

    `world` (4, 4) takes the place of the object's own transform: the identity gives its own coordinates.
    """
    data = item.data
    if not isinstance(data, bpy.types.Armature):
        raise BadArmatureError(f"'{item.name}' is not an armature. Pick an armature object.")
    if item.mode == "EDIT":
        item.update_from_editmode()
    bones = list(data.bones)  # parents come before their children
    if not bones:
        raise BadArmatureError(f"'{item.name}' has no bones. Add some, or pick another armature.")
    index = {bone.name: place for place, bone in enumerate(bones)}
    world = matrix(item.matrix_world) if world is None else world
    heads = np.array([bone.head_local for bone in bones], np.float64)
    tails = np.array([bone.tail_local for bone in bones], np.float64)
    scale = abs(np.linalg.det(world[:3, :3])) ** (1 / 3)
    return Armature(
        names=tuple(index),
        parents=np.array([index[bone.parent.name] if bone.parent else -1 for bone in bones], np.int32),
        heads=heads @ world[:3, :3].T + world[:3, 3],
        tails=tails @ world[:3, :3].T + world[:3, 3],
        rolls=np.array([_roll(bone, world) for bone in bones]),
        connected=np.array([bone.use_connect for bone in bones], bool),
        confidence=np.array([float(bone.get("confidence", 1.0)) for bone in bones]),
        deform=np.array([bone.use_deform for bone in bones], bool),
        radii=np.array([(bone.head_radius, bone.tail_radius) for bone in bones], np.float64) * scale,
        kind=str(data.get("bonewright_kind", "object")),
        symmetry=_read_symmetry(data, world),
    )


@contextmanager
def editing(item: bpy.types.Object) -> Iterator[None]:
    """Hold `item` in edit mode; afterwards the active object and the selection are as they were."""
    layer = bpy.context.view_layer
    if item.name not in layer.objects:
        raise SceneError(f"'{item.name}' is not in the current view layer. Show its collection and try again.")
    active, selected = layer.objects.active, [other for other in layer.objects if other.select_get()]
    if active is not None and active.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    for other in selected:
        other.select_set(state=False)
    layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        with mirror_off(armature_data(item)):
            yield
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
        layer.objects.active = active
        item.select_set(state=False)
        for other in selected:
            other.select_set(state=True)


def _check_lengths(armature: Armature) -> None:
    if len(armature.names) and armature.lengths.min() < SHORTEST_BONE:
        bone = armature.names[int(armature.lengths.argmin())]
        raise BadArmatureError(
            f"Bone '{bone}' is {armature.lengths.min():.1e} long, too short for Blender. Scale the mesh up first."
        )


def _fill(data: bpy.types.Armature, armature: Armature, labels: Sequence[str]) -> None:
    """Make the edit bones. A parent's tail may differ from a connected head by rounding: the head gives way."""
    bones = []
    for place, name in enumerate(armature.names):
        bone = data.edit_bones.new(name)
        bone.head = Vector(armature.heads[place])
        bone.tail = Vector(armature.tails[place])
        bone.roll = float(armature.rolls[place])
        if armature.parents[place] >= 0:
            bone.parent = bones[armature.parents[place]]
            bone.use_connect = bool(armature.connected[place])
        bone.use_deform = bool(armature.deform[place])
        bone.head_radius, bone.tail_radius = (float(radius) for radius in armature.radii[place])
        bone.envelope_distance = 0.25 * float(armature.radii[place].mean())
        paint(bone, palette_of(labels[place]))
        bones.append(bone)


def _annotate(data: bpy.types.Armature, armature: Armature, labels: Sequence[str]) -> None:
    for name, label, confidence in zip(armature.names, labels, armature.confidence.tolist(), strict=True):
        bone = data.bones[name]
        bone["confidence"] = confidence
        bone_collection(data, group_of(label)).assign(bone)
    data["bonewright_kind"] = armature.kind
    if armature.symmetry is not None:
        data[PLANE] = [*armature.symmetry.normal.tolist(), armature.symmetry.offset]


def _roll(bone: bpy.types.Bone, world: np.ndarray) -> float:
    """The bone's roll as it would be were the object's transform applied."""
    frame = world[:3, :3] @ matrix(bone.matrix_local)[:3, :3]  # columns are the bone's axes
    along = frame[:, 1] / np.linalg.norm(frame[:, 1])
    across = np.cross(along, frame[:, 2])
    across /= np.linalg.norm(across)
    clean = Matrix(np.column_stack([across, along, np.cross(across, along)]).tolist())
    return float(bpy.types.Bone.AxisRollFromMatrix(clean)[1])


def _read_symmetry(data: bpy.types.Armature, world: np.ndarray) -> Symmetry | None:
    """The plane written with the armature, moved along with the object; none where a skewed scale has broken it."""
    plane, linear = mirror_plane(data) if PLANE in data else None, world[:3, :3]
    if plane is None:
        return None
    scale = float(np.linalg.norm(linear[:, 0]))
    if not np.allclose(linear.T @ linear, scale**2 * np.eye(3), atol=1e-6 * scale**2):
        return None
    normal = linear @ plane.normal / scale
    return Symmetry(normal, float(scale * plane.offset + normal @ world[:3, 3]))
