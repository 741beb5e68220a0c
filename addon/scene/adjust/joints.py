"""Joints of an armature in edit mode: which there are, what is across, and how they are moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import bpy
import numpy as np
from mathutils import Vector

from ....inference.anatomy import Symmetry
from ....inference.rigging.bones.conventions import own_names
from ....inference.rigging.bones.joints import JointGraph, find_joints, moved_joint, per_joint_least, titles
from ....inference.rigging.bones.names import sign_of_side
from ...errors import SceneError
from ...typed import armature_data
from ..bones.sides import across_of, mirror_off, plane_in_use
from .bones import LOCKED


@dataclass(frozen=True)
class JointLooks:
    """The joints of an armature as markers show them."""

    graph: JointGraph  # in the armature's own coordinates
    titles: tuple[str, ...]  # (J,)
    sides: np.ndarray  # (J,) 1 left, -1 right, 0 the middle
    certainty: np.ndarray  # (J,) 0..1
    locked: np.ndarray  # (J,) bool
    selected: np.ndarray  # (J,) bool
    shown: np.ndarray  # (J,) bool


def read_graph(data: bpy.types.Armature) -> JointGraph:
    """The joints of the bones in edit mode."""
    heads, tails = read_ends(data)
    names, parents = _tree(data)
    own, pairs = _names_and_pairs(names, parents)
    return find_joints(heads, tails, own, np.array(parents), np.array(pairs))


def read_ends(data: bpy.types.Armature) -> tuple[np.ndarray, np.ndarray]:
    """Heads and tails of the bones, (B, 3) each, in edit mode or out of it."""
    if data.is_editmode:
        rows = [(*bone.head, *bone.tail) for bone in data.edit_bones]
    else:
        rows = [(*bone.head_local, *bone.tail_local) for bone in data.bones]
    ends = np.array(rows, np.float64).reshape(-1, 6)
    return ends[:, :3], ends[:, 3:]


def read_looks(data: bpy.types.Armature) -> JointLooks:
    """The joints of the bones in edit mode, and how sure, chosen and locked they are."""
    graph, bones = read_graph(data), list(data.edit_bones)
    names, parents = _tree(data)
    own, _ = _names_and_pairs(names, parents)
    count = len(graph.places)
    sides, locked, selected, shown = np.zeros(count, int), *np.zeros((3, count), bool)
    for place, bone in enumerate(bones):
        head, tail = graph.ends[place]
        sides[[head, tail]] = sign_of_side(own[place])
        locked[[head, tail]] |= LOCKED in bone
        selected[head] |= bone.select_head
        selected[tail] |= bone.select_tail
        shown[[head, tail]] |= not bone.hide
    for place in range(len(bones)):  # what bones of both sides or of the middle share belongs to the middle
        for joint in graph.ends[place]:
            if sides[joint] and sign_of_side(own[place]) != sides[joint]:
                sides[joint] = 0
    certainty = per_joint_least(graph, np.array([float(bone.get("confidence", 1.0)) for bone in bones]))
    return JointLooks(graph, tuple(titles(graph, names)), sides, certainty, locked, selected, shown & ~graph.riders)


def joint_at(data: bpy.types.Armature, graph: JointGraph, bone: str, end: str) -> int:
    """The joint of the head or the tail of a bone."""
    place = data.edit_bones.find(bone)
    if place < 0:
        raise SceneError(f"There is no bone '{bone}' any more. Drag another joint.")
    return int(graph.ends[place, 0 if end == "HEAD" else 1])


def is_locked(data: bpy.types.Armature, graph: JointGraph, joint: int) -> bool:
    """A bone that ends here is locked."""
    return any(LOCKED in bone for place, bone in enumerate(data.edit_bones) if joint in graph.ends[place])


def move_joint(
    armature: bpy.types.Object, graph: JointGraph, joint: int, target: np.ndarray, *, straight: bool = False
) -> None:
    """Move a joint of `graph` and, where both sides are edited as one, the one across, wherever they are by now."""
    places = moved_joint(graph, joint, target, _mirror(armature, graph, joint), straight=straight)
    put_joints(armature_data(armature), graph, places)


def put_joints(data: bpy.types.Armature, graph: JointGraph, places: np.ndarray) -> None:
    """Put the ends of all bones to `places` (J, 3); a bone whose place changes keeps the way its z axis looks."""
    with mirror_off(data):
        for bone, ends in zip(data.edit_bones, graph.ends, strict=True):
            head, tail = (Vector(places[joint].tolist()) for joint in ends)
            if (bone.head - head).length > 0 or (bone.tail - tail).length > 0:
                bend = bone.z_axis.copy()
                bone.head, bone.tail = head, tail
                bone.align_roll(bend)


def trust_joint(armature: bpy.types.Object, graph: JointGraph, joint: int) -> None:
    """Count a joint that a rigger has put right as certain, and the one that moved along on the other side."""
    data, joints = armature_data(armature), {joint, other_joint(armature, graph, joint)}
    for bone, (head, tail) in zip(data.edit_bones, graph.ends, strict=True):
        if head in joints or (tail in joints and tail not in graph.ends[:, 0]):
            bone["confidence"] = 1.0


def selected_joints(data: bpy.types.Armature, graph: JointGraph) -> list[int]:
    """The joints that a selected end of a bone sits at."""
    chosen = [
        int(joint)
        for bone, ends in zip(data.edit_bones, graph.ends, strict=True)
        for joint, selected in zip(ends, (bone.select_head, bone.select_tail), strict=True)
        if selected
    ]
    return list(dict.fromkeys(chosen))


def select_joint(data: bpy.types.Armature, graph: JointGraph, joint: int, *, extend: bool) -> None:
    """Select the ends of the bones that meet at a joint; `extend` keeps what was selected, or lets go of this one."""
    known = selected_joints(data, graph)
    kept = [other for other in known if other != joint] if extend else []
    chosen = kept if extend and joint in known else [*kept, joint]
    with mirror_off(data):
        for bone, (head, tail) in zip(data.edit_bones, graph.ends, strict=True):
            bone.select_head, bone.select_tail = head in chosen, tail in chosen
            bone.select = bone.select_head and bone.select_tail


def direction_at(graph: JointGraph, joint: int) -> np.ndarray:
    """Along which way the limb runs through a joint, (3,) unit."""
    total = np.zeros(3)
    for head, tail in graph.ends:
        if joint in (head, tail) and head != tail:
            along = graph.places[tail] - graph.places[head]
            along = along / max(float(np.linalg.norm(along)), 1e-30)
            total += along if total @ along >= 0 else -along
    size = float(np.linalg.norm(total))
    return total / size if size > 1e-6 else np.array([0.0, 0.0, 1.0])


def other_joint(armature: bpy.types.Object, graph: JointGraph, joint: int) -> int | None:
    """The joint that moves along on the other side."""
    mirror = _mirror(armature, graph, joint)
    other = int(graph.across[joint])
    return other if mirror is not None and other >= 0 and other != joint else None


def _mirror(armature: bpy.types.Object, graph: JointGraph, joint: int) -> Symmetry | None:
    mirror = plane_in_use(armature)
    other = int(graph.across[joint])
    if mirror is not None and other >= 0 and other != joint and is_locked(armature_data(armature), graph, other):
        return None  # what is locked stays, whatever happens on this side
    return mirror


def _tree(data: bpy.types.Armature) -> tuple[tuple[str, ...], tuple[int, ...]]:
    bones = data.edit_bones
    place = {bone.name: number for number, bone in enumerate(bones)}
    return tuple(place), tuple(place[bone.parent.name] if bone.parent else -1 for bone in bones)


@lru_cache(maxsize=4)
def _names_and_pairs(names: tuple[str, ...], parents: tuple[int, ...]) -> tuple[list[str], list[int]]:
    """What we would call the bones; and each one's namesake across, itself in the middle, -1 where there is none."""
    own, place = own_names(names, np.array(parents, np.int32)), {name: number for number, name in enumerate(names)}
    across = across_of(own)
    pairs = [
        place[across[name]] if name in across else -1 if sign_of_side(own[name]) else number
        for name, number in place.items()
    ]
    return [own[name] for name in names], pairs
