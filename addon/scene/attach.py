"""Meshes <-> their armature: parents and modifiers. The geometry is never touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy
from mathutils import Matrix

from ...inference.anatomy import Rig
from ...inference.rigging.standing.ground import ground_frame
from ..errors import SceneError
from .armatures import write_armature
from .meshes import SceneMesh
from .objects import remove_with_data
from .weights import write_weights


def apply_rig(
    rig: Rig,
    source: SceneMesh,
    name: str,
    collection: bpy.types.Collection | None = None,
    replaced: Sequence[bpy.types.Object] = (),
) -> bpy.types.Object:
    """Put `rig` into the scene: the armature, and, when it is bound, groups, modifiers and parents of the meshes.

    `replaced` are armatures about to be removed: their children become children of the new one.
    """
    objects = [bpy.data.objects[part.name] for part in source.parts]
    if rig.skin is not None:
        check_writable(objects)
    armature = write_armature(rig.armature, name, collection, ground_frame(rig, source.mesh))
    if rig.skin is not None:
        own_their_meshes(objects)
        write_weights(rig.armature, rig.skin, source.parts)
        attach(objects, armature, replaced)
    return armature


def check_writable(objects: Sequence[bpy.types.Object]) -> None:
    """Refuse what Blender would not let us bind, before anything is changed."""
    for item in objects:
        if item.library is not None or item.data is None or item.data.library is not None:
            raise SceneError(f"'{item.name}' is linked from another file. Make it local, then bind it.")


def attach(
    objects: Sequence[bpy.types.Object], armature: bpy.types.Object, replaced: Sequence[bpy.types.Object] = ()
) -> None:
    """Make `armature` move `objects`, which stay exactly where they are.

    A parent that all of them share becomes the armature's, so that it still carries the whole; parents that differ
    are kept, since the modifier alone is enough to move a mesh.
    """
    outside = [item for item in objects if item.parent not in objects]
    above = {_parent_beyond(item, [armature, *replaced]) for item in outside}
    if armature.parent is None and len(above) == 1:
        _set_parent(armature, above.pop())
    for item in outside:
        if item.parent is None or item.parent == armature.parent or item.parent in replaced:
            _set_parent(item, armature)
    for item in objects:
        add_armature_modifier(item, armature)


def _parent_beyond(item: bpy.types.Object, armatures: Sequence[bpy.types.Object]) -> bpy.types.Object | None:
    parent = item.parent
    while parent is not None and parent in armatures:
        parent = parent.parent
    return parent


def add_armature_modifier(item: bpy.types.Object, armature: bpy.types.Object) -> bpy.types.ArmatureModifier:
    """The one armature modifier for `armature`: after the last mirror, before anything that adds detail."""
    for modifier in item.modifiers:
        if isinstance(modifier, bpy.types.ArmatureModifier) and modifier.object in (armature, None):
            modifier.object = armature
            return modifier
    modifier = item.modifiers.new("Armature", "ARMATURE")
    if not isinstance(modifier, bpy.types.ArmatureModifier):
        raise TypeError(f"'{item.name}' takes no armature modifier.")
    modifier.object = armature
    mirrors = [place for place, other in enumerate(item.modifiers) if other.type == "MIRROR"]
    item.modifiers.move(len(item.modifiers) - 1, mirrors[-1] + 1 if mirrors else 0)
    return modifier


def own_their_meshes(objects: Sequence[bpy.types.Object]) -> None:
    """Give each object a mesh of its own: weights live in the mesh, and copies stand elsewhere among the bones."""
    for item in objects:
        data = item.data
        if data is not None and data.users - data.use_fake_user > 1:
            item.data = data.copy()


def _set_parent(item: bpy.types.Object, parent: bpy.types.Object | None) -> None:
    """Change the parent; the world matrix stays to the last bit of shear, since only the parent inverse changes."""
    bpy.context.view_layer.update()
    world, basis = item.matrix_world.copy(), item.matrix_basis.copy()
    above = parent.matrix_world if parent is not None else Matrix()
    item.parent, item.parent_type = parent, "OBJECT"
    if parent is None or abs(basis.determinant()) < 1e-30 or abs(above.determinant()) < 1e-30:
        item.matrix_parent_inverse = Matrix()
        item.matrix_world = world
    else:
        item.matrix_parent_inverse = above.inverted() @ world @ basis.inverted()
    bpy.context.view_layer.update()


def remove_armatures(armatures: Sequence[bpy.types.Object]) -> None:
    """Remove armature objects and what they left on meshes: modifiers and the groups of their bones.

    Groups that a deforming bone of another armature uses under the same name stay.
    """
    gone = {bone.name for item in armatures for bone in _bones(item)}
    meshes = [
        item for item in bpy.data.objects if any(_armature_of(modifier) in armatures for modifier in item.modifiers)
    ]
    for item in meshes:
        for modifier in [other for other in item.modifiers if _armature_of(other) in armatures]:
            item.modifiers.remove(modifier)
        used = {bone.name for modifier in item.modifiers for bone in _bones(_armature_of(modifier))}
        for group in [other for other in item.vertex_groups if other.name in gone - used]:
            item.vertex_groups.remove(group)
    for child in [item for item in bpy.data.objects if item.parent in armatures]:
        _set_parent(child, _parent_beyond(child, armatures))
    for item in armatures:
        remove_with_data(item)


def _armature_of(modifier: bpy.types.Modifier) -> bpy.types.Object | None:
    return modifier.object if isinstance(modifier, bpy.types.ArmatureModifier) else None


def _bones(item: bpy.types.Object | None) -> Iterable[bpy.types.Bone]:
    return item.data.bones if item is not None and isinstance(item.data, bpy.types.Armature) else ()
