"""Files of motion -> clips, by Blender's own importers. What they bring into the scene goes again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np

from ....inference.anatomy import Clip
from ....inference.animation.sampled import eulers, moves, quaternions, sampled
from ...compat import curves_of, motion_importers
from ...errors import SceneError
from ...typed import armature_data, numbers, pose_of
from ..armatures import read_armature
from ..meshes import matrix
from .write import rate_of

SUFFIXES = (".bvh", ".fbx", ".glb", ".gltf")
_KEPT = ("frame_start", "frame_end", "frame_current", "use_preview_range", "frame_preview_start", "frame_preview_end")
_ROOMS = ("objects", "armatures", "meshes", "actions", "materials", "images", "textures", "cameras", "lights",
          "curves", "collections", "node_groups", "shape_keys")  # fmt: skip


def read_clips(context: bpy.types.Context, path: Path) -> list[Clip]:
    """The motions in a file, one for each action on an armature; the scene is as it was."""
    known = motion_importers()
    if path.suffix.lower() not in SUFFIXES:
        raise SceneError(f"'{path.name}' is no motion that can be read. Choose a .bvh, .fbx, .glb or .gltf file.")
    if path.suffix.lower() not in known:
        raise SceneError(f"The importer for {path.suffix} is switched off. Switch it on in the preferences, Add-ons.")
    if not path.is_file():
        raise SceneError(f"'{path}' is not there. Choose the file again.")
    with _passing(context):
        before = set(bpy.data.actions)
        try:
            known[path.suffix.lower()](path)
        except RuntimeError as error:
            raise SceneError(f"'{path.name}' cannot be read: {str(error).removeprefix('Error:').strip()}") from error
        actions = [action for action in bpy.data.actions if action not in before]
        clips = [clip for action in actions if (clip := _clip_of(context.scene, action, path.stem, len(actions)))]
    moving = [clip for clip in clips if moves(clip)]
    clips = moving or clips
    if not clips:
        raise SceneError(f"'{path.name}' has no motion of an armature. Export it with its animation.")
    return clips


@contextmanager
def _passing(context: bpy.types.Context) -> Iterator[None]:
    """What is imported meanwhile is removed; selection and frames are as they were."""
    scene, layer = context.scene, context.view_layer
    kept = {name: getattr(scene, name) for name in _KEPT}
    fps = scene.render.fps, scene.render.fps_base
    active, selected = layer.objects.active, [item for item in layer.objects if item.select_get()]
    before = {room: set(getattr(bpy.data, room)) for room in _ROOMS}
    try:
        yield
    finally:
        for room in _ROOMS:
            found = getattr(bpy.data, room)
            for block in [block for block in found if block not in before[room]]:
                if hasattr(found, "remove"):
                    found.remove(block)
        scene.render.fps, scene.render.fps_base = fps
        for name, value in kept.items():
            setattr(scene, name, value)
        for item in layer.objects:
            item.select_set(item in selected)
        layer.objects.active = active


def _clip_of(scene: bpy.types.Scene, action: bpy.types.Action, stem: str, count: int) -> Clip | None:
    """The clip that an action makes of the armature whose bones it moves; None where there is none."""
    curves: dict[str, dict[str, dict[int, bpy.types.FCurve]]] = {}
    for curve in curves_of(action):
        bone, _, rest = curve.data_path.removeprefix('pose.bones["').partition('"].')
        own = curve.data_path.startswith("pose.bones")
        channel = rest if own else curve.data_path
        curves.setdefault(bone if own else "", {}).setdefault(channel, {})[curve.array_index] = curve
    item = max(
        (item for item in bpy.data.objects if item.type == "ARMATURE"),
        key=lambda item: sum(name in armature_data(item).bones for name in curves),
        default=None,
    )
    if item is None or not any(name in armature_data(item).bones for name in curves):
        return None
    start, stop = (round(float(value)) for value in action.frame_range)
    frames = np.arange(start, max(stop, start) + 1)
    bones = armature_data(item).bones
    rests = np.array([matrix(bone.matrix_local) for bone in bones])
    basis = np.array([_basis(curves.get(bone.name, {}), pose_of(item).bones[bone.name], frames) for bone in bones])
    world = np.tile(matrix(item.matrix_world), (len(frames), 1, 1))
    if "" in curves and set(curves[""]) & {"location", "rotation_euler", "rotation_quaternion"} and item.parent is None:
        world = _basis(curves[""], item, frames)
    armature = read_armature(item)
    name = stem if count == 1 else f"{stem} {action.name}"
    turns, heads = sampled(armature.parents, rests, basis, world, matrix(item.matrix_world))
    marks = tuple((round(marker.frame - start), marker.name) for marker in action.pose_markers)
    return Clip(name, armature, turns, heads, rate_of(scene), marks)


def _basis(
    curves: dict[str, dict[int, bpy.types.FCurve]], owner: bpy.types.PoseBone | bpy.types.Object, frames: np.ndarray
) -> np.ndarray:
    """The transform of a bone or an object in each frame, (T, 4, 4)."""

    def values(channel: str, usual: Sequence[float]) -> np.ndarray:
        columns = []
        for index, stays in enumerate(usual):
            curve = curves.get(channel, {}).get(index)
            columns.append([curve.evaluate(frame) for frame in frames] if curve else np.full(len(frames), stays))
        return np.stack([np.asarray(column, float) for column in columns], 1)

    result = np.tile(np.eye(4), (len(frames), 1, 1))
    if owner.rotation_mode == "QUATERNION":
        turns = quaternions(values("rotation_quaternion", numbers(owner.rotation_quaternion)))
    else:
        order = owner.rotation_mode if owner.rotation_mode != "AXIS_ANGLE" else "XYZ"
        turns = eulers(values("rotation_euler", numbers(owner.rotation_euler)), order)
    result[:, :3, :3] = turns * values("scale", numbers(owner.scale))[:, None, :]
    result[:, :3, 3] = values("location", numbers(owner.location))
    return result
