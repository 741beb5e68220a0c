"""From a glTF file to the same file with a rig in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..anatomy import Mesh, Rig
from ..gltf.read import read_asset
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
    """Write `source`, a .glb or .gltf, with a rig to `target`, a .glb: whole or not at all, nothing else changed.

    A rig that the file has is replaced only if asked. `beside` is where the result is written first.
    """
    asset = read_asset(source)
    scene = read_scene(asset, replace_rig=replace_rig)
    rig = rig_mesh(scene.mesh, options, progress.part(0.05, 0.95))
    add_rig(asset, scene, rig, f"{source.stem}_rig")
    progress.step(0.95, "Writing")
    target.parent.mkdir(parents=True, exist_ok=True)
    notes = write_glb(asset, target, beside)
    return RiggedFile(rig, scene.mesh, tuple(item.name for item in scene.nodes), (*scene.notes, *notes))
