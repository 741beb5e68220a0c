"""Results of other files brought into this scene."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...compat import put
from ...typed import linking


def bring_blend(context: bpy.types.Context, path: Path) -> list[bpy.types.Object]:
    """Append all objects of a .blend file to the scene."""
    with linking(str(path), link=False) as (there, here):
        put(here, objects=list(there.objects))
    found = [item for item in here.objects if isinstance(item, bpy.types.Object)]  # names no more, by now
    for item in found:
        context.scene.collection.objects.link(item)
    return found
