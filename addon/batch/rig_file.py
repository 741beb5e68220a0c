"""One file in, one rigged character out. Runs inside Blender."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ...inference.anatomy import Rig
from ...inference.files import written_whole
from ...inference.images.placing import placed, standing
from ...inference.pipelines.meshes import rig_mesh
from ...inference.pipelines.pictures import rig_images
from ...inference.progress import SILENT, Progress
from ...inference.requests import ImageOptions, RigOptions
from ..errors import FileError
from ..scene.attach import apply_rig, remove_armatures
from ..scene.files import old_armatures, open_file, save_file
from ..scene.meshes import Part, SceneMesh, read_mesh, write_mesh
from ..scene.previews.portrait import take_picture
from .plan import ONE_VIEW, FileJob, staged

Record = dict[str, object]  # what the report says about one file; only what JSON can hold
Reader = Callable[[Path, Path | None], tuple[np.ndarray, list[str]]]  # picture, mask -> (H, W, 4) uint8, what to note
TALL = 2.0  # length of the longest side of what a picture shows


@dataclass(frozen=True)
class _Scene:
    """What was made in Blender's scene."""

    rig: Rig
    source: SceneMesh
    armature: bpy.types.Object
    notes: list[str]
    facts: Record  # beside those of the rig


def rig_file(
    job: FileJob, options: RigOptions, token: str = "0", progress: Progress = SILENT, read: Reader | None = None
) -> Record:
    """Rig the character in `job.source` and write its outputs. Replaces whatever is open in this Blender."""
    started = time.perf_counter()
    progress.step(0.0, "reading")
    scene = _from_mesh(job, options, progress) if job.views is None else _from_pictures(job, options, progress, read)
    for path in job.outputs:
        _write(path, token)
    if job.picture is not None:
        progress.step(0.9, "drawing")
        drawn = [bpy.data.objects[part.name] for part in scene.source.parts]
        _complete(job.picture, token, lambda path: take_picture(path, scene.armature, drawn, scene.rig.pose))
    facts = {**_facts(scene.rig, scene.source), **scene.facts}
    return {**facts, "notes": scene.notes, "seconds": round(time.perf_counter() - started, 3)}


def _from_mesh(job: FileJob, options: RigOptions, progress: Progress) -> _Scene:
    meshes = open_file(job.source)
    old = old_armatures()
    source = read_mesh(meshes)
    rig = rig_mesh(source.mesh, options, progress.part(0.1, 0.8))
    progress.step(0.8, "writing")
    armature = apply_rig(rig, source, _rig_name(job), replaced=old)
    notes = [f"The armature '{item.name}' of the input was replaced." for item in old]
    remove_armatures(old)
    return _Scene(rig, source, armature, notes, {})


def _from_pictures(job: FileJob, options: RigOptions, progress: Progress, read: Reader | None) -> _Scene:
    views = job.views or ONE_VIEW
    files = (job.source, *views.others)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    found = [(read or _read_by_blender)(path, views.masks[k] if views.masks else None) for k, path in enumerate(files)]
    pictures, notes = tuple(picture for picture, _ in found), [note for _, told in found for note in told]
    wish = ImageOptions(refine=views.refine, azimuths=views.azimuths, rig=options)
    seen = rig_images(pictures, wish, progress.part(0.1, 0.8))
    progress.step(0.8, "writing")
    seen = placed(seen, standing(seen.surface, np.zeros(3), TALL))
    surface = write_mesh(seen.surface, job.source.stem, bpy.context.scene.collection, np.zeros(3))
    source = SceneMesh(seen.surface, (Part(surface.name, 0, len(seen.surface.vertices)),))
    armature = apply_rig(seen.rig, source, _rig_name(job))
    facts: Record = {
        "pictures": [str(path) for path in files],
        "azimuths": list(seen.azimuths),
        "silhouettes": [round(share, 4) for share in seen.seen],
        "spheres": len(seen.spheres.radii),
    }
    return _Scene(seen.rig, source, armature, notes, facts)


def _rig_name(job: FileJob) -> str:
    return f"{job.source.stem.removesuffix('_rig')}_rig"


def _read_by_blender(path: Path, mask: Path | None) -> tuple[np.ndarray, list[str]]:
    from ..scene.views.images import read_files

    return read_files(path, mask), []


def _write(path: Path, token: str) -> None:
    _complete(path, token, lambda place: save_file(place, path))


def _complete(path: Path, token: str, write: Callable[[Path], None]) -> None:
    """Let `write` make a file beside `path`, and put it in place only once it is whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path, staged(path, token)) as place:
            write(place)
    except OSError as error:
        raise FileError(
            f"'{path}' cannot be written: {error.strerror}. Check the folder and the space left."
        ) from error


def _facts(rig: Rig, source: SceneMesh) -> Record:
    armature, report = rig.armature, rig.report
    return {
        "kind": armature.kind,
        "vertices": len(source.mesh.vertices),
        "meshes": [part.name for part in source.parts],
        "bones": [
            {"name": name, "parent": armature.names[parent] if parent >= 0 else None, "confidence": round(sure, 4)}
            for name, parent, sure in zip(armature.names, armature.parents, armature.confidence.tolist(), strict=True)
        ],
        "symmetric": armature.symmetry is not None,
        "facing": [round(float(number), 6) for number in rig.pose.forward],
        "coverage": _number(report.coverage),
        "inside": _number(report.inside),
        "inside_worst": _number(report.inside_worst),
        "stretch": _number(report.stretch),
        "valid": bool(report.valid),
        "score": _number(report.score),
        "verdict": report.verdict,
        "certainty": _number(report.certainty),
        "reasons": list(report.reasons),
        "warnings": [
            {"message": warning.message, "bones": list(warning.bones), "vertices": len(warning.vertices)}
            for warning in report.warnings
        ],
    }


def _number(value: float) -> float | None:
    """As JSON can hold it: there is no infinity in it."""
    return round(float(value), 6) if math.isfinite(value) else None
