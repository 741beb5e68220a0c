"""Every difference between Blender versions, in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import bpy

Palette = Literal["DEFAULT", "THEME01", "THEME04", "THEME09", "THEME10"]
WORKBENCH = "BLENDER_WORKBENCH"


def has_operator(path: str) -> bool:
    """Whether this Blender has the operator `path`, such as "wm.obj_import"."""
    module, name = path.split(".")
    try:
        getattr(getattr(bpy.ops, module), name).get_rna_type()
    except (AttributeError, KeyError):
        return False
    return True


def importers() -> dict[str, Callable[[Path], object]]:
    """What this Blender can import: file suffix -> function of the path. Opening a .blend replaces the whole file."""
    found: dict[str, Callable[[Path], object]] = {}
    for suffixes, operator, options in _IMPORTERS:
        for suffix in suffixes.split():
            if suffix not in found and has_operator(operator):
                found[suffix] = _caller(operator, options)
    return found


def exporters() -> dict[str, Callable[..., object]]:
    """What this Blender can export: file suffix -> function of the path and further options of the operator."""
    found: dict[str, Callable[..., object]] = {}
    for suffixes, operator, options in _EXPORTERS:
        for suffix in suffixes.split():
            if has_operator(operator):
                found[suffix] = _caller(operator, options)
    return found


def _caller(operator: str, options: dict[str, object]) -> Callable[..., object]:
    module, name = operator.split(".")

    def call(path: Path, **more: object) -> object:
        function = getattr(getattr(bpy.ops, module), name)
        known = function.get_rna_type().properties.keys()
        return function(
            filepath=str(path), **{key: value for key, value in {**options, **more}.items() if key in known}
        )

    return call


# The first operator that exists serves a suffix; options that a version does not know are left out.
# 4.5 brings a C++ importer for FBX; the one in Python is the only one before.
_IMPORTERS: tuple[tuple[str, str, dict[str, object]], ...] = (
    (".glb .gltf", "import_scene.gltf", {"bone_heuristic": "TEMPERANCE"}),
    (".fbx", "wm.fbx_import", {"use_anim": False}),
    (".fbx", "import_scene.fbx", {"use_anim": False}),
    (".obj", "wm.obj_import", {}),
    (".ply", "wm.ply_import", {}),
    (".stl", "wm.stl_import", {}),
    (".usd .usda .usdc .usdz", "wm.usd_import", {}),
    (".dae", "wm.collada_import", {}),
    (".blend", "wm.open_mainfile", {"load_ui": False, "use_scripts": False}),
)

# One root and no extra leaf bones, as game engines want it; the rest pose only.
_EXPORTERS: tuple[tuple[str, str, dict[str, object]], ...] = (
    (
        ".glb",
        "export_scene.gltf",
        {"export_format": "GLB", "export_animations": False, "export_extras": False, "export_all_influences": True},
    ),
    (
        ".fbx",
        "export_scene.fbx",
        {
            "add_leaf_bones": False,
            "bake_anim": False,
            "path_mode": "COPY",
            "embed_textures": True,
            "object_types": {"ARMATURE", "MESH", "EMPTY", "OTHER"},
        },
    ),
    (".usd .usda .usdc", "wm.usd_export", {"export_armatures": True, "export_shapekeys": True}),
    (".blend", "wm.save_as_mainfile", {"copy": True, "compress": True, "check_existing": False}),
)


def bone_collection(armature: bpy.types.Armature, name: str) -> bpy.types.BoneCollection:
    """The armature's bone collection called `name`, made if missing."""
    # 4.1 made collections nested: `collections` then holds only the top level
    every = armature.collections_all if hasattr(armature, "collections_all") else armature.collections
    return every.get(name) or armature.collections.new(name)


def put(target: object, **values: object) -> None:
    """Set properties of something in Blender whose stubs are too narrow to be told so."""
    for name, value in values.items():
        setattr(target, name, value)


