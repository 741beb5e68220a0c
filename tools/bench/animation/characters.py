"""A rigged character in Blender, by the buttons that a user presses."""

from __future__ import annotations

import bpy
import numpy as np

from inference.anatomy import Mesh
from tools.package import as_package

as_package()


def rigged(mesh: Mesh) -> tuple[bpy.types.Object, bpy.types.Object]:
    """The mesh alone in a scene with the extension and Rigify switched on, and the armature that was generated."""
    item = alone(mesh)
    do("generate")
    armature = bpy.context.view_layer.objects.active
    assert armature is not None
    return item, armature


def alone(mesh: Mesh) -> bpy.types.Object:
    """The mesh alone in an empty scene, selected; the extension is on."""
    from bonewright import addon  # pyright: ignore[reportMissingImports]
    from bonewright.addon.scene.meshes import write_mesh  # pyright: ignore[reportMissingImports]
    from bonewright.inference.anatomy import Mesh as Shown  # pyright: ignore[reportMissingImports]

    if not hasattr(bpy.types.Scene, "bonewright"):
        addon.register()
    bpy.ops.preferences.addon_enable(module="rigify")
    bpy.ops.wm.read_homefile(use_empty=True)
    shown = Shown(mesh.vertices, mesh.triangles)
    item = write_mesh(shown, "Character", bpy.context.scene.collection, np.zeros(3))
    bpy.context.view_layer.objects.active = item
    item.select_set(state=True)
    return item


def do(operator: str, **options: object) -> None:
    """Press a button of ours; what it refuses is raised."""
    ours = getattr(bpy.ops, "bonewright")  # noqa: B009  registered by the extension
    done = getattr(ours, operator)("EXEC_DEFAULT", **options)
    assert done == {"FINISHED"}, operator


def points_of(item: bpy.types.Object) -> np.ndarray:
    """Where the modifiers take the vertices, in world coordinates, (V, 3)."""
    bpy.context.view_layer.update()
    seen = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert isinstance(seen.data, bpy.types.Mesh)
    found = np.empty(3 * len(seen.data.vertices), np.float32)
    seen.data.vertices.foreach_get("co", found)
    world = np.array(item.matrix_world)
    return found.reshape(-1, 3).astype(float) @ world[:3, :3].T + world[:3, 3]
