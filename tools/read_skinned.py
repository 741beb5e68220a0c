"""Read skinned FBX, glTF and .blend files by Blender and write a `.rig.npz` for each armature; needs the `bpy` wheel.

    python -m tools.read_skinned model.fbx scene.blend --out rigs/
    python -m tools.build_dataset rigs rigs/ --out data/rigs

Meshes are taken in rest pose, in world space, with their other modifiers applied (a mirrored half becomes whole).
What an armature does not deform is left out.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import bpy
import numpy as np
import tyro

INFLUENCES = 8  # heaviest bones that are kept for a vertex


@dataclass(frozen=True)
class Options:
    """Write a `.rig.npz` for each armature of some files."""

    files: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """FBX, glTF, GLB or .blend files."""
    out: Path
    """Where to write."""


def open_file(path: Path) -> None:
    """Only this file's objects, armatures in rest pose."""
    if path.suffix.lower() == ".blend":
        bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False, use_scripts=False)
    else:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        if path.suffix.lower() == ".fbx":
            # Exporters end each chain with an empty bone that only says how long the last one is.
            bpy.ops.import_scene.fbx(filepath=str(path), ignore_leaf_bones=True)
        else:
            bpy.ops.import_scene.gltf(filepath=str(path))
    for armature in bpy.data.armatures:
        armature.pose_position = "REST"
    bpy.context.view_layer.update()


def rig_of(rig: bpy.types.Object) -> dict[str, np.ndarray] | None:
    """The arrays of one armature and the meshes it deforms; None where it deforms none."""
    armature = rig.data
    assert isinstance(armature, bpy.types.Armature)
    bones = sorted(armature.bones, key=lambda bone: len(bone.parent_recursive))
    place = {bone.name: k for k, bone in enumerate(bones)}
    vertices, triangles, weights, start = [], [], [], 0
    for skin in bpy.data.objects:
        if skin.type != "MESH" or not any(
            isinstance(m, bpy.types.ArmatureModifier) and m.object == rig for m in skin.modifiers
        ):
            continue
        points, corners, full = skin_of(skin, place)
        vertices.append(points)
        triangles.append(corners + start)
        weights.append(full)
        start += len(points)
    if not vertices:
        return None
    world = np.array(rig.matrix_world)
    turn = rig.matrix_world.to_quaternion().to_matrix()
    heads, tails = (
        np.array([getattr(bone, end)[:] for bone in bones]) @ world[:3, :3].T + world[:3, 3]
        for end in ("head_local", "tail_local")
    )
    full = np.concatenate(weights)
    heaviest = np.argsort(-full, axis=1, kind="stable")[:, :INFLUENCES]
    kept = np.take_along_axis(full, heaviest, 1)
    rolls = [bone.AxisRollFromMatrix(turn @ bone.matrix_local.to_3x3())[1] for bone in bones]
    return {
        "vertices": np.concatenate(vertices),
        "triangles": np.concatenate(triangles),
        "names": np.array([bone.name for bone in bones]),
        "parents": np.array([place[bone.parent.name] if bone.parent else -1 for bone in bones], np.int32),
        "heads": heads,
        "tails": tails,
        "rolls": np.array(rolls),
        "connected": np.array([bone.use_connect for bone in bones]),
        "deform": np.array([bone.use_deform for bone in bones]),
        "bones": np.where(kept > 0, heaviest, 0).astype(np.int32),
        "weights": kept / np.maximum(kept.sum(1, keepdims=True), 1e-12),
    }


def skin_of(skin: bpy.types.Object, place: dict[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices (V, 3) and triangles (F, 3) of a mesh in world space, and the weights (V, B) of the bones at `place`."""
    seen = skin.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = seen.to_mesh(preserve_all_data_layers=True, depsgraph=bpy.context.evaluated_depsgraph_get())
    assert mesh is not None
    mesh.calc_loop_triangles()
    world = np.array(skin.matrix_world)
    points = np.array([v.co[:] for v in mesh.vertices]).reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
    corners = np.zeros(3 * len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("vertices", corners)
    corners = corners.reshape(-1, 3)
    if np.linalg.det(world[:3, :3]) < 0:  # what is mirrored by its scale would be inside out
        corners = corners[:, ::-1]
    full = np.zeros((len(points), len(place)), np.float32)
    groups = [place.get(group.name, -1) for group in skin.vertex_groups]
    for vertex in mesh.vertices:
        for entry in vertex.groups:
            if groups[entry.group] >= 0:
                full[vertex.index, groups[entry.group]] = entry.weight
    seen.to_mesh_clear()
    return points, corners, full


def main(options: Options) -> int:
    """Write all rigs; 3 when a file had none or could not be read."""
    options.out.mkdir(parents=True, exist_ok=True)
    lacking = 0
    for path in options.files:
        found = 0
        try:
            open_file(path)
        except RuntimeError as problem:
            print(f"skipped {path}: {problem}")
            lacking += 1
            continue
        for rig in [thing for thing in bpy.data.objects if thing.type == "ARMATURE"]:
            arrays = rig_of(rig)
            if arrays is not None:
                np.savez_compressed(options.out / f"{path.stem}.{found}.rig.npz", **arrays)  # pyright: ignore[reportArgumentType]
                found += 1
        lacking += found == 0
        print(f"{path}: {found} rigs" if found else f"skipped {path}: no armature in it deforms a mesh")
    return 3 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Options, description=__doc__)))
