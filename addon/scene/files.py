"""Files <-> the scene: open a file for rigging, save the result."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...inference.errors import FileError, WriteError
from ..compat import exporters, importers
from ..errors import SceneError


def open_file(path: Path) -> list[bpy.types.Object]:
    """Empty Blender, read `path` into it and return the meshes to rig. Raises FileError or SceneError."""
    if path.stat().st_size == 0:
        raise FileError(f"'{path.name}' is empty. Export it again.")
    reader = importers().get(path.suffix.lower())
    if reader is None:
        raise FileError(
            f"Blender {bpy.app.version_string} cannot read '{path.suffix}' files. Convert '{path.name}' to glb first."
        )
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    try:
        reader(path)
    except (RuntimeError, OSError) as error:  # operators turn whatever happens inside them into a RuntimeError
        raise FileError(f"'{path.name}' cannot be read: {_first_line(error)}. Export it again.") from error
    return rigged_meshes(path.name)


def save_file(place: Path, path: Path) -> None:
    """Write the scene to `place`, which is about to become `path`, in the format that `path` ends with."""
    try:
        # glTF can hold the result of modifiers or shape keys, not both; the other formats look after themselves
        exporters()[path.suffix](place, **({} if path.suffix != ".glb" else {"export_apply": not _shape_keys()}))
    except (RuntimeError, OSError) as error:
        raise WriteError(f"'{path}' cannot be written: {_first_line(error)}.") from error
    if not place.is_file() or place.stat().st_size == 0:
        raise WriteError(f"'{path}' cannot be written. Check the folder's permissions and the space left.")


def rigged_meshes(file_name: str) -> list[bpy.types.Object]:
    """The visible meshes with faces, without the widgets that stand for bones; all of them are one character."""
    widgets = {
        bone.custom_shape.name
        for item in bpy.context.scene.objects
        if item.pose is not None
        for bone in item.pose.bones
        if bone.custom_shape is not None
    }
    meshes = [item for item in bpy.context.scene.objects if item.type == "MESH" and item.name not in widgets]
    if not meshes:
        raise SceneError(f"'{file_name}' has no mesh. Export the character's meshes with it.")
    visible = [item for item in meshes if item.visible_get()]
    if not visible:
        raise SceneError(f"All meshes of '{file_name}' are hidden. Show those to rig and save it again.")
    solid = [item for item in visible if isinstance(item.data, bpy.types.Mesh) and len(item.data.polygons)]
    if not solid:
        raise SceneError(f"'{visible[0].name}' in '{file_name}' has no faces. Export a mesh with faces.")
    return solid


def _shape_keys() -> bool:
    """Whether a mesh has shape keys."""
    meshes = [item.data for item in bpy.context.scene.objects if isinstance(item.data, bpy.types.Mesh)]
    return any(mesh.shape_keys is not None for mesh in meshes)


def old_armatures() -> list[bpy.types.Object]:
    """Every armature object of the scene."""
    return [item for item in bpy.context.scene.objects if item.type == "ARMATURE"]


def _first_line(error: Exception) -> str:
    """What Blender said, without a traceback: its first line, or, of an operator written in Python, the exception."""
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("Location:")] or [type(error).__name__]
    return (said[-1] if said[0].startswith("Error: Python") else said[0]).removeprefix("Error: ").rstrip(".")
