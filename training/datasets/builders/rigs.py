"""Skinned files -> rigs: mesh, bones, weights, in the unit frame.

GLB files are read as they are. FBX, .blend and glTF files in other make-ups go through Blender first:
`python -m tools.read_skinned FILES --out FOLDER` writes a `.rig.npz` for each armature, which is read here too.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from inference.anatomy import Armature, Mesh, SkinWeights
from training.datasets.rigged_glb import RiggedAsset, as_armature, read_rigged
from training.datasets.store.errors import SkippedError
from training.datasets.store.records import Frame

RIG_FILE = ".rig.npz"
NEARLY_ONE = 1e-2  # how far the weights of a vertex may be off in a file; they are divided by their sum

Rigged = tuple[Mesh, Armature, SkinWeights]


def read_rig(path: Path) -> Rigged:
    """A skinned GLB, or what Blender made of another file, in the file's own units; Z up, facing -Y."""
    if path.name.endswith(RIG_FILE):
        return _from_blender(path)
    return of_asset(read_rigged(path))


def of_asset(asset: RiggedAsset) -> Rigged:
    """The nouns of what a reader gives."""
    armature = replace(as_armature(asset), kind=asset.kind)
    return asset.mesh, armature, asset.skin


def as_asset(name: str, kind: str, split: str, rigged: Rigged) -> RiggedAsset:
    """What a reader would give."""
    mesh, armature, skin = rigged
    return RiggedAsset(name, kind, split, mesh, armature.names, armature.parents, armature.heads, skin)


def checked(rigged: Rigged) -> Rigged:
    """The same with weights that sum to 1; refuses what is no rig."""
    mesh, armature, skin = rigged
    count = len(armature.names)
    if count == 0:
        raise SkippedError("it has no bones")
    if not (armature.parents < np.arange(count)).all() or not (armature.parents >= -1).all():
        raise SkippedError("its bones' parents do not come before their children")
    if len(skin.bones) != len(mesh.vertices):
        raise SkippedError(f"it has {len(mesh.vertices)} vertices and weights for {len(skin.bones)}")
    if not all(np.isfinite(part).all() for part in (mesh.vertices, armature.heads, armature.tails, skin.weights)):
        raise SkippedError("it has numbers that are not finite")
    if skin.bones.min(initial=0) < 0 or skin.bones.max(initial=0) >= count or skin.weights.min(initial=0) < 0:
        raise SkippedError("its weights name bones that it does not have, or are negative")
    total = skin.weights.sum(1, keepdims=True)
    if len(total) == 0 or (np.abs(total - 1) > NEARLY_ONE).any():
        raise SkippedError(f"the weights of {int((np.abs(total - 1) > NEARLY_ONE).sum())} vertices do not sum to 1")
    return mesh, armature, SkinWeights(skin.bones, (skin.weights / total).astype(np.float32))


def in_unit_frame(rigged: Rigged) -> tuple[Rigged, Frame]:
    """Moved and scaled so that the box of the mesh is centred and its longest side is 1."""
    mesh, armature, skin = rigged
    if len(mesh.triangles) == 0:
        raise SkippedError("it has no faces")
    used = mesh.vertices[np.unique(mesh.triangles)]
    low, high = used.min(0), used.max(0)
    centre, scale = (low + high) / 2, float((high - low).max())
    if scale <= 0:
        raise SkippedError("all its vertices are in one place")
    moved = replace(armature, heads=(armature.heads - centre) / scale, tails=(armature.tails - centre) / scale)
    return (Mesh((mesh.vertices - centre) / scale, mesh.triangles), moved, skin), Frame(centre, scale)


def _from_blender(path: Path) -> Rigged:
    with np.load(path, allow_pickle=False) as file:
        count = len(file["names"])
        armature = Armature(
            tuple(str(name) for name in file["names"]),
            file["parents"],
            file["heads"],
            file["tails"],
            file["rolls"],
            file["connected"],
            np.ones(count),
            file["deform"],
            np.zeros((count, 2)),
            "unknown",
        )
        return Mesh(file["vertices"], file["triangles"]), armature, SkinWeights(file["bones"], file["weights"])
