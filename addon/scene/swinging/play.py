"""What makes chains swing when Blender plays: soft threads that hang from the body, and bones that look along them.

A thread is a line of vertices, one at each joint of a chain, in a hidden mesh that the chain's carrier moves. Blender's
soft body draws each vertex back to its rest, as strongly as the spring is stiff; each bone has a Damped Track to the
vertex at its end. One mesh for each carrier; nothing else in the scene is changed.
"""

from __future__ import annotations

from collections.abc import Sequence

import bpy
from mathutils import Matrix

from ....inference.anatomy import Spring
from ...typed import armature_data, pose_of
from ..objects import home_of, remove_with_data
from .kept import springs_of

TRACK = "Bonewright Swing"
THREADS = (
    "bonewright_threads"  # on the meshes of threads: the name of the armature is not needed, they are its children
)
HELD, GOAL = 1.0, "rest"
SOFTEST = 0.3  # of stiffness, added before it becomes a share of 1
FRICTION = 12.0  # of the goal, for a drag of 1
PULL = 0.9


def add_play(context: bpy.types.Context, armature: bpy.types.Object) -> None:
    """Have the chains that are noted with the armature swing. What did so before is replaced."""
    remove_play(armature)
    springs = springs_of(armature)
    bones = armature_data(armature).bones
    carried: dict[str, list[Spring]] = {}
    for spring in springs:
        carrier = bones[spring.bones[0]].parent
        carried.setdefault("" if carrier is None else carrier.name, []).append(spring)
    for carrier, group in carried.items():
        threads = _threads(context, armature, carrier, group)
        for spring in group:
            for name in spring.bones:
                track = pose_of(armature).bones[name].constraints.new("DAMPED_TRACK")
                assert isinstance(track, bpy.types.DampedTrackConstraint)
                track.name, track.target, track.subtarget = TRACK, threads, name
                track.track_axis = "TRACK_Y"


def remove_play(armature: bpy.types.Object) -> None:
    """Take threads and tracks away."""
    for bone in pose_of(armature).bones:
        for constraint in [item for item in bone.constraints if item.name.split(".")[0] == TRACK]:
            bone.constraints.remove(constraint)
    for item in threads_of(armature):
        remove_with_data(item)


def threads_of(armature: bpy.types.Object) -> list[bpy.types.Object]:
    """The meshes of the threads that make an armature's chains swing."""
    return [item for item in bpy.data.objects if item.parent == armature and THREADS in item]


def _threads(
    context: bpy.types.Context, armature: bpy.types.Object, carrier: str, springs: Sequence[Spring]
) -> bpy.types.Object:
    """The threads of the chains that one bone carries, at rest where the chains are."""
    bones = armature_data(armature).bones
    points, edges, held, groups = [], [], [], []  # groups: bone, vertex at its end
    for spring in springs:
        held.append((len(points), HELD))
        points.append(bones[spring.bones[0]].head_local.copy())
        for place, name in enumerate(spring.bones):
            edges.append((len(points) - 1, len(points)))
            groups.append((name, len(points)))
            held.append((len(points), _goal(spring, (place + 1) / len(spring.bones))))
            points.append(bones[name].tail_local.copy())
    data = bpy.data.meshes.new(f"{armature.name}_threads")
    data.from_pydata([tuple(point) for point in points], edges, [])
    item = bpy.data.objects.new(data.name, data)
    item[THREADS] = True
    home_of(context.scene, armature).objects.link(item)
    goal = item.vertex_groups.new(name=GOAL)
    for vertex, weight in held:
        goal.add((vertex,), weight, "REPLACE")
    for name, vertex in groups:
        item.vertex_groups.new(name=name).add((vertex,), 1.0, "REPLACE")
    item.parent = armature
    if carrier:
        bone = bones[carrier]
        item.parent_type, item.parent_bone = "BONE", carrier
        item.matrix_parent_inverse = (bone.matrix_local @ Matrix.Translation((0, bone.length, 0))).inverted()
    item.hide_render = item.hide_select = True
    item.hide_set(state=True)
    _soften(item, context.scene, springs)
    return item


def _soften(item: bpy.types.Object, scene: bpy.types.Scene, springs: Sequence[Spring]) -> None:
    modifier = item.modifiers.new(TRACK, "SOFT_BODY")
    assert isinstance(modifier, bpy.types.SoftBodyModifier)
    soft = modifier.settings
    soft.use_goal, soft.vertex_group_goal = True, GOAL
    soft.goal_min, soft.goal_max, soft.goal_default = 0.0, 1.0, 0.7
    soft.goal_spring = 0.6
    soft.goal_friction = FRICTION * sum(spring.drag for spring in springs) / len(springs)
    soft.use_edges, soft.pull, soft.push, soft.bend = True, PULL, PULL, 0.2
    soft.use_edge_collision = soft.use_face_collision = soft.use_self_collision = False
    assert soft.effector_weights is not None
    soft.effector_weights.gravity = sum(spring.gravity for spring in springs) / len(springs) * 0.2
    modifier.point_cache.frame_start, modifier.point_cache.frame_end = scene.frame_start, max(scene.frame_end, 250)


def _goal(spring: Spring, out: float) -> float:
    """How strongly a vertex is drawn to its rest: the softer the farther out."""
    firm = spring.stiffness / (spring.stiffness + SOFTEST)
    return max(min(firm * (1.0 - 0.35 * out), 0.95), 0.1)
