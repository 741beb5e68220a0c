"""One file in, one rigged character out. Runs inside Blender."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import bpy
import numpy as np

from ...inference.anatomy import Rig
from ...inference.errors import RiggedAlreadyError, WriteError
from ...inference.files import written_whole
from ...inference.images.placing import placed, stood_up
from ...inference.pipelines.files import armature_name
from ...inference.pipelines.meshes import rig_mesh
from ...inference.pipelines.pictures import rig_images
from ...inference.pipelines.refit import PLACED, skeleton_of
from ...inference.pipelines.surfaces import blend_images
from ...inference.progress import SILENT, Progress
from ...inference.requests import ImageOptions
from ...inference.rigging.rest.stances import STANCES, at_rest
from ..scene.armatures import read_armature
from ..scene.attach import apply_rig, remove_armatures
from ..scene.characters import armatures_of
from ..scene.files import old_armatures, open_file, save_file
from ..scene.meshes import Part, SceneMesh, read_mesh, write_mesh
from ..scene.poses.rest_pose import change_rest, own_bones
from ..scene.previews.portrait import take_picture
from ..scene.skeletons.replace import fit_skeleton, give_way
from ..scene.skeletons.sources import from_file
from .facts import Record, facts_of
from .plan import ONE_VIEW, STAYS, FileJob, staged

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


def rig_file(job: FileJob, token: str = "0", progress: Progress = SILENT, read: Reader | None = None) -> Record:
    """Rig the character in `job.source` and write its outputs. Replaces whatever is open in this Blender."""
    started = time.perf_counter()
    progress.step(0.0, "reading")
    scene = _from_mesh(job, progress) if job.views is None else _from_pictures(job, progress, read)
    if job.fit != STAYS:
        scene = _refitted(scene, job)
    for path in job.outputs:
        _write(path, token)
    if job.picture is not None:
        progress.step(0.9, "drawing")
        drawn = [bpy.data.objects[part.name] for part in scene.source.parts]
        _complete(job.picture, token, lambda path: take_picture(path, scene.armature, drawn, scene.rig.pose))
    meshes = [part.name for part in scene.source.parts]
    facts = {**facts_of(scene.rig, len(scene.source.mesh.vertices), meshes), **scene.facts}
    return {**facts, "notes": scene.notes, "seconds": round(time.perf_counter() - started, 3)}


def _from_mesh(job: FileJob, progress: Progress) -> _Scene:
    meshes = open_file(job.source)
    old = old_armatures()
    _check_unrigged(job, meshes)
    source = read_mesh(meshes)
    rig = rig_mesh(source.mesh, job.options, progress.part(0.1, 0.8))
    progress.step(0.8, "writing")
    armature = apply_rig(rig, source, armature_name(job.source), replaced=old)
    notes = [f"The armature '{item.name}' of the input was replaced." for item in old]
    remove_armatures(old)
    return _Scene(rig, source, armature, notes, {})


def _refitted(scene: _Scene, job: FileJob) -> _Scene:
    """The scene with another rest pose, or another skeleton."""
    armature, notes, meshes = scene.armature, list(scene.notes), [bpy.data.objects[p.name] for p in scene.source.parts]
    if job.fit.rest in STANCES:
        after, moves = at_rest(own_bones(armature), job.fit.rest)
        change_rest(armature, meshes, after, moves)
    if job.fit.skeleton:
        template = from_file(job.fit.skeleton) if Path(job.fit.skeleton).is_file() else skeleton_of(job.fit.skeleton)
        made, fitted = fit_skeleton(armature, meshes, template, keep_pose=job.fit.keep_pose)
        give_way(armature, made)
        armature = made
        if fitted.missing:
            notes.append(PLACED.format(", ".join(fitted.missing)))
    rig = replace(scene.rig, armature=read_armature(armature))
    return replace(scene, rig=rig, armature=armature, notes=notes)


def _from_pictures(job: FileJob, progress: Progress, read: Reader | None) -> _Scene:
    views = job.views or ONE_VIEW
    files = (job.source, *views.others)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    found = [(read or _read_by_blender)(path, views.masks[k] if views.masks else None) for k, path in enumerate(files)]
    pictures, notes = tuple(picture for picture, _ in found), [note for _, told in found for note in told]
    wish = ImageOptions(views.refine, views.azimuths, surface=views.surface, detail=views.detail, rig=job.options)
    if views.share is not None:
        seen = blend_images(pictures[:1], pictures[1:], views.share, wish, progress.part(0.1, 0.8))
    else:
        seen = rig_images(pictures, wish, progress.part(0.1, 0.8))
    progress.step(0.8, "writing")
    seen = placed(seen, stood_up(seen, np.zeros(3), TALL))
    surface = write_mesh(seen.surface, job.source.stem, bpy.context.scene.collection, np.zeros(3))
    source = SceneMesh(seen.surface, (Part(surface.name, 0, len(seen.surface.vertices)),))
    armature = apply_rig(seen.rig, source, armature_name(job.source))
    facts: Record = {
        "pictures": [str(path) for path in files],
        "azimuths": list(seen.azimuths),
        "silhouettes": [round(share, 4) for share in seen.seen],
        "spheres": len(seen.spheres.radii),
        "surface": views.surface,
    }
    return _Scene(seen.rig, source, armature, notes, facts)


def _check_unrigged(job: FileJob, meshes: list[bpy.types.Object]) -> None:
    """A rig that the input has is replaced only if asked."""
    moved = next(iter(armatures_of(meshes)), None)
    if moved is not None and not job.replace_rig:
        raise RiggedAlreadyError(
            f"'{job.source.name}' has a rig, the armature '{moved.name}'. Add --replace-rig to give it another one."
        )


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
        raise WriteError(
            f"'{path}' cannot be written: {error.strerror}. Check the folder and the space left."
        ) from error
