"""Weights that follow joints while these are moved: only where what is computed changes is anything written.

Blender's undo in edit mode knows bones, not weights. So weights are a function of where the bones are: whatever has
moved them, undo included, the same weights come back with them, those painted by hand too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
import numpy as np

from ....inference.anatomy import Armature, SkinWeights
from ....inference.requests import SkinJob, SkinOptions
from ...errors import SceneError
from ...typed import armature_data
from ..armatures import read_armature
from ..characters import is_bound, meshes_of
from ..meshes import Part, SceneMesh, matrix, read_mesh
from ..weights import locked_bones, read_weights, sparse, write_rows
from .joints import read_ends

MOST = 100_000  # vertices; denser meshes wait for Done
SAME_WEIGHT = 0.02  # what is computed and differs by less is taken to be as it was
STILL = 2e-5  # of the armature's size: bones that moved by less are where they were


@dataclass
class _Following:
    """One armature in edit mode, and the weights of its meshes."""

    uid: int  # of the armature object: outlives undo, and is not given twice
    start: Armature  # in world coordinates, when it began
    source: SceneMesh
    found: np.ndarray  # (V, B) float32, the weights then
    written: np.ndarray  # (V, B) the weights now
    stale: bool  # the weights did not belong to the bones when it began
    base: np.ndarray | None = None  # (V, B) what is computed for `start`
    taken: np.ndarray | None = None  # (V, B) what was computed when each vertex was written last
    rough: bool = False  # `written` has weights that were made in a hurry
    bound: np.ndarray | None = None  # (B, 6) the ends of the bones that `written` is for


_following: list[_Following] = []  # the one, or none


def begin(armature: bpy.types.Object, *, stale: bool) -> bool:
    """Let the weights of `armature` follow its joints; False where it moves nothing, or too much."""
    end()
    meshes = sorted(meshes_of(armature), key=lambda item: item.name)
    count = sum(len(item.data.vertices) for item in meshes if isinstance(item.data, bpy.types.Mesh))
    if not is_bound(armature, meshes) or count > MOST or any(item.library is not None for item in meshes):
        return False
    bones = read_armature(armature)
    source = read_mesh(meshes)
    found = read_weights(source.parts, len(source.mesh.vertices), bones.names)
    _following.append(_Following(armature.session_uid, bones, source, found, found, stale))
    return True


def end() -> None:
    """Nothing follows any more."""
    _following.clear()


def follows(armature: bpy.types.Object) -> bool:
    """The weights of `armature` follow its joints: the bones are those that it had at the start, wherever they are."""
    return _of(armature) is not None


def is_behind(armature: bpy.types.Object) -> bool:
    """The weights are for other places of the bones or, out of edit mode, rougher than they should be."""
    following = _of(armature)
    if following is None:
        return False
    if armature.mode != "EDIT" and following.rough:
        return True
    return following.bound is None or _moved(following.bound, _ends_now(armature))


def asked(armature: bpy.types.Object, options: SkinOptions) -> SkinJob:
    """What has to be computed next: first the weights for the bones as they were at the start."""
    following = _of(armature)
    if following is None:
        raise SceneError(f"The bones of '{armature.name}' are others by now. Press Done, then Bind.")
    bones = following.start if following.base is None else read_armature(armature)
    locked = locked_bones(following.source.parts, bones.names)
    if armature.mode == "EDIT" or following.base is None:
        options = replace(options, quick=True)
    return SkinJob(following.source.mesh, bones, options, locked, sparse(following.found) if locked else None)


def follow(armature: bpy.types.Object, job: SkinJob, skin: SkinWeights) -> int:
    """Write `skin`, which came of `job`, where it differs from the start; how many vertices were changed."""
    following, bones = _of(armature), job.armature
    if following is None or bones.names != following.start.names:
        return 0
    computed, ends = skin.dense(len(bones.names)), _ends(bones.heads, bones.tails)
    if following.base is None:
        following.base = following.taken = computed
    wanted = _wanted(following, computed, ends) if job.options.quick else _refined(following, computed)
    rows = np.flatnonzero(np.abs(wanted - following.written).max(1) > 1e-6)
    write_rows(following.source.parts, bones.names, rows, following.written[rows], wanted[rows])
    following.written, following.bound = wanted, ends
    following.rough = job.options.quick and bool((wanted != following.found).any())
    return len(rows)


def _wanted(following: _Following, computed: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The weights for bones at `ends`: those found at the start wherever nothing has changed since."""
    assert following.base is not None
    assert following.taken is not None
    if not _moved(_ends(following.start.heads, following.start.tails), ends):
        following.taken = following.base
        return following.found
    as_before = np.abs(computed - following.taken).max(1) < SAME_WEIGHT
    following.taken = np.where(as_before[:, None], following.taken, computed)
    wanted = np.where(as_before[:, None], following.written, computed)
    if not following.stale:
        as_found = np.abs(computed - following.base).max(1) < SAME_WEIGHT
        wanted[as_found] = following.found[as_found]
    return wanted


def _refined(following: _Following, computed: np.ndarray) -> np.ndarray:
    """The weights as Bind makes them wherever rough ones were written."""
    changed = (following.written != following.found).any(1)
    return np.where(changed[:, None], computed, following.found)


def _of(armature: bpy.types.Object) -> _Following | None:
    """What follows `armature`, if its bones and meshes are still the same ones."""
    for following in _following:
        bones = armature_data(armature).edit_bones if armature.mode == "EDIT" else armature_data(armature).bones
        if following.uid == armature.session_uid and tuple(bones.keys()) == following.start.names:
            return following if all(_is_there(part) for part in following.source.parts) else None
    return None


def _is_there(part: Part) -> bool:
    item = bpy.data.objects.get(part.name)
    data = None if item is None else item.data
    return isinstance(data, bpy.types.Mesh) and len(data.vertices) == part.stop - part.start


def _ends_now(armature: bpy.types.Object) -> np.ndarray:
    world = matrix(armature.matrix_world)
    heads, tails = (ends @ world[:3, :3].T + world[:3, 3] for ends in read_ends(armature_data(armature)))
    return _ends(heads, tails)


def _ends(heads: np.ndarray, tails: np.ndarray) -> np.ndarray:
    return np.concatenate([heads, tails], 1)


def _moved(before: np.ndarray, now: np.ndarray) -> bool:
    return before.shape != now.shape or bool(
        np.abs(before - now).max(initial=0) > STILL * max(float(np.ptp(now)), 1e-9)
    )
