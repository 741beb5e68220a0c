"""From a file to a glTF file with a rig in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..anatomy import Mesh, Rig
from ..errors import WriteError
from ..gltf.open import open_asset
from ..gltf.rig import add_rig
from ..gltf.scene import read_scene
from ..gltf.write import write_glb
from ..progress import SILENT, Progress
from ..requests import RigOptions
from .meshes import rig_mesh

DEFAULTS = RigOptions()


@dataclass(frozen=True)
class RiggedFile:
    """What was made of a file."""

    rig: Rig
    mesh: Mesh  # all of its meshes, Z up
    names: tuple[str, ...]  # of the meshes
    notes: tuple[str, ...]  # what is different in the result beside the rig


def rig_file(
    source: Path,
    target: Path,
    options: RigOptions = DEFAULTS,
    progress: Progress = SILENT,
    *,
    replace_rig: bool = False,
    beside: Path | None = None,
) -> RiggedFile:
    """Write `source`, .glb, .gltf, .obj, .ply, .stl or .off, with a rig to `target`, a .glb: whole or not at all.

    Of a glTF file nothing else is changed. A rig that it has is replaced only if asked. The result is written to
    `beside` first, if that is given.
    """
    asset = open_asset(source)
    scene = read_scene(asset, replace_rig=replace_rig)
    rig = rig_mesh(scene.mesh, options, progress.part(0.05, 0.95))
    add_rig(asset, scene, rig, armature_name(source))
    progress.step(0.95, "Writing")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        notes = write_glb(asset, target, beside)
    except OSError as error:
        raise WriteError(
            f"'{target}' cannot be written: {error.strerror}. Check the folder and the space left."
        ) from error
    return RiggedFile(rig, scene.mesh, tuple(item.name for item in scene.nodes), (*scene.notes, *notes))


def read_mesh(path: Path) -> Mesh:
    """All triangles that a file shows; what has a rig stands in its bind pose. Z is up."""
    return read_scene(open_asset(path), replace_rig=True).mesh


def armature_name(source: Path) -> str:
    """What the armature for a file is called."""
    return f"{source.stem.removesuffix('_rig')}_rig"
