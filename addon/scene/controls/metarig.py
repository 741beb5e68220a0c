"""A plan of controls -> a metarig, from which Rigify builds its rig."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Vector

from ....inference.animation.controls import COPY, LEG, LIMBS, ControlBone, ControlPlan, plan_controls
from ....inference.rigging.bones.names import split_side
from ...compat import bone_collection, paint, put
from ...typed import armature_data, pose_of
from ..armatures import editing, read_armature
from ..bones.groups import group_of, palette_of

_EXTRA = (("fk", " (FK)"), ("tweak", " (Tweak)"))  # collections that a limb's controls of a sort go into


def plan_of(armature: bpy.types.Object) -> ControlPlan:
    """The controls that an armature object gets, in its own coordinates."""
    return plan_controls(read_armature(armature, np.eye(4)))


def make_metarig(
    armature: bpy.types.Object, collection: bpy.types.Collection, plan: ControlPlan | None = None
) -> bpy.types.Object:
    """A metarig beside `armature`, which stays as it is."""
    plan = plan or plan_of(armature)
    data = bpy.data.armatures.new(f"{armature.name}_metarig")
    item = bpy.data.objects.new(data.name, data)
    collection.objects.link(item)
    item.matrix_world = armature.matrix_world.copy()
    bpy.context.view_layer.update()
    with editing(item):
        for control in plan.bones:
            _add_bone(data, plan, control)
        for control in plan.bones:
            if control.made_as == LEG:
                _add_heel(data, plan, control)
    for control in plan.bones:
        bone_collection(data, group_of(control.name)).assign(data.bones[control.name])
    for control in plan.bones:
        if control.made_as:
            _set_type(item, control)
    _set_buttons(data)
    return item


def _add_bone(data: bpy.types.Armature, plan: ControlPlan, control: ControlBone) -> None:
    bone = data.edit_bones.new(control.name)
    bone.head, bone.tail, bone.roll = Vector(control.head.tolist()), Vector(control.tail.tolist()), control.roll
    if control.parent >= 0:
        bone.parent = data.edit_bones[plan.bones[control.parent].name]
        bone.use_connect = control.connected
    paint(bone, palette_of(control.name))


def _add_heel(data: bpy.types.Armature, plan: ControlPlan, leg: ControlBone) -> None:
    """The bone across the heel, on the ground, by which Rigify rolls the foot."""
    side = split_side(leg.name)[1]
    first = plan.bones.index(leg)
    foot, toe = (data.edit_bones[plan.bones[first + step].name] for step in (2, 3))
    along = foot.tail - foot.head
    along = Vector((along.x, along.y, 0.0))
    ground = min(foot.tail.z, toe.tail.z, toe.head.z)
    middle = Vector((foot.head.x, foot.head.y, ground)) - 0.3 * along
    across = Vector((-along.y, along.x, 0.0)).normalized() * max(0.25 * foot.length, 1e-4)
    if side == ".R":
        across = -across
    heel = data.edit_bones.new(f"heel.02{side}")
    heel.head, heel.tail = middle - across, middle + across
    heel.parent = foot
    heel.use_connect = False


def _set_type(item: bpy.types.Object, control: ControlBone) -> None:
    """The type of Rigify, and those of its options that bones with weights of their own ask for."""
    bone = pose_of(item).bones[control.name]
    put(bone, rigify_type=control.made_as)
    options = getattr(bone, "rigify_parameters", None)
    if control.made_as in LIMBS:
        put(options, segments=1)  # one deforming bone for each of ours
        for sort, label in _EXTRA:
            _collect(item, options, sort, f"{group_of(control.name)}{label}")
    elif control.made_as.startswith("spines.basic"):
        put(options, pivot_pos=1)
        for sort, label in _EXTRA:
            _collect(item, options, sort, f"{group_of('spine')}{label}")
    elif control.made_as == COPY:
        put(options, make_control=True, make_widget=True, make_deform=True)
    elif control.made_as == "limbs.simple_tentacle":
        put(options, copy_rotation_axes=(False, False, False))  # each bone is turned by its own control alone


def _collect(item: bpy.types.Object, options: object, sort: str, name: str) -> None:
    """Put the controls of a sort into a bone collection that is hidden to begin with."""
    references = getattr(options, f"{sort}_coll_refs", None)
    if references is None:
        return
    collection = bone_collection(armature_data(item), name)
    collection.is_visible = False
    put(options, **{f"{sort}_layers_extra": True})
    references.clear()
    references.add().set_collection(collection)


def _set_buttons(data: bpy.types.Armature) -> None:
    """A row of buttons for each limb, left and right side by side."""
    rows: dict[str, int] = {}
    for collection in data.collections:
        limb = collection.name.replace(".L", "").replace(".R", "")
        put(collection, rigify_ui_row=rows.setdefault(limb, len(rows) + 1))
