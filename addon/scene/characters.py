"""What the selection means: the meshes of one character, and the armature that moves them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy

from ..errors import SceneError
from ..typed import armature_data, record_of


def selected_meshes(context: bpy.types.Context) -> list[bpy.types.Object]:
    """The meshes of the selected character: those selected, else those of the active armature. Sorted by name."""
    chosen = [item for item in context.selected_objects if item.type == "MESH" and not is_preview(item)]
    active = context.active_object
    if not chosen and active is not None and active.type == "MESH" and not is_preview(active):
        chosen = [active]  # in edit mode nothing else need be selected
    if not chosen:
        armature = active_armature(context)
        chosen = meshes_of(armature) if armature is not None else []
    return sorted(chosen, key=lambda item: item.name)


def active_armature(context: bpy.types.Context) -> bpy.types.Object | None:
    """The armature at hand: the active object, or what moves the active mesh."""
    active = context.active_object
    if active is None:
        return None
    if active.type == "ARMATURE":
        return active
    return next(iter([*armatures_of([active]), *armatures_for([active])]), None)


def armatures_of(meshes: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    """The armatures that move `meshes`, each once."""
    found = [
        modifier.object
        for item in meshes
        for modifier in item.modifiers
        if isinstance(modifier, bpy.types.ArmatureModifier) and modifier.object is not None
    ]
    return list(dict.fromkeys(found))


def armatures_for(meshes: Sequence[bpy.types.Object]) -> list[bpy.types.Object]:
    """The armatures that were made here for some of `meshes`, bound or not."""
    made = [item for item in bpy.data.objects if item.type == "ARMATURE" and record_of(item).made]
    return [item for item in made if any(mesh in meshes for mesh in meshes_of(item))]


def meshes_of(armature: bpy.types.Object) -> list[bpy.types.Object]:
    """The meshes that `armature` moves or was made for."""
    moved = [item for item in bpy.data.objects if item.type == "MESH" and armature in armatures_of([item])]
    return list(dict.fromkeys([*_links(armature), *moved]))


def rig_name(
    context: bpy.types.Context, meshes: Sequence[bpy.types.Object], replaced: Sequence[bpy.types.Object]
) -> str:
    """What a new armature of `meshes` is called: as the one of a mesh that it replaces, else after the active mesh."""
    for old in replaced:
        if not record_of(old).seen:
            return old.name
    active = context.active_object
    named = active if active is not None and active in meshes else meshes[0]
    return f"{named.name.removesuffix('_rig')}_rig"


def is_bound(armature: bpy.types.Object, meshes: Sequence[bpy.types.Object]) -> bool:
    """`armature` moves every one of `meshes`."""
    return bool(meshes) and all(armature in armatures_of([item]) for item in meshes)


def edited_armature(context: bpy.types.Context) -> bpy.types.Object:
    """The armature in edit mode."""
    item = context.edit_object
    if item is None or item.type != "ARMATURE":
        raise SceneError("No armature is in edit mode. Press Edit Joints first.")
    return item


def check_local(armature: bpy.types.Object) -> None:
    """Refuse what Blender would not let us change."""
    if armature.library is not None or armature_data(armature).library is not None:
        raise SceneError(f"'{armature.name}' is linked from another file. Make it local first.")


def is_preview(item: bpy.types.Object) -> bool:
    """Something that Bonewright made to look at."""
    return "bonewright_look" in item


def _links(armature: bpy.types.Object) -> list[bpy.types.Object]:
    return [link.item for link in record_of(armature).meshes if link.item is not None]
