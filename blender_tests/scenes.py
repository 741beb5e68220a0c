"""Scenes and rigs that several tests use."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix

from bonewright.inference.anatomy import Armature, Pose, Report, Rig, SkinWeights, Symmetry


def add_ball(name: str = "Ball", matrix: Matrix | None = None) -> bpy.types.Object:
    """A ball of 42 vertices around its own origin."""
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=2)
    item = bpy.context.view_layer.objects.active
    assert item is not None
    assert item.data is not None
    item.name = item.data.name = name
    if matrix is not None:
        item.matrix_world = matrix
        bpy.context.view_layer.update()
    return item


def tree(count: int = 30, seed: int = 0, kind: str = "creature") -> Armature:
    """A random tree of bones: some connected, some not, all rolled, half of them named in other scripts."""
    random = np.random.default_rng(seed)
    parents = np.array([-1, *(random.integers(0, place) for place in range(1, count))], np.int32)
    connected = random.random(count) < 0.4
    connected[0] = False
    heads, tails = np.empty((2, count, 3))
    for place in range(count):
        heads[place] = tails[parents[place]] if connected[place] else random.uniform(-1, 1, 3)
        tails[place] = heads[place] + random.normal(size=3) * 0.2
    radii = random.uniform(0.01, 0.2, (count, 2))
    radii[connected, 0] = radii[parents[connected], 1]  # one point, one radius: Blender 4.5 insists
    names = tuple(f"骨_{place}.L" if place % 2 else f"Knöchel.{place:03d}" for place in range(count))
    return Armature(
        names=names,
        parents=parents,
        heads=heads,
        tails=tails,
        rolls=random.uniform(-3, 3, count),
        connected=connected,
        confidence=random.random(count),
        deform=random.random(count) < 0.8,
        radii=radii,
        kind=kind,
        symmetry=Symmetry(np.array([1.0, 0.0, 0.0]), 0.25),
    )


def two_bones() -> Armature:
    """A bone from below the origin up to it, and one from there on."""
    return Armature(
        names=("lower", "upper"),
        parents=np.array([-1, 0], np.int32),
        heads=np.array([[0, 0, -1.0], [0, 0, 0]]),
        tails=np.array([[0, 0, 0.0], [0, 0, 1]]),
        rolls=np.zeros(2),
        connected=np.zeros(2, bool),
        confidence=np.ones(2),
        deform=np.ones(2, bool),
        radii=np.full((2, 2), 0.3),
    )


def rig_of(vertices: np.ndarray, armature: Armature | None = None) -> Rig:
    """A rig whose upper half follows the last bone and whose lower half follows the first, blended at the middle."""
    armature = armature or two_bones()
    low, high = vertices[:, 2].min(), vertices[:, 2].max()
    share = ((vertices[:, 2] - low) / max(high - low, 1e-12)).astype(np.float32)
    bones = np.tile(np.array([0, len(armature.names) - 1], np.int32), (len(vertices), 1))
    axes = np.eye(3)
    report = Report(coverage=1.0, inside=1.0, inside_worst=1.0, stretch=1.0, valid=True, score=1.0)
    skin = SkinWeights(bones, np.stack([1 - share, share], 1))
    return Rig(armature, skin, report, Pose(axes[2], -axes[1], axes[0], 1.0))


def points_of(item: bpy.types.Object) -> np.ndarray:
    """Vertices of the object as Blender shows it, modifiers and all, in world coordinates, (V, 3)."""
    seen = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = seen.to_mesh()
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    seen.to_mesh_clear()
    world = np.array(item.matrix_world, np.float64)
    return points.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
