"""What is seen from the 3D view or the camera -> a picture, and where it was taken from.

The picture is drawn from the evaluated meshes alone: without a window, a GPU, a render engine or anything put into the
user's file. It is lit like the pictures that networks learn from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import bpy
import numpy as np

from ....inference.images.drawing import Drawing, draw
from ....inference.images.viewpoint import Viewpoint, aimed_at, narrowed_to, viewpoint_of
from ...errors import SceneError
from ...typed import numbers
from ..characters import is_preview
from ..meshes import matrix

Source = Literal["VIEW", "CAMERA"]
PIXELS = 224  # of the picture's longer side
SMALLEST = 1e-9  # in units of the scene: nothing smaller is looked at
GEOMETRY = ("MESH", "CURVE", "SURFACE", "FONT", "META")  # what can be seen and has a surface
_LINES = ("WIRE", "BOUNDS")  # ways of showing an object through which one looks
_GREY = (0.8, 0.8, 0.8)  # without a material


@dataclass(frozen=True)
class Sighting:
    """A picture of something in the scene."""

    picture: np.ndarray  # (H, W, 4) uint8
    viewpoint: Viewpoint  # that took it
    depth: float  # of the middle of what is seen
    names: tuple[str, ...]  # objects that are seen, those that fill most of the picture first


@dataclass(frozen=True)
class _Surfaces:
    """Triangles of several objects in world coordinates."""

    vertices: np.ndarray  # (V, 3)
    triangles: np.ndarray  # (F, 3)
    colours: np.ndarray  # (F, 3) linear
    owner: np.ndarray  # (F,) whose, a place in `names`
    names: tuple[str, ...]


def see_objects(context: bpy.types.Context, source: Source, objects: Sequence[bpy.types.Object]) -> Sighting:
    """A picture of `objects` alone, straight at them from the side that they are seen from."""
    names = {item.name for item in objects}
    surfaces = _read(context, lambda owner, _: owner.name in names)
    if surfaces is None:
        raise SceneError(f"'{objects[0].name}' has no faces that could be seen. Select something with a surface.")
    points = surfaces.vertices[np.unique(surfaces.triangles)]
    if np.ptp(points, axis=0).max() < SMALLEST:
        raise _unseen(surfaces)
    viewpoint, depth = aimed_at(points, viewpoint_from(context, source))
    drawing = _draw(surfaces, viewpoint)
    return Sighting(drawing.picture, viewpoint, depth, _seen_names(surfaces, drawing))


def see_everything(context: bpy.types.Context, source: Source) -> Sighting:
    """A picture of all that is seen, as it is seen, cut down to where there is something."""
    space = _space(context)
    surfaces = _read(context, lambda owner, item: _is_shown(owner, source, space) and item.display_type not in _LINES)
    viewpoint = viewpoint_from(context, source)
    near = None if surfaces is None else narrowed_to(surfaces.vertices[np.unique(surfaces.triangles)], viewpoint)
    if surfaces is None or near is None:
        raise SceneError("Nothing with a surface is in the view. Turn the view to the object, or select it.")
    drawing = _draw(surfaces, near)
    return Sighting(drawing.picture, near, _middle_depth(surfaces, drawing, near), _seen_names(surfaces, drawing))


def viewpoint_from(context: bpy.types.Context, source: Source) -> Viewpoint:
    """The 3D view's own eye, or the scene's camera; without a window there is only the camera."""
    space = _space(context)
    region = space.region_3d if space is not None else None
    if source == "VIEW" and region is not None:
        return viewpoint_of(matrix(region.view_matrix), matrix(region.window_matrix))
    camera, render = context.scene.camera, context.scene.render
    if camera is None:
        raise SceneError("There is no camera to look from. Add one, or look from the 3D view.")
    projection = camera.calc_matrix_camera(
        context.evaluated_depsgraph_get(),
        x=render.resolution_x,
        y=render.resolution_y,
        scale_x=render.pixel_aspect_x,
        scale_y=render.pixel_aspect_y,
    )
    return viewpoint_of(matrix(camera.matrix_world.normalized().inverted()), matrix(projection))


def has_surface(item: bpy.types.Object) -> bool:
    """Something of the user's that a picture can show."""
    return item.type in GEOMETRY and not is_preview(item)


def _space(context: bpy.types.Context) -> bpy.types.SpaceView3D | None:
    """The 3D view at hand, else the largest one of the window."""
    if bpy.app.background:
        return None  # a view that was never drawn does not know where it looks
    if isinstance(context.space_data, bpy.types.SpaceView3D):
        return context.space_data
    areas = [area for area in context.screen.areas if area.type == "VIEW_3D"] if context.screen else []
    return max(areas, key=lambda area: area.width * area.height).spaces.active if areas else None


