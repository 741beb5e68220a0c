"""A rigged file -> what shows at a glance how good its rig is: a strip of pictures, and a copy to turn about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..anatomy import Array, Mesh, Pose
from ..gltf.display import add_display
from ..gltf.joints import GltfJoints, read_joints
from ..gltf.open import open_asset
from ..gltf.scene import GltfScene, read_scene
from ..gltf.write import write_glb
from ..images.png import png_bytes
from ..images.portraits import PALE, drawn, seen_from_front, with_bones
from ..rigging.bones.trial import trial_turn
from ..rigging.judging.posing import bend, pose_by

ROOM = 1.3  # the picture's side over the shape's: a pose takes more of it
UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Show:
    """A rigged file that was opened to be looked at."""

    scene: GltfScene
    joints: GltfJoints | None  # None where it has no rig
    pose: Pose

    def strip(self) -> bytes:
        """A PNG: the mesh, its skeleton, a test pose, side by side, as far as there is something to show."""
        mesh = self.scene.mesh
        view = seen_from_front(mesh, self.pose, ROOM)
        panels = [drawn(mesh, view)]
        if self.joints is not None:
            panels.append(with_bones(drawn(mesh, view, PALE), view, self.joints.armature)[..., :3])
            if self.joints.skin is not None:
                points = bend(mesh.vertices, self.joints.skin, pose_by(self.joints.armature, self.turns()))
                panels.append(drawn(Mesh(points, mesh.triangles), view))
        return png_bytes(np.concatenate(panels, 1))

    def turns(self) -> Array:
        """How each bone turns in the test pose, (B, 3) axes times radians."""
        assert self.joints is not None, "there is no rig"
        bones = self.joints.armature
        along = (bones.tails - bones.heads) / np.maximum(bones.lengths[:, None], 1e-12)
        turns = np.stack([trial_turn(name, along[k], self.pose) for k, name in enumerate(bones.names)])
        turns[bones.parents < 0] = 0.0
        return turns


def open_show(path: Path, forward: Array) -> Show:
    """A rigged .glb or .gltf; `forward` is where its front is, Z up."""
    asset = open_asset(path)
    scene = read_scene(asset, replace_rig=True)
    return Show(scene, read_joints(asset, scene), _pose(forward))


def write_display(show: Show, source: Path, target: Path) -> None:
    """A copy of the file with bones that can be seen and, as its animation, the test pose."""
    asset = open_asset(source)
    if show.joints is not None:
        add_display(asset, show.joints, show.turns())
    write_glb(asset, target)


def _pose(forward: Array) -> Pose:
    front = forward - (forward @ UP) * UP
    length = float(np.linalg.norm(front))
    front = front / length if length > 1e-3 else np.array([0.0, -1.0, 0.0])
    return Pose(UP, front, np.cross(UP, front), 1.0)
