"""Some objects of the scene to a file of their own, as they are: nothing in the scene changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bpy

from ....inference.errors import WriteError
from ....inference.files import written_whole
from ...compat import write_by
from ..selecting import make_active

_GLTF: dict[str, object] = {
    "export_format": "GLB",
    "use_selection": True,
    "export_animations": False,
    "export_skins": False,
    "export_yup": True,
}


def write_objects(context: bpy.types.Context, items: Sequence[bpy.types.Object], path: Path) -> None:
    """Write `items` to a .glb file, which appears only once it is whole; the selection is as before."""
    shown = [item for item in items if item.name in context.view_layer.objects]
    if not shown:
        return  # deleted meanwhile: the run says that the file is missing
    chosen, active = list(context.selected_objects), context.view_layer.objects.active
    try:
        make_active(context, shown[0])
        for item in shown:
            item.select_set(state=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as part:
            write_by("export_scene.gltf", part.with_suffix(".glb"), **_GLTF)
            part.with_suffix(".glb").replace(part)
    except (RuntimeError, OSError) as error:
        raise WriteError(f"'{path}' cannot be written: {str(error).strip()}. Choose another folder.") from error
    finally:
        for item in context.view_layer.objects:
            item.select_set(state=item in chosen)
        context.view_layer.objects.active = active
