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


def export_character(
    context: bpy.types.Context,
    armature: bpy.types.Object,
    meshes: Sequence[bpy.types.Object],
    path: Path,
    *,
    animations: bool,
) -> None:
    """Write `armature` and `meshes` to `path` (.glb or .fbx), which appears only once it is whole."""
    check_for_engines(armature)
    leave_modes(context)
    try:
        with _selected(context, [armature, *meshes]), written_whole(path) as part:
            if path.suffix == ".glb":
                write_by("export_scene.gltf", part, export_animations=animations, **_GLTF)
            else:
                write_by("export_scene.fbx", part, bake_anim=animations, **_FBX)
    except (RuntimeError, OSError) as error:
        raise FileError(f"'{path}' cannot be written: {str(error).strip().splitlines()[-1]}") from error


def check_for_engines(armature: bpy.types.Object) -> None:
    """Refuse what engines would trip over."""
    roots = [bone.name for bone in armature_data(armature).bones if bone.parent is None and _deforms(bone)]
    if not roots:
        raise SceneError(f"'{armature.name}' has no bone that deforms a mesh. Switch Deform on for some.")
    if len(roots) > 1:
        raise SceneError(
            f"'{armature.name}' has {len(roots)} roots ({', '.join(roots[:3])}). Engines want one: parent the others."
        )
    scale = armature.matrix_world.to_scale()
    if max(abs(part - 1.0) for part in scale) > 1e-4:
        raise SceneError(f"'{armature.name}' is scaled. Apply the scale of armature and meshes first (Ctrl A).")


def _deforms(bone: bpy.types.Bone) -> bool:
    return bone.use_deform or any(_deforms(child) for child in bone.children)


@contextmanager
def _selected(context: bpy.types.Context, items: Sequence[bpy.types.Object]) -> Iterator[None]:
    """Select exactly `items` for a moment."""
    layer = context.view_layer
    active, before = layer.objects.active, [item for item in layer.objects if item.select_get()]
    hidden = [item.name for item in items if item.name not in layer.objects or not item.visible_get()]
    if hidden:
        raise SceneError(f"'{hidden[0]}' is hidden. Show what is to be exported.")
    try:
        for item in layer.objects:
            item.select_set(item in items)
        layer.objects.active = items[0]
        yield
    finally:
        for item in layer.objects:
            item.select_set(item in before)
        layer.objects.active = active
