"""Another rest pose for an armature, the meshes it moves and their shape keys, all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ....inference.anatomy import Armature, SkinWeights
from ....inference.rigging.rest.turns import moved_by, moved_points
from ...compat import put
from ...errors import SceneError
from ...typed import armature_data, pose_of
from ..armatures import editing, read_armature
from ..attach import check_writable, own_their_meshes
from ..characters import armatures_of, check_local
from ..meshes import Part, matrix, mesh_of
from ..weights import read_weights, sparse
from .trial_pose import clear_pose

SAME_PLACE = 1e-6  # bones that move by less are at rest
LEAST_SCALE = 1e-30  # a determinant below this is a mesh that was scaled to nothing


@dataclass(frozen=True)
class Changed:
    """What got another rest pose."""

    meshes: int
    keys: int  # shape keys beside the reference
    outdated: tuple[str, ...]  # modifiers that remember the mesh as it was: "'Correct' of 'Body'"


def own_bones(armature: bpy.types.Object) -> Armature:
    """The bones at rest in the armature's own coordinates, in which they turn when they are posed."""
    return read_armature(armature, np.eye(4))


def moves_of_pose(armature: bpy.types.Object) -> np.ndarray:
    """How the bones move what is bound to them in the present pose, (B, 3, 4), in the armature's own coordinates."""
    bpy.context.view_layer.update()
    posed = pose_of(armature).bones
    return np.array(
        [
            (matrix(posed[bone.name].matrix) @ np.linalg.inv(matrix(bone.matrix_local)))[:3]
            for bone in armature_data(armature).bones
        ]
    )


def change_rest(
    armature: bpy.types.Object, meshes: Sequence[bpy.types.Object], after: Armature, moves: np.ndarray
) -> Changed:
    """Give `armature` the bones of `after` at rest and move `meshes` by `moves`; both in its own coordinates."""
    check_changeable(armature, meshes)
    own_their_meshes(meshes)
    names = [bone.name for bone in armature_data(armature).bones]
    for item in meshes:
        into = np.linalg.inv(matrix(armature.matrix_world)) @ matrix(item.matrix_world)
        move_mesh(item, armature, sparse(shares_of(item, armature, names)), moves_within(moves, into))
    carried = _carried(armature, names, moves)
    _write_rest(armature, after)
    clear_pose(armature)
    for item, place in carried:
        item.matrix_world = place
    bpy.context.view_layer.update()
    keys = [item.data.shape_keys for item in meshes if isinstance(item.data, bpy.types.Mesh)]
    return Changed(
        len(meshes),
        sum(len(found.key_blocks) - 1 for found in keys if found is not None),
        outdated_modifiers(meshes),
    )


def posed_at_rest(armature: bpy.types.Object) -> tuple[Armature, np.ndarray]:
    """The bones as they are posed now, and the moves that brought them there."""
    moves = moves_of_pose(armature)
    if np.abs(moves - np.eye(4)[:3]).max() < SAME_PLACE:
        raise SceneError(f"'{armature.name}' is not posed. Pose its bones first, or choose T, A or relaxed.")
    return moved_by(own_bones(armature), moves), moves


def check_changeable(armature: bpy.types.Object, meshes: Sequence[bpy.types.Object]) -> None:
    """Refuse what cannot get another rest pose, before anything is changed."""
    check_local(armature)
    check_writable(meshes)
    for item in (armature, *meshes):
        if item.override_library is not None or (item.data is not None and item.data.override_library is not None):
            raise SceneError(f"'{item.name}' overrides what is in another file. Make it local first.")
        if abs(np.linalg.det(matrix(item.matrix_world))) < LEAST_SCALE:
            raise SceneError(f"'{item.name}' is scaled to nothing. Give it a size first.")
    for item in meshes:
        if armature not in armatures_of([item]):
            raise SceneError(f"'{item.name}' is not bound to '{armature.name}' and would stay behind. Bind it first.")
        for modifier in binding(item, armature):
            if modifier.use_bone_envelopes or not modifier.use_vertex_groups:
                raise SceneError(
                    f"'{item.name}' is moved by envelopes, which have no weights. Bind it, or switch "
                    f"Bone Envelopes off in its modifier '{modifier.name}'."
                )


