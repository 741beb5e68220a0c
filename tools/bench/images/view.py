"""From View as a script calls it in Blender: from the click to spheres, curves, surface and armature in the scene."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import cast

import bpy
import numpy as np
from mathutils import Vector

from tools.package import as_package
from tools.sample import make_creature

from ..record import show

as_package()

PLACES = ((2.6, -5.2, 2.4), (-4.5, -3.0, 1.5), (0.0, -5.5, 1.0))  # of the camera, in sizes of the creature


def view(repeats: int) -> dict[str, object]:
    """Look at the sample creature from some places, `repeats` times each; the first click of all counts for itself."""
    from bonewright import addon  # pyright: ignore[reportMissingImports]

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    addon.register()
    try:
        creature, camera = _creature(), _camera()
        times, bones = [], []
        for place in PLACES * repeats:
            seconds, count = _click(creature, camera, place)
            times.append(seconds)
            bones.append(count)
    finally:
        addon.unregister()
    first, later = times[0], times[1:]
    show(
        "From View: seconds from the click to the armature in the scene",
        ("", "s"),
        [
            ["first click, which loads the weights", first],
            [f"{len(later)} later clicks, median", median(later)],
            ["the slowest of these", max(later)],
        ],
    )
    return {"first": first, "later": later, "bones": bones}


def _creature() -> bpy.types.Object:
    vertices, triangles = make_creature()
    mesh = bpy.data.meshes.new("Creature")
    mesh.from_pydata(vertices.tolist(), [], triangles.tolist())
    item = bpy.data.objects.new("Creature", mesh)
    bpy.context.scene.collection.objects.link(item)
    return item


def _camera() -> bpy.types.Object:
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    return camera


def _click(creature: bpy.types.Object, camera: bpy.types.Object, place: Sequence[float]) -> tuple[float, int]:
    """Seconds, and how many bones came of it."""
    corners = np.array(creature.bound_box)
    middle = Vector(corners.mean(0).tolist())
    camera.location = middle + Vector(place) * float(np.ptp(corners, axis=0).max())
    camera.rotation_euler = (middle - camera.location).to_track_quat("-Z", "Y").to_euler()
    for item in bpy.context.selected_objects:
        item.select_set(state=False)
    creature.select_set(state=True)
    bpy.context.view_layer.objects.active = creature
    bpy.context.view_layer.update()
    start = time.perf_counter()
    if bpy.ops.bonewright.from_view() != {"FINISHED"}:  # pyright: ignore[reportAttributeAccessIssue]
        raise SystemExit("From View did not finish.")
    seconds = time.perf_counter() - start
    made = [item for item in bpy.data.objects if item.type == "ARMATURE"]
    return seconds, len(cast(bpy.types.Armature, made[0].data).bones)
