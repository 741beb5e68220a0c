"""Another skeleton takes an armature's place: joints, names and axes of a template, the meshes with their weights."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Matrix

from ....inference.frames import Frame
from ....inference.rigging.skeletons.fit import Fitted, fit_template
from ....inference.rigging.skeletons.template import Template
from ...typed import armature_data, pose_of, record_of
from ..apply import remember
from ..armatures import read_armature, write_armature
from ..attach import attach, own_their_meshes, remove_armatures
from ..meshes import Part, matrix, mesh_of
from ..poses.rest_pose import binding, check_changeable, move_mesh, moves_within, shares_of
from ..poses.trial_pose import clear_pose
from ..weights import sparse, write_weights


def fit_skeleton(
    armature: bpy.types.Object, meshes: Sequence[bpy.types.Object], template: Template, *, keep_pose: bool
) -> tuple[bpy.types.Object, Fitted]:
    """A new armature with the skeleton of `template`, which moves `meshes` from now on, and what came of the fitting.

    The old one stays, without its meshes.
    """
    check_changeable(armature, meshes)
    clear_pose(armature)
    bpy.context.view_layer.update()
    fitted = fit_template(template, read_armature(armature), keep_pose=keep_pose)
    names = fitted.armature.names
    labels = [part or name for part, name in zip(template.parts, names, strict=False)] + [*fitted.kept]
    made = write_armature(fitted.armature, armature.name, _collection(armature), _frame(armature, fitted), labels)
    made.show_in_front = armature.show_in_front
    armature_data(made).display_type = armature_data(armature).display_type
    own_their_meshes(meshes)
    names = [bone.name for bone in armature_data(armature).bones]
    for item in meshes:
        _hand_over(item, armature, made, names, fitted)
    _carry(armature, made, names, fitted)
    attach(meshes, made, [armature])
    return made, fitted


def give_way(armature: bpy.types.Object, made: bpy.types.Object) -> None:
    """Remove an armature; the one that was made in its place takes its name."""
    name = armature.name
    remove_armatures([armature])
    bpy.context.view_layer.update()  # the layer's list of objects must not keep what is gone
    made.name = armature_data(made).name = name


def note_skeleton(
    armature: bpy.types.Object, made: bpy.types.Object, meshes: Sequence[bpy.types.Object], fitted: Fitted
) -> None:
    """Remember what the panel tells of it. An armature that was made here gives way; one of the user's own stays."""
    record_of(made).missing = "\n".join(fitted.missing)
    remember(made, [Part(item.name, 0, len(mesh_of(item).vertices)) for item in meshes])
    record_of(made).made = record_of(armature).made
    if record_of(armature).made:
        give_way(armature, made)
    else:
        record_of(armature).meshes.clear()


def _collection(armature: bpy.types.Object) -> bpy.types.Collection | None:
    return armature.users_collection[0] if armature.users_collection else None


def _frame(armature: bpy.types.Object, fitted: Fitted) -> Frame:
    """The new armature stands where the old one stood; its own axes are the body's left, back and up."""
    return Frame(fitted.frame.frame.axes, 1.0, matrix(armature.matrix_world)[:3, 3])


def _hand_over(
    item: bpy.types.Object, old: bpy.types.Object, new: bpy.types.Object, names: Sequence[str], fitted: Fitted
) -> None:
    """One mesh: its weights become the new bones', it goes to the new rest, and the new armature moves it."""
    world, data = matrix(item.matrix_world), mesh_of(item)
    points = np.empty(3 * len(data.vertices), np.float32)
    data.vertices.foreach_get("co", points)
    points = points.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
    skin = fitted.skin(points, sparse(shares_of(item, old, names)))
    move_mesh(item, old, skin, moves_within(fitted.moves, world))
    for group in [group for group in item.vertex_groups if group.name in names]:
        item.vertex_groups.remove(group)
    write_weights(fitted.armature, skin, [Part(item.name, 0, len(data.vertices))])
    for modifier in binding(item, old):
        modifier.object = new


def _carry(old: bpy.types.Object, new: bpy.types.Object, names: Sequence[str], fitted: Fitted) -> None:
    """What hangs on single bones hangs on those that took their place, and goes where they went."""
    place = {name: bone for bone, name in enumerate(names)}
    heirs = fitted.heirs
    for item in [item for item in bpy.data.objects if item.parent == old and item.parent_type == "BONE"]:
        if item.parent_bone not in place or item.parent_bone not in pose_of(old).bones:
            continue
        heir = heirs[place[item.parent_bone]]
        move = np.eye(4)
        move[:3] = fitted.moves[heir]
        there = Matrix((move @ matrix(item.matrix_world)).tolist())
        item.parent, item.parent_bone = new, fitted.armature.names[heir]
        bpy.context.view_layer.update()
        item.matrix_world = there
