"""A rig that needs no thinking, and what it should do to the points of a mesh."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inference.anatomy import Armature, Mesh, Pose, Report, Rig, SkinWeights
from inference.gltf.open import open_asset
from inference.gltf.rig import add_rig
from inference.gltf.scene import GltfScene, read_scene
from inference.gltf.write import write_glb

NAMES = ("spine", "spine.001", "head")


def three_bones(mesh: Mesh, influences: int = 3) -> Rig:
    """A chain along the longest axis; weights fall off with the distance to the middle of each bone."""
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    axis = int((high - low).argmax())
    ends = np.tile((low + high) / 2, (4, 1))
    ends[:, axis] = np.linspace(low[axis], high[axis], 4)
    bones = Armature(
        names=NAMES,
        parents=np.array([-1, 0, 1], np.int32),
        heads=ends[:-1],
        tails=ends[1:],
        rolls=np.array([0.3, -0.2, 1.0]),
        connected=np.array([False, True, True]),
        confidence=np.ones(3),
        deform=np.ones(3, bool),
        radii=np.ones((3, 2)),
    )
    distance = np.abs(mesh.vertices[:, axis, None] - (ends[:-1, axis] + ends[1:, axis]) / 2)
    closeness = np.exp(-np.square(3 * distance / (high - low)[axis]))
    order = np.argsort(-closeness, axis=1)
    weights = np.take_along_axis(closeness, order, 1).repeat(-(-influences // 3), 1)[:, :influences]
    weights /= weights.sum(1, keepdims=True)
    skin = SkinWeights(
        order.repeat(-(-influences // 3), 1)[:, :influences].astype(np.int32), weights.astype(np.float32)
    )
    up, forward, left = np.eye(3)[[2, 1, 0]]
    return Rig(bones, skin, Report(1, 1, 1, 0, valid=True, score=1), Pose(up, -forward, left, 1))


def rigged(source: Path, target: Path, *, replace_rig: bool = False) -> GltfScene:
    """Write `source` with three bones to `target`."""
    asset = open_asset(source)
    scene = read_scene(asset, replace_rig=replace_rig)
    add_rig(asset, scene, three_bones(scene.mesh), "Fox_rig")
    write_glb(asset, target)
    return scene
