"""One character to a file that game engines import without complaint: one root, unit scale, no leaf bones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bpy

from ....inference.errors import FileError
from ....inference.files import written_whole
from ...compat import write_by
from ...errors import SceneError
from ...typed import armature_data
from ..selecting import leave_modes
from .converted import AS_IT_IS, Manner, converted
from .vrm import add_vrm

_GLTF: dict[str, object] = {
    "export_format": "GLB",
    "use_selection": True,
    "export_def_bones": True,
    "export_leaf_bone": False,
    "export_yup": True,
    "export_rest_position_armature": True,
}
_FBX: dict[str, object] = {
    "use_selection": True,
    "object_types": {"ARMATURE", "MESH"},
    "use_armature_deform_only": True,
    "add_leaf_bones": False,
    "apply_unit_scale": True,
    "apply_scale_options": "FBX_SCALE_ALL",  # metres in the file, so that engines show a scale of 1
    "axis_forward": "-Z",
    "axis_up": "Y",
    "mesh_smooth_type": "FACE",
    "path_mode": "COPY",
    "embed_textures": True,
    "bake_anim_use_all_bones": True,
    "bake_anim_simplify_factor": 0.0,
}
# A converted character has its clips in tracks of its own; the originals, which look alike, are not to be written.
_GLTF_TRACKS: dict[str, object] = {"export_animation_mode": "NLA_TRACKS"}
_FBX_TRACKS: dict[str, object] = {"bake_anim_use_all_actions": False, "bake_anim_use_nla_strips": True}


def export_character(
    context: bpy.types.Context,
    armature: bpy.types.Object,
    meshes: Sequence[bpy.types.Object],
    path: Path,
    *,
    animations: bool,
    manner: Manner = AS_IT_IS,
) -> None:
    """Write `armature` and `meshes` to `path` (.glb, .vrm or .fbx), which appears only once it is whole."""
    check_for_engines(armature, roots_below_one=manner.root)
    leave_modes(context)
    check_shown(context, [armature, *meshes])
    try:
        with (
            converted(context, armature, meshes, manner, animations=animations) as (rig, parts),
            _selected(context, [rig, *parts]),
            _unit(context.scene, manner.scale),
            written_whole(path) as part,
        ):
            if path.suffix in (".glb", ".vrm"):
                clips = {} if manner == AS_IT_IS else _GLTF_TRACKS
                plain = part.with_suffix(".glb")  # by which Blender goes
                moving = animations and path.suffix == ".glb"  # VRM has no clips
                try:
                    write_by("export_scene.gltf", plain, export_animations=moving, **_GLTF, **clips)
                    add_vrm(plain, part, armature, rig, manner.scale)
                finally:
                    if plain != part:
                        plain.unlink(missing_ok=True)
            else:
                clips = {} if manner == AS_IT_IS else _FBX_TRACKS
                write_by("export_scene.fbx", part, bake_anim=animations, **_FBX, **clips)
    except (RuntimeError, OSError) as error:
        raise FileError(f"'{path}' cannot be written: {str(error).strip().splitlines()[-1]}") from error


def check_for_engines(armature: bpy.types.Object, *, roots_below_one: bool = False) -> None:
    """Refuse what engines would trip over; `roots_below_one`: another bone will hold them all."""
    roots = [bone.name for bone in armature_data(armature).bones if bone.parent is None and _deforms(bone)]
    if not roots:
        raise SceneError(f"'{armature.name}' has no bone that deforms a mesh. Switch Deform on for some.")
    if len(roots) > 1 and not roots_below_one:
        raise SceneError(
            f"'{armature.name}' has {len(roots)} roots ({', '.join(roots[:3])}). Engines want one: parent the others."
        )
    scale = armature.matrix_world.to_scale()
    if max(abs(part - 1.0) for part in scale) > 1e-4:
        raise SceneError(f"'{armature.name}' is scaled. Apply the scale of armature and meshes first (Ctrl A).")


def _deforms(bone: bpy.types.Bone) -> bool:
    return bone.use_deform or any(_deforms(child) for child in bone.children)


def check_shown(context: bpy.types.Context, items: Sequence[bpy.types.Object]) -> None:
    """Refuse what exporters would leave out without a word."""
    layer = context.view_layer
    hidden = [item.name for item in items if item.name not in layer.objects or not item.visible_get()]
    if hidden:
        raise SceneError(f"'{hidden[0]}' is hidden. Show what is to be exported.")


@contextmanager
def _unit(scene: bpy.types.Scene, scale: float) -> Iterator[None]:
    """Tell the scene for a moment how long its unit is: FBX notes it, so that importers show the same size."""
    before = scene.unit_settings.scale_length
    scene.unit_settings.scale_length = before / scale
    try:
        yield
    finally:
        scene.unit_settings.scale_length = before


@contextmanager
def _selected(context: bpy.types.Context, items: Sequence[bpy.types.Object]) -> Iterator[None]:
    """Select exactly `items` for a moment."""
    layer = context.view_layer
    active, before = layer.objects.active, [item for item in layer.objects if item.select_get()]
    try:
        for item in layer.objects:
            item.select_set(item in items)
        layer.objects.active = items[0]
        yield
    finally:
        for item in layer.objects:
            item.select_set(item in before)
        layer.objects.active = active