def paint(bone: bpy.types.EditBone | bpy.types.Bone, colour: Palette | tuple[float, float, float]) -> None:
    """Show the bone in one of the theme's colours, or in a colour of its own."""
    shown = bone.color
    if shown is None:
        return
    if isinstance(colour, str):
        shown.palette = colour
        return
    shown.palette = "CUSTOM"
    if shown.custom is not None:
        light = tuple(0.5 + 0.5 * part for part in colour)
        put(shown.custom, normal=colour, select=light, active=(1.0, 1.0, 1.0))


def select_pose_bone(bone: bpy.types.PoseBone, *, chosen: bool) -> None:
    """Select a bone in pose mode; the flag moved from the bone to the pose bone in 5.0."""
    put(bone if hasattr(bone, "select") else bone.bone, select=chosen)


def active_slot(data: bpy.types.AnimData) -> str:
    """Which slot of its action is in use; actions have slots from 4.4 on."""
    slot = getattr(data, "action_slot", None)
    return slot.identifier if slot is not None else ""


def restore_slot(data: bpy.types.AnimData, identifier: str) -> None:
    """Use the slot that `active_slot` told of."""
    for slot in getattr(data.action, "slots", ()):
        if slot.identifier == identifier:
            put(data, action_slot=slot)


def write_by(operator: str, path: Path, **options: object) -> object:
    """Export to `path` by an operator, with those of `options` that this version knows."""
    return _caller(operator, options)(path)


def assign_action(item: bpy.types.Object, action: bpy.types.Action) -> None:
    """Have `item` play `action`; from 4.4 on, in a slot of its own."""
    data = item.animation_data or item.animation_data_create()
    if hasattr(action, "slots"):
        slot = action.slots.new(id_type="OBJECT", name=item.name)
        put(data, action=action)
        put(data, action_slot=slot)
    else:
        put(data, action=action)


def curve_maker(action: bpy.types.Action, item: bpy.types.Object) -> Callable[[str, int, str], bpy.types.FCurve]:
    """A function of path, index and group that makes a curve of the slot that `item` plays."""
    if not hasattr(action, "slots"):
        curves = getattr(action, "fcurves")  # noqa: B009  gone in 5.0
        return lambda path, index, group: curves.new(path, index=index, action_group=group)
    layer = action.layers[0] if len(action.layers) else action.layers.new("Layer")
    strip = layer.strips[0] if len(layer.strips) else layer.strips.new(type="KEYFRAME")
    data = item.animation_data
    bag = getattr(strip, "channelbag")(getattr(data, "action_slot"), ensure=True)  # noqa: B009

    def make(path: str, index: int, group: str) -> bpy.types.FCurve:
        curve = bag.fcurves.new(path, index=index)
        curve.group = bag.groups.get(group) or bag.groups.new(group)
        return curve

    return make


def curves_of(action: bpy.types.Action) -> list[bpy.types.FCurve]:
    """All curves of an action, whatever slot they are for."""
    layers = getattr(action, "layers", ())
    if not layers:
        return list(getattr(action, "fcurves", ()))
    bags = [bag for layer in layers for strip in layer.strips for bag in getattr(strip, "channelbags", ())]
    return [curve for bag in bags for curve in bag.fcurves]


def motion_importers() -> dict[str, Callable[[Path], object]]:
    """What this Blender can read motion from: file suffix -> function of the path."""
    found: dict[str, Callable[[Path], object]] = {}
    for suffixes, operator, options in _MOTION_IMPORTERS:
        for suffix in suffixes.split():
            if suffix not in found and has_operator(operator):
                found[suffix] = _caller(operator, options)
    return found


_MOTION_IMPORTERS: tuple[tuple[str, str, dict[str, object]], ...] = (
    (
        ".bvh",
        "import_anim.bvh",
        {"use_fps_scale": True, "update_scene_fps": False, "update_scene_duration": False, "rotate_mode": "QUATERNION"},
    ),
    (".glb .gltf", "import_scene.gltf", {"bone_heuristic": "TEMPERANCE"}),
    (".fbx", "wm.fbx_import", {"use_anim": True}),
    (".fbx", "import_scene.fbx", {"use_anim": True}),
)
