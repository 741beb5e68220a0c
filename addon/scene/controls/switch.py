"""From a plain armature to a control rig and back: the meshes change hands, the armature that waits is hidden."""

from __future__ import annotations

import bpy

from ....inference.animation.controls import ControlPlan
from ...compat import bone_collection, put
from ...errors import SceneError
from ...typed import armature_data, record_of
from ..armatures import editing
from ..attach import check_writable
from ..characters import check_local, meshes_of
from ..objects import home_of, remove_with_data
from ..selecting import leave_modes, make_active
from .metarig import make_metarig, plan_of
from .rigify import Built, build, switch_on

DEFORMS = "DEF-"  # Rigify's prefix of deforming bones
SHOWS = "ORG-"  # and of those that are where the metarig's bones would be


def add_controls(context: bpy.types.Context, armature: bpy.types.Object) -> bpy.types.Object:
    """A control rig that moves the meshes of `armature`, with the same weights; `armature` is hidden and kept."""
    if record_of(armature).controls is not None:
        raise SceneError(f"'{armature.name}' has controls already.")
    check_local(armature)
    meshes = meshes_of(armature)
    check_writable(meshes)
    switch_on()
    leave_modes(context)
    plan = plan_of(armature)
    metarig = make_metarig(armature, home_of(context.scene, armature), plan)
    try:
        make_active(context, metarig)
        built = build(metarig, f"{armature.name}_controls")
    finally:
        remove_with_data(metarig)
    rig = built.rig
    rig.parent = armature.parent
    rig.matrix_parent_inverse = armature.matrix_parent_inverse.copy()
    rig.matrix_world = armature.matrix_world.copy()
    context.view_layer.update()
    groups = _deforming(armature, rig, plan)
    _remember(armature, built, groups)
    _hand_over(armature, rig, meshes, groups)
    put(rig, show_in_front=True)
    armature.hide_set(state=True)
    make_active(context, rig)
    return rig


def remove_controls(context: bpy.types.Context, armature: bpy.types.Object) -> None:
    """The plain armature moves its meshes again, as before; the control rig is gone, its actions stay in the file."""
    rig = record_of(armature).controls
    if rig is None:
        raise SceneError(f"'{armature.name}' has no controls.")
    leave_modes(context)
    groups = dict(line.split("\t") for line in record_of(armature).groups.split("\n") if line)
    back = {new: old for old, new in groups.items()}
    _hand_over(rig, armature, meshes_of(rig), back)
    _keep_actions(rig)
    record = record_of(armature)
    widgets, script = record.widgets, record.script
    record.controls = record.widgets = record.script = None
    record.groups = ""
    remove_with_data(rig)
    if widgets is not None:
        for item in list(widgets.objects):
            remove_with_data(item)
        bpy.data.collections.remove(widgets)
    if script is not None:
        bpy.data.texts.remove(script)
    armature.hide_set(state=False)
    make_active(context, armature)


def _deforming(armature: bpy.types.Object, rig: bpy.types.Object, plan: ControlPlan) -> dict[str, str]:
    """Each deforming bone of ours -> the bone of the rig that takes its weights, added where Rigify made none."""
    bones, made = armature_data(armature).bones, armature_data(rig)
    groups: dict[str, str] = {}
    added: list[tuple[str, str]] = []
    for place, bone in enumerate(bones):
        if not bone.use_deform:
            continue
        carrier = plan.bones[plan.carriers[place]].name
        name = f"{DEFORMS}{carrier}"
        if not plan.deforms(place) or name not in made.bones:
            name = f"{DEFORMS}{bone.name}"
            name = name if name not in made.bones else f"{name}.own"
            added.append((bone.name, name))
        groups[bone.name] = name
    carriers = {bone.name: plan.bones[plan.carriers[place]].name for place, bone in enumerate(bones)}
    with editing(rig):
        for own, name in added:
            extra = made.edit_bones.new(name)
            extra.head, extra.tail = bones[own].head_local, bones[own].tail_local
            extra.align_roll(bones[own].z_axis)
            extra.parent = made.edit_bones[f"{SHOWS}{carriers[own]}"]
    for _, name in added:
        made.bones[name].use_deform = True
        bone_collection(made, "DEF").assign(made.bones[name])
    return groups


def _remember(armature: bpy.types.Object, built: Built, groups: dict[str, str]) -> None:
    record = record_of(armature)
    put(record, controls=built.rig, widgets=built.widgets, script=built.script)
    record.groups = "\n".join(f"{old}\t{new}" for old, new in groups.items())


def _hand_over(
    giver: bpy.types.Object, taker: bpy.types.Object, meshes: list[bpy.types.Object], groups: dict[str, str]
) -> None:
    """Meshes, their weights and whatever hangs on `giver` go to `taker`; all of it stays where it is."""
    for item in meshes:
        used = {modifier.name: getattr(modifier, "vertex_group", "") for modifier in item.modifiers}
        for old, new in groups.items():
            if old in item.vertex_groups:
                item.vertex_groups[old].name = new
        for modifier in item.modifiers:
            if isinstance(modifier, bpy.types.ArmatureModifier) and modifier.object == giver:
                modifier.object = taker
            if used[modifier.name] in groups:
                put(modifier, vertex_group=groups[used[modifier.name]])
    for child in [item for item in bpy.data.objects if item.parent == giver and item is not taker]:
        world, bone = child.matrix_world.copy(), child.parent_bone
        child.parent = taker
        if child.parent_type == "BONE" and bone in groups:
            child.parent_bone = groups[bone]
        bpy.context.view_layer.update()
        child.matrix_world = world


def _keep_actions(rig: bpy.types.Object) -> None:
    """Motion that was made for the controls is not lost with them."""
    data = rig.animation_data
    if data is None:
        return
    actions = [data.action, *(strip.action for track in data.nla_tracks for strip in track.strips)]
    for action in actions:
        if action is not None:
            action.use_fake_user = True
