"""A picture of a rig: the mesh, the skeleton inside it, and a test pose."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from ....inference.anatomy import Armature, Pose
from ....inference.errors import FileError
from ....inference.rigging.bones.names import side_of
from ...compat import WORKBENCH, put
from ..armatures import read_armature
from ..meshes import read_mesh
from ..poses.trial_pose import clear_pose, set_trial_pose

PANEL = (560, 640)  # pixels, width and height
_PAPER = (0.93, 0.93, 0.92)
_CLAY = (0.55, 0.57, 0.60, 1.0)
_GLASS = (0.55, 0.57, 0.60, 0.35)
_SIDES = {"L": (0.05, 0.30, 0.90, 1.0), "R": (0.90, 0.10, 0.08, 1.0), "": (0.95, 0.62, 0.02, 1.0)}


def take_picture(path: Path, armature: bpy.types.Object, objects: Sequence[bpy.types.Object], pose: Pose) -> None:
    """Draw three panels side by side into a PNG. Leaves a studio behind in the scene: save first."""
    scene = bpy.context.scene
    _set_up(scene)
    _frame(scene, read_mesh(objects).mesh.vertices, pose)
    bones = _bone_objects(read_armature(armature))
    with tempfile.TemporaryDirectory() as folder:
        panels = [Path(folder) / f"{number}.png" for number in range(3)]
        _show(bones, visible=False)
        _paint(objects, _CLAY)
        _render(scene, panels[0])
        set_trial_pose(armature, pose)
        _render(scene, panels[2])
        clear_pose(armature)
        _show(bones, visible=True)
        _paint(objects, _GLASS)
        _render(scene, panels[1])
        _join(panels, path)


def _set_up(scene: bpy.types.Scene) -> None:
    """Workbench with clay and outlines: it needs neither materials nor lights."""
    width, height = PANEL
    put(scene.render, engine=WORKBENCH, resolution_x=width, resolution_y=height, resolution_percentage=100)
    put(scene.render, use_compositing=False, use_sequencer=False)
    put(scene.render.image_settings, file_format="PNG", color_mode="RGB")
    put(scene.view_settings, view_transform="Standard")
    scene.world = bpy.data.worlds.new("Paper")
    put(scene.world, color=_PAPER)
    put(scene.display, render_aa="8")
    put(scene.display and scene.display.shading, light="STUDIO", color_type="OBJECT")
    put(scene.display and scene.display.shading, show_cavity=True, show_object_outline=True)


def _frame(scene: bpy.types.Scene, vertices: np.ndarray, pose: Pose) -> None:
    """An orthographic camera before the character, a little to its left and a little above."""
    back = pose.forward + 0.75 * pose.left + 0.35 * pose.up
    back /= np.linalg.norm(back)
    right = np.cross(pose.up, back)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(back, right), back])
    seen = vertices[np.isfinite(vertices).all(1)] @ axes.T
    low, high = seen.min(0), seen.max(0)
    width, height = (high - low)[:2]
    depth = max(float((high - low).max()), 1e-12)
    camera = bpy.data.cameras.new("Camera")
    camera.type = "ORTHO"
    camera.sensor_fit = "VERTICAL"
    camera.ortho_scale = 1.35 * max(height, width * PANEL[1] / PANEL[0], 1e-12)
    camera.clip_start, camera.clip_end = 0.1 * depth, 10 * depth
    item = bpy.data.objects.new("Camera", camera)
    scene.collection.objects.link(item)
    place = np.eye(4)
    place[:3, :3] = axes.T
    middle = (low + high) / 2
    middle[2] = high[2] + 2 * depth
    place[:3, 3] = axes.T @ middle
    item.matrix_world = Matrix(place.tolist())
    scene.camera = item


def _bone_objects(armature: Armature) -> list[bpy.types.Object]:
    """One mesh of octahedra for each side, drawn in front of everything."""
    made = []
    for side, colour in _SIDES.items():
        places = [place for place, name in enumerate(armature.names) if side_of(name) == side]
        if not places:
            continue
        corners, faces = _octahedra(armature.heads[places], armature.tails[places])
        data = bpy.data.meshes.new(f"Bones {side}")
        data.from_pydata(corners.tolist(), [], faces.tolist())
        item = bpy.data.objects.new(data.name, data)
        put(item, color=colour, show_in_front=True)
        bpy.context.scene.collection.objects.link(item)
        made.append(item)
    return made


def _octahedra(heads: np.ndarray, tails: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bones (B, 3) as Blender draws them: corners (6 B, 3) and triangles (8 B, 3)."""
    along = tails - heads
    least = np.eye(3)[np.abs(along).argmin(1)]
    side = np.cross(along, least)
    side *= 0.1 * np.linalg.norm(along, axis=1, keepdims=True) / np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(along, side) / np.linalg.norm(along, axis=1, keepdims=True)
    belt = heads + 0.1 * along
    corners = np.stack([heads, tails, belt + side, belt + other, belt - side, belt - other], 1)
    ring = [(2, 3), (3, 4), (4, 5), (5, 2)]
    pattern = np.array([(0, second, first) for first, second in ring] + [(1, first, second) for first, second in ring])
    return corners.reshape(-1, 3), (pattern + 6 * np.arange(len(heads))[:, None, None]).reshape(-1, 3)


def _show(items: Sequence[bpy.types.Object], *, visible: bool) -> None:
    for item in items:
        item.hide_render = not visible


def _paint(items: Sequence[bpy.types.Object], colour: tuple[float, float, float, float]) -> None:
    for item in items:
        put(item, color=colour)


def _render(scene: bpy.types.Scene, path: Path) -> None:
    scene.render.filepath = str(path)
    try:
        bpy.ops.render.render(write_still=True)
    except RuntimeError as error:
        raise FileError(f"The picture cannot be drawn: {error}. Leave out --picture.") from error
    if not path.is_file():
        raise FileError("The picture cannot be drawn: Blender made none. Leave out --picture.")


def _join(panels: Sequence[Path], path: Path) -> None:
    """Put images of one size side by side."""
    width, height = PANEL
    whole = np.empty((height, width * len(panels), 4), np.float32)
    for place, panel in enumerate(panels):
        image = bpy.data.images.load(str(panel))
        pixels = np.empty(4 * width * height, np.float32)
        image.pixels.foreach_get(pixels)
        whole[:, place * width : (place + 1) * width] = pixels.reshape(height, width, 4)
        bpy.data.images.remove(image)
    joined = bpy.data.images.new("Picture", width * len(panels), height)
    joined.pixels.foreach_set(whole.ravel().data)
    joined.file_format = "PNG"
    joined.save(filepath=str(path))
    bpy.data.images.remove(joined)
