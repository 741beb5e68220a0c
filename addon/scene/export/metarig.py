"""A Rigify metarig of our armature: the same bones under Rigify's names, with the types that Rigify builds from."""

from __future__ import annotations

import bpy
from mathutils import Vector

from ....inference.errors import BadRequestError
from ....inference.rigging.bones.conventions import translate
from ....inference.rigging.bones.names import BOTH_SIDES, split_side
from ...compat import put
from ...errors import SceneError
from ...typed import armature_data, copy_of, pose_of, record_of
from ..armatures import editing, read_armature

_TYPES = {  # first bone of each limb -> what Rigify makes of it
    "spine": "spines.basic_spine",
    "shoulder": "basic.super_copy",
    "upper_arm": "limbs.arm",
    "thigh": "limbs.leg",
    "thumb.01": "limbs.super_finger",
    "f_index.01": "limbs.super_finger",
    "f_middle.01": "limbs.super_finger",
    "f_ring.01": "limbs.super_finger",
    "f_pinky.01": "limbs.super_finger",
}
_WITHIN = ("forearm", "hand", "shin", "foot", "toe", "heel.02", "spine.", "thumb.", "f_")
_LEG = ("thigh", "shin", "foot", "toe")


def has_rigify() -> bool:
    """The Rigify add-on is on."""
    return hasattr(bpy.types.PoseBone, "rigify_type")


def make_metarig(armature: bpy.types.Object, collection: bpy.types.Collection) -> bpy.types.Object:
    """A metarig beside `armature`, which stays as it is."""
    bones = read_armature(armature)
    try:
        changes = translate(bones.names, bones.parents, "rigify")
    except BadRequestError as error:
        raise SceneError("Rigify's human needs hips, spine, arms and legs; this armature has others.") from error
    names = {changes.get(name, name) for name in bones.names}
    missing = [f"{part}{side}" for part in _LEG for side in BOTH_SIDES if f"{part}{side}" not in names]
    if missing:
        raise SceneError(f"Rigify's legs need '{missing[0]}'. Generate with more bones.")
    item, data = copy_of(armature), copy_of(armature_data(armature))
    item.data = data
    item.name = data.name = f"{armature.name}_metarig"
    item.animation_data_clear()
    collection.objects.link(item)
    passing = {old: f"\u2026{place}" for place, old in enumerate(changes)}
    for old, between in passing.items():
        data.bones[old].name = between
    for old, between in passing.items():
        data.bones[between].name = changes[old]
    record_of(item).meshes.clear()
    record_of(item).made = False
    bpy.context.view_layer.update()
    neck = _first_of_neck(data)
    with editing(item):
        _drop_helpers(data)
        _connect(data, neck)
        for side in BOTH_SIDES:
            _add_heel(data, side)
    _set_types(item, neck)
    _set_buttons(data)
    return item


def _drop_helpers(data: bpy.types.Armature) -> None:
    """Rigify makes twist bones of its own."""
    for bone in [bone for bone in data.edit_bones if ".twist" in bone.name]:
        data.edit_bones.remove(bone)


def _connect(data: bpy.types.Armature, neck: str) -> None:
    """Rigify wants each limb as one connected chain, and the neck as the beginning of one."""
    for bone in data.edit_bones:
        if bone.name == neck:
            bone.use_connect = False
            continue
        inner = bone.name.startswith(("forearm", "hand", "shin", "foot", "toe", "spine."))
        if inner and bone.parent is not None and not bone.use_connect:
            bone.parent.tail = bone.head
            bone.use_connect = True


def _add_heel(data: bpy.types.Armature, side: str) -> None:
    """The bone across the heel, on the ground, by which Rigify rolls the foot."""
    foot, toe = data.edit_bones[f"foot{side}"], data.edit_bones[f"toe{side}"]
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


def _first_of_neck(data: bpy.types.Armature) -> str:
    """The first bone of the spine above the one that carries the arms; "" where there is none."""
    carriers = [data.bones[name].parent for name in ("shoulder.L", "upper_arm.L") if name in data.bones]
    chest = next((bone.name for bone in carriers if bone is not None), "")
    above = [bone.name for bone in data.bones if bone.parent is not None and bone.parent.name == chest]
    return next((name for name in above if name.startswith("spine.")), "")


def _set_types(item: bpy.types.Object, neck: str) -> None:
    for bone in pose_of(item).bones:
        stem = split_side(bone.name)[0]
        if bone.name == neck:
            put(bone, rigify_type="spines.super_head")
        elif stem in _TYPES:
            put(bone, rigify_type=_TYPES[stem])
        elif not stem.startswith(_WITHIN):
            put(bone, rigify_type="basic.super_copy")


def _set_buttons(data: bpy.types.Armature) -> None:
    """A row of buttons for each limb, left and right side by side."""
    rows: dict[str, int] = {}
    for collection in data.collections:
        limb = split_side(collection.name)[0]
        put(collection, rigify_ui_row=rows.setdefault(limb, len(rows) + 1))