def binding(item: bpy.types.Object, armature: bpy.types.Object) -> list[bpy.types.ArmatureModifier]:
    return [
        modifier
        for modifier in item.modifiers
        if isinstance(modifier, bpy.types.ArmatureModifier) and modifier.object == armature
    ]


def shares_of(item: bpy.types.Object, armature: bpy.types.Object, names: Sequence[str]) -> np.ndarray:
    """Weights of the bones called `names`, as Blender's modifier has it: shares of what is there, (V, B)."""
    count = len(mesh_of(item).vertices)
    dense = read_weights([Part(item.name, 0, count)], count, names)
    dense[:, [not armature_data(armature).bones[name].use_deform for name in names]] = 0.0
    total = dense.sum(1, keepdims=True)
    return dense / np.where(total > 0, total, 1)


def move_mesh(item: bpy.types.Object, armature: bpy.types.Object, skin: SkinWeights, moves: np.ndarray) -> None:
    """Move the vertices and those of every shape key by moves (B, 3, 4) of the mesh's own coordinates.

    What the modifier of `armature` does not move, or moves but half, moves no more here.
    """
    data = mesh_of(item)
    count = len(data.vertices)
    mask = _mask(item, binding(item, armature)[0], count)
    blocks = data.shape_keys.key_blocks if data.shape_keys is not None else ()
    for points in (data.vertices, *(block.data for block in blocks)):
        before = np.empty(3 * count, np.float32)
        points.foreach_get("co", before)
        places = before.reshape(-1, 3).astype(np.float64)
        places += mask[:, None] * (moved_points(places, skin, moves) - places)
        points.foreach_set("co", places.astype(np.float32).ravel())
    data.update()


def moves_within(moves: np.ndarray, into: np.ndarray) -> np.ndarray:
    """Moves (B, 3, 4) of a frame in the coordinates that `into` (4, 4) takes into that frame."""
    full = np.tile(np.eye(4), (len(moves), 1, 1))
    full[:, :3] = moves
    return (np.linalg.inv(into) @ full @ into)[:, :3]


def _mask(item: bpy.types.Object, modifier: bpy.types.ArmatureModifier, count: int) -> np.ndarray:
    """How much the modifier moves each vertex, (V,)."""
    if not modifier.vertex_group or modifier.vertex_group not in item.vertex_groups:
        return np.ones(count)
    share = read_weights([Part(item.name, 0, count)], count, [modifier.vertex_group])[:, 0].astype(np.float64)
    return 1.0 - share if modifier.invert_vertex_group else share


def _carried(
    armature: bpy.types.Object, names: Sequence[str], moves: np.ndarray
) -> list[tuple[bpy.types.Object, Matrix]]:
    """Objects that hang on single bones, and where those bones take them."""
    world = matrix(armature.matrix_world)
    place = {name: bone for bone, name in enumerate(names)}
    found = []
    for item in bpy.data.objects:
        if item.parent == armature and item.parent_type == "BONE" and item.parent_bone in place:
            move = np.eye(4)
            move[:3] = moves[place[item.parent_bone]]
            pose = matrix(pose_of(armature).bones[item.parent_bone].matrix)
            rest = matrix(armature_data(armature).bones[item.parent_bone].matrix_local)
            at_rest = rest @ np.linalg.inv(pose) @ np.linalg.inv(world) @ matrix(item.matrix_world)
            found.append((item, Matrix((world @ move @ at_rest).tolist())))
    return found


def _write_rest(armature: bpy.types.Object, after: Armature) -> None:
    with editing(armature):
        bones = armature_data(armature).edit_bones
        for place, name in enumerate(after.names):
            bone = bones[name]
            joined = bone.use_connect
            put(bone, use_connect=False)
            bone.head, bone.tail = Vector(after.heads[place]), Vector(after.tails[place])
            bone.roll = float(after.rolls[place])
            if joined and after.connected[place]:
                put(bone, use_connect=True)


def outdated_modifiers(meshes: Sequence[bpy.types.Object]) -> tuple[str, ...]:
    """Modifiers that were bound to the meshes as they were: "'Correct' of 'Body'"."""
    return tuple(
        f"'{modifier.name}' of '{item.name}'"
        for item in meshes
        for modifier in item.modifiers
        if getattr(modifier, "is_bound", False) or getattr(modifier, "is_bind", False)
    )
