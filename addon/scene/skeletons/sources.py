"""Where a skeleton to be fitted comes from: known by name, an armature in the scene, a file, an asset library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np

from ....inference.gltf.fitting.skeleton import read_template
from ....inference.rigging.skeletons.template import Template, template_from
from ...compat import put
from ...errors import SceneError
from ...typed import linking
from ..armatures import read_armature

AT_REST = np.eye(4)  # an armature's own coordinates: how it stands in its scene does not matter
SEPARATOR = "::"  # between a file and the name of an armature in it


def from_armature(item: bpy.types.Object | None) -> Template:
    """The skeleton of an armature in this file."""
    if item is None:
        raise SceneError("No armature is chosen as the skeleton. Choose one beside Skeleton.")
    return template_from(read_armature(item, AT_REST), item.name)


def from_file(path: str) -> Template:
    """The first armature of a .blend file, the skin of a .glb or .gltf file, or FILE.blend::NAME."""
    if not path:
        raise SceneError("No file is chosen as the skeleton. Choose a .blend, .glb or .gltf file beside Skeleton.")
    plain, _, name = path.partition(SEPARATOR)
    file = Path(bpy.path.abspath(plain))
    if file.suffix.lower() in (".glb", ".gltf"):
        return read_template(file)
    if file.suffix.lower() != ".blend":
        raise SceneError(f"'{file.name}' is no .blend, .glb or .gltf file. Import it, then choose its armature.")
    return _from_blend(file, name)


def assets() -> list[tuple[str, str]]:
    """Objects in the user's asset libraries that may be armatures: (FILE::NAME, what to call it)."""
    found = []
    for library in bpy.context.preferences.filepaths.asset_libraries:
        for file in sorted(Path(library.path).rglob("*.blend")):
            try:
                with linking(str(file), assets_only=True) as (marked, _):
                    names = [str(name) for name in marked.objects]
                with linking(str(file)) as (inside, _):
                    names = names if inside.armatures else []
            except OSError:  # damaged, or not to be read: no matter here
                continue
            found += [(f"{file}{SEPARATOR}{name}", f"{name} ({library.name})") for name in names]
    return found


def _from_blend(file: Path, name: str) -> Template:
    """The armature called `name`, or the first one that a file has; nothing of it stays here."""
    with _linked(file, name) as items:
        for item in items:
            if item.type == "ARMATURE":
                return template_from(read_armature(item, AT_REST), item.name)
    raise SceneError(f"'{file.name}' has no armature{f' {name!r}' if name else ''}. Choose another skeleton.")


@contextmanager
def _linked(file: Path, name: str) -> Iterator[list[bpy.types.Object]]:
    """Objects of a file for a moment, as links, which bring nothing into the scene."""
    libraries, objects = set(bpy.data.libraries), set(bpy.data.objects)
    try:
        with linking(str(file)) as (inside, wanted):
            put(wanted, objects=[found for found in inside.objects if name in ("", found)])
    except OSError as error:
        raise SceneError(f"'{file}' cannot be read: {str(error).strip().splitlines()[-1]}") from error
    try:
        yield [item for item in wanted.objects if isinstance(item, bpy.types.Object)]
    finally:
        for item in set(bpy.data.objects) - objects:
            bpy.data.objects.remove(item)
        for library in set(bpy.data.libraries) - libraries:
            bpy.data.libraries.remove(library)
