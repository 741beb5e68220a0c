"""Weights that follow a joint that is moved, in Blender: from the change to the weights on the mesh."""

from __future__ import annotations

import time
from statistics import median
from typing import cast

import bpy
import numpy as np
from mathutils import Vector

from tools.package import as_package
from tools.sample import make_creature

from ..record import show

as_package()

CELLS, VERTICES = 120, 7978  # of the sample creature as it comes
STEP = 0.02  # of the creature's size that each joint is moved by


def follow(vertices: int, moves: int) -> dict[str, object]:
    """Move one joint after another of the sample creature with about so many vertices, and let its weights follow."""
    from bonewright import addon  # pyright: ignore[reportMissingImports]

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    addon.register()
    try:
        creature = _creature(round(CELLS * (vertices / VERTICES) ** 0.5))
        _do("generate")
        _do("edit_joints")
        first = _timed("follow_joints")
        assert bpy.context.edit_object is not None
        bones = cast("bpy.types.Armature", bpy.context.edit_object.data).edit_bones
        size = max(creature.dimensions[:])
        joints = bones.keys()
        wall, busy, shares, before = [], [], [], _weights(creature)
        for turn in range(moves):
            bone = bones[joints[turn * 7 % len(joints)]]
            step = Vector(np.random.default_rng(turn).normal(size=3).tolist()).normalized() * STEP * size
            _do("move_joint", bone=bone.name, end="HEAD", place=bone.head + step)
            seconds = _timed("follow_joints")
            wall.append(seconds[0])
            busy.append(seconds[1])
            after = _weights(creature)
            shares.append(float((np.abs(after - before).max(1) > 1e-6).mean()))
            before = after
    finally:
        addon.unregister()
    count = len(before)
    show(
        f"Weights follow a joint: {count} vertices, {len(joints)} bones",
        ("", "s", "CPU s"),
        [
            ["the first, which makes the solid", *first],
            [f"{moves} moves, median", median(wall), median(busy)],
            ["the slowest of these", max(wall), max(busy)],
        ],
    )
    return {"vertices": count, "bones": len(joints), "first": first, "wall": wall, "cpu": busy, "changed": shares}


def _creature(cells: int) -> bpy.types.Object:
    vertices, triangles = make_creature(cells=cells)
    mesh = bpy.data.meshes.new("Creature")
    mesh.from_pydata(vertices.tolist(), [], triangles.tolist())
    item = bpy.data.objects.new("Creature", mesh)
    bpy.context.scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    item.select_set(state=True)
    bpy.context.scene.bonewright.density = "many"  # pyright: ignore[reportAttributeAccessIssue]
    bpy.context.view_layer.update()
    return item


def _timed(operator: str) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    start, busy = time.perf_counter(), time.process_time()
    _do(operator)
    return time.perf_counter() - start, time.process_time() - busy


def _do(operator: str, **options: object) -> None:
    if getattr(bpy.ops.bonewright, operator)(**options) != {"FINISHED"}:  # pyright: ignore[reportAttributeAccessIssue]
        raise SystemExit(f"'{operator}' did not finish.")


def _weights(item: bpy.types.Object) -> np.ndarray:
    """(V, G) of all vertex groups."""
    assert isinstance(item.data, bpy.types.Mesh)
    dense = np.zeros((len(item.data.vertices), len(item.vertex_groups)), np.float32)
    for vertex in item.data.vertices:
        for member in vertex.groups:
            dense[vertex.index, member.group] = member.weight
    return dense