def _is_shown(item: bpy.types.Object, source: Source, space: bpy.types.SpaceView3D | None) -> bool:
    """Seen from `source`, by what is hidden there."""
    if not has_surface(item) or (source == "CAMERA" and item.hide_render):
        return False
    return space is None or item.visible_in_viewport_get(space)


def _read(context: bpy.types.Context, wanted: Callable[[bpy.types.Object, bpy.types.Object], bool]) -> _Surfaces | None:
    """The surfaces of what is `wanted` by who owns it and what it is, instances and modifiers and all."""
    for item in context.objects_in_mode if context.mode == "EDIT_MESH" else ():
        item.update_from_editmode()
    names: dict[str, int] = {}
    parts = []
    count = 0
    for owner, item, world in _instances(context):
        if item.type not in GEOMETRY or not wanted(owner, item):
            continue
        part = _surface_of(item, world)
        if part is not None:
            vertices, triangles, colours = part
            parts.append(
                (
                    vertices,
                    triangles + count,
                    colours,
                    np.full(len(triangles), names.setdefault(owner.name, len(names))),
                )
            )
            count += len(vertices)
    if not parts:
        return None
    vertices, triangles, colours, owners = (np.concatenate(piece) for piece in zip(*parts, strict=True))
    return _Surfaces(vertices, triangles, colours, owners, tuple(names))


def _instances(context: bpy.types.Context) -> Iterator[tuple[bpy.types.Object, bpy.types.Object, np.ndarray]]:
    """All that the scene shows: whose it is, as it is after its modifiers, and where."""
    for instance in context.evaluated_depsgraph_get().object_instances:
        owner, item = instance.parent if instance.is_instance else instance.object, instance.object
        if instance.show_self and owner is not None and item is not None:
            original = owner.original
            assert isinstance(original, bpy.types.Object)
            yield original, item, matrix(instance.matrix_world)


def _surface_of(item: bpy.types.Object, world: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Vertices (V, 3), triangles (F, 3) and their colours (F, 3) of an evaluated object; None without faces."""
    data = item.to_mesh()
    if data is None:
        return None
    try:
        data.calc_loop_triangles()
        count = len(data.loop_triangles)
        vertices, triangles = np.empty(3 * len(data.vertices), np.float32), np.empty(3 * count, np.int32)
        material = np.empty(count, np.int32)
        data.vertices.foreach_get("co", vertices)
        data.loop_triangles.foreach_get("vertices", triangles)
        data.loop_triangles.foreach_get("material_index", material)
    finally:
        item.to_mesh_clear()
    points = vertices.reshape(-1, 3).astype(np.float64) @ world[:3, :3].T + world[:3, 3]
    usable = np.isfinite(points).all(1)
    triangles = triangles.reshape(-1, 3)
    kept = usable[triangles].all(1)
    if not kept.any():
        return None
    materials = [slot.material for slot in item.material_slots] or [None]
    colours = [numbers(each.diffuse_color)[:3] if each is not None else _GREY for each in materials]
    chosen = np.array(colours, np.float64)[np.clip(material, 0, len(colours) - 1)]
    return np.where(usable[:, None], points, 0.0), triangles[kept], chosen[kept]


def _draw(surfaces: _Surfaces, viewpoint: Viewpoint) -> Drawing:
    drawing = draw(surfaces.vertices, surfaces.triangles, surfaces.colours, viewpoint, PIXELS)
    if (drawing.triangle < 0).all():
        raise _unseen(surfaces)
    return drawing


def _unseen(surfaces: _Surfaces) -> SceneError:
    return SceneError(f"'{surfaces.names[0]}' cannot be seen from here: it is too thin or too small. Turn the view.")


def _seen_names(surfaces: _Surfaces, drawing: Drawing) -> tuple[str, ...]:
    share = np.bincount(surfaces.owner[drawing.triangle[drawing.triangle >= 0]], minlength=len(surfaces.names))
    return tuple(surfaces.names[place] for place in np.argsort(-share, kind="stable") if share[place])


def _middle_depth(surfaces: _Surfaces, drawing: Drawing, viewpoint: Viewpoint) -> float:
    """Halfway between the nearest and the farthest of what is in the picture, hidden backs of things included."""
    seen = np.unique(surfaces.owner[drawing.triangle[drawing.triangle >= 0]])
    points = surfaces.vertices[np.unique(surfaces.triangles[np.isin(surfaces.owner, seen)])]
    depth = viewpoint.seen(points)[:, 1]
    points, depth = points[depth > viewpoint.near], depth[depth > viewpoint.near]
    left, right, bottom, top = viewpoint.window
    x, y = viewpoint.in_window(points).T
    inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    depth = depth[inside] if inside.any() else depth
    return float(depth.min() + depth.max()) / 2
