"""Do controls work? Hands and feet are moved by them: do they arrive, and do knees and elbows bend right?"""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Vector

from training.datasets.rigged_glb import Listing, read_mesh

from .characters import do, points_of, rigged
from .results import AT_REST, Controlled, Moved

MOVED = 0.3  # of the way to the top of the limb


def control(listing: Listing) -> Controlled:
    """Rig an asset, give it controls, move them, and take them away."""
    item, armature = rigged(read_mesh(listing.path))
    return controlled(item, armature)


def controlled(item: bpy.types.Object, armature: bpy.types.Object) -> Controlled:
    """A bound mesh whose armature is active gets controls, which are moved and taken away."""
    before = points_of(item)
    groups = sorted(group.name for group in item.vertex_groups)
    size, height = float(np.ptp(before, axis=0).max()), float(np.ptp(before[:, 2]))
    do("add_controls")
    rig = bpy.context.view_layer.objects.active
    assert rig is not None
    rest = float(np.abs(points_of(item) - before).max()) / size
    limbs = tuple(_moved(rig, *limb, height) for limb in _limbs(armature))
    bones = len(rig.pose.bones) if rig.pose is not None else 0
    do("remove_controls")
    same = sorted(group.name for group in item.vertex_groups) == groups
    back = same and bool(np.abs(points_of(item) - before).max() < AT_REST * size)
    return Controlled(limbs, rest, bones, back)


def _limbs(armature: bpy.types.Object) -> list[tuple[str, tuple[str, ...], Vector]]:
    """Each control of a limb's end; top, middle, ankle or wrist and end of the limb; where its middle should point."""
    from bonewright.addon.scene.controls.metarig import plan_of  # pyright: ignore[reportMissingImports]
    from bonewright.inference.animation.bending import MIDDLE_GOES  # pyright: ignore[reportMissingImports]
    from bonewright.inference.animation.controls import LIMBS, control_name  # pyright: ignore[reportMissingImports]

    plan, found = plan_of(armature), []
    for place, first in enumerate(plan.bones):
        if first.made_as not in LIMBS:
            continue
        chain = plan.bones[place : place + 4]
        end = 3 if first.made_as.endswith("paw") else 2
        middle = chain[1].head - _nearest(first.head, chain[2].head, chain[1].head)
        stem = chain[1].name.split(".")[0]
        goes = MIDDLE_GOES.get(stem)
        wanted = goes if goes is not None else middle
        name = control_name(chain[2].name, "_ik")
        names = tuple(f"ORG-{chain[step].name}" for step in (0, 1, 2, end))
        found.append((name, names, Vector(wanted.tolist())))
    return found


def _nearest(start: np.ndarray, stop: np.ndarray, point: np.ndarray) -> np.ndarray:
    along = (stop - start) / max(float(np.linalg.norm(stop - start)), 1e-12)
    return start + ((point - start) @ along) * along


def _moved(rig: bpy.types.Object, name: str, limb: tuple[str, ...], wanted: Vector, height: float) -> Moved:
    """Lift the control towards the top of its limb, look where the limb goes, and put it back."""
    assert rig.pose is not None
    upper, lower, joint, last, handle = (rig.pose.bones[bone] for bone in (*limb, name))
    begun, way = last.head.copy(), (upper.head - last.head) * MOVED
    placed = handle.matrix.copy()
    placed.translation += way
    handle.matrix = placed
    bpy.context.view_layer.update()
    off = (last.head - begun - way).length / height
    along = (joint.head - upper.head).normalized()
    bent = lower.head - upper.head
    bent, aim = bent - bent.dot(along) * along, wanted - wanted.dot(along) * along
    if aim.length < 0.3 * wanted.length:  # a limb that points where it should bend: elbows hang then
        aim = Vector((0, 0, -1)) - along.z * -along
    natural = bent.normalized().dot(aim.normalized())
    handle.matrix_basis.identity()
    bpy.context.view_layer.update()
    return Moved(name, off, natural)
