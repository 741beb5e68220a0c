"""Rigs of FBX, .blend and glTF files, read by Blender as truth for training."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from tools.read_skinned import Options, main
from training.datasets.builders.rigs import RIG_FILE, checked, read_rig

HEADS = {"spine": (0.0, 0.0, 0.0), "chest": (0.0, 0.0, 1.0), "arm.L": (0.2, 0.0, 1.6)}
TAILS = {"spine": (0.0, 0.0, 1.0), "chest": (0.0, 0.0, 2.0), "arm.L": (1.2, -0.3, 1.6)}
PARENTS = {"spine": None, "chest": "spine", "arm.L": "chest"}
POINTS = np.array([[0, -0.2, 0], [0.3, 0.1, 1], [-0.3, 0.1, 1], [0, -0.2, 2], [1.2, -0.3, 1.5], [1.2, -0.3, 1.7]])
FACES = [(0, 1, 2), (2, 1, 3), (1, 4, 5, 3)]
WEIGHTS = [{"spine": 1.0}, {"spine": 0.5, "chest": 0.5}, {"spine": 0.5, "chest": 0.5}, {"chest": 1.0}] + [
    {"chest": 0.25, "arm.L": 0.75}
] * 2
ENDINGS = ("fbx", "blend", "glb")


def scene() -> tuple[bpy.types.Object, bpy.types.Object]:
    """A rig that is turned and scaled by its object, posed, and one skinned mesh; left is +X, the front -Y."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    rig = bpy.data.objects.new("rig", bpy.data.armatures.new("rig"))
    bpy.context.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name, parent in PARENTS.items():
        bone = rig.data.edit_bones.new(name)
        bone.head, bone.tail = HEADS[name], TAILS[name]
        bone.parent = rig.data.edit_bones[parent] if parent else None
        bone.use_connect = name == "chest"
    bpy.ops.object.mode_set(mode="OBJECT")
    mesh = bpy.data.meshes.new("skin")
    mesh.from_pydata(POINTS.tolist(), [], FACES)
    skin = bpy.data.objects.new("skin", mesh)
    bpy.context.collection.objects.link(skin)
    for name in HEADS:
        group = skin.vertex_groups.new(name=name)
        for vertex, shares in enumerate(WEIGHTS):
            if name in shares:
                group.add([vertex], shares[name], "REPLACE")
    skin.parent = rig
    skin.modifiers.new("rig", "ARMATURE").object = rig
    rig.scale = (2, 2, 2)
    rig.location = (5, 0, 0)
    rig.pose.bones["arm.L"].rotation_mode = "XYZ"
    bpy.context.view_layer.update()
    return rig, skin


def write(path: Path) -> Path:
    """The scene as a file."""
    if path.suffix == ".fbx":
        bpy.ops.export_scene.fbx(filepath=str(path))
    elif path.suffix == ".blend":
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
    else:
        bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLB")
    return path


@pytest.mark.parametrize("ending", ENDINGS)
def test_bones_and_weights_come_back_from(ending: str, tmp_path: Path) -> None:
    scene()
    assert main(Options((write(tmp_path / f"figure.{ending}"),), tmp_path / "out")) == 0
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == f"figure.0{RIG_FILE}"
    mesh, armature, skin = checked(read_rig(path))
    assert set(armature.names) == set(HEADS)
    place = {name: k for k, name in enumerate(armature.names)}
    for name, parent in PARENTS.items():
        k = place[name]
        assert armature.heads[k] == pytest.approx(2 * np.array(HEADS[name]) + [5, 0, 0], abs=1e-3)
        assert armature.parents[k] == (place[parent] if parent else -1)
        # FBX keeps no length where a chain forks, glTF none at all.
        if ending == "blend" or (ending == "fbx" and name != "chest"):
            assert armature.tails[k] == pytest.approx(2 * np.array(TAILS[name]) + [5, 0, 0], abs=1e-3)
    dense = skin.dense(len(place))
    for point, shares in zip(POINTS, WEIGHTS, strict=True):
        # glTF has a vertex for each normal.
        found = np.flatnonzero(np.abs(mesh.vertices - (2 * point + [5, 0, 0])).max(1) < 1e-3)[0]
        assert {name: float(dense[found, k]) for name, k in place.items() if dense[found, k] > 0} == pytest.approx(
            shares, abs=1e-3
        )


def test_a_posed_rig_is_read_at_rest_and_a_mirrored_half_whole(tmp_path: Path) -> None:
    rig, skin = scene()
    rig.pose.bones["arm.L"].rotation_euler = (1, 1, 1)
    mirror = skin.modifiers.new("mirror", "MIRROR")
    mirror.use_mirror_merge = False
    skin.modifiers.move(1, 0)
    main(Options((write(tmp_path / "half.blend"),), tmp_path / "out"))
    mesh, _, _ = checked(read_rig(tmp_path / "out" / f"half.0{RIG_FILE}"))
    whole = np.concatenate([POINTS, POINTS * [-1, 1, 1]]) * 2 + [5, 0, 0]
    assert mesh.vertices == pytest.approx(whole, abs=1e-5)


def test_a_skin_turned_around_by_its_scale_still_faces_outwards(tmp_path: Path) -> None:
    scene()
    path = tmp_path / "out"
    main(Options((write(tmp_path / "a.blend"),), path))
    bpy.data.objects["rig"].scale = (-2, 2, 2)
    main(Options((write(tmp_path / "b.blend"),), path))
    first, second = (read_rig(path / f"{name}.0{RIG_FILE}")[0] for name in "ab")
    assert [sorted(face) for face in first.triangles] == [sorted(face) for face in second.triangles]
    assert first.triangles[0].tolist() != second.triangles[0].tolist()


def test_a_file_without_a_rig_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_cube_add()
    assert main(Options((write(tmp_path / "cube.fbx"), tmp_path / "none.fbx"), tmp_path / "out")) == 3
    told = capsys.readouterr().out
    assert "cube.fbx: no armature in it deforms a mesh" in told
    assert "none.fbx" in told
