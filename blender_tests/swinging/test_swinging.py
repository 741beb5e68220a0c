"""Swinging parts: chains come and go in one step each, move what hangs alone, swing when Blender plays, and export."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_tests.clicks import generate, points_of, select
from blender_tests.swinging.dressed import add_dressed, parts_of

pytestmark = pytest.mark.usefixtures("extension")
HAS_VRM = (
    subprocess.run(
        [sys.executable, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('io_scene_vrm') is None)"]
    ).returncode
    == 0
)


@pytest.fixture
def dressed(blender: None) -> bpy.types.Object:
    return add_dressed()


def groups_of(item: bpy.types.Object) -> list[dict[str, float]]:
    """The weights above 0 of each vertex by the names of its groups."""
    names = [group.name for group in item.vertex_groups]
    return [
        {names[member.group]: round(member.weight, 5) for member in vertex.groups if member.weight > 0}
        for vertex in item.data.vertices
    ]


def shape_of(item: bpy.types.Object) -> np.ndarray:
    places = np.empty(3 * len(item.data.vertices))
    item.data.vertices.foreach_get("co", places)
    return places


def test_skirt_and_braid_get_chains_that_move_them_alone(dressed: bpy.types.Object):
    armature = generate(kind="biped", method="geometric", weights="geometric")
    before, shape, weights = list(armature.data.bones.keys()), shape_of(dressed), groups_of(dressed)
    body, skirt, braid = parts_of(dressed)
    assert bpy.ops.bonewright.add_swinging() == {"FINISHED"}
    fresh = [name for name in armature.data.bones.keys() if name not in before]  # noqa: SIM118
    assert {"skirt.F.001", "skirt.F.001.L", "skirt.F.001.R", "skirt.B.001", "skirt.001.L", "hair.001"} <= set(fresh)
    assert (shape_of(dressed) == shape).all()
    now = groups_of(dressed)
    moved = np.array([sum(row.get(name, 0.0) for name in fresh) for row in now])
    assert moved[body].max() == 0
    assert [row for row, own in zip(now, body, strict=True) if own] == [
        row for row, own in zip(weights, body, strict=True) if own
    ]
    low = np.array([vertex.co.z for vertex in dressed.data.vertices])
    assert moved[skirt & (low < 0.75)].min() > 0.99
    assert moved[braid & (low < 1.6)].min() > 0.99
    assert max(sum(row.values()) for row in now) == pytest.approx(1, abs=1e-3)
    assert max(len(row) for row in now) <= 4
    # a chain moves its own part, and nothing else
    rest = points_of(dressed)
    for constraint in armature.pose.bones["skirt.F.001"].constraints:
        constraint.enabled = False
    armature.pose.bones["skirt.F.001"].rotation_mode = "XYZ"
    armature.pose.bones["skirt.F.001"].rotation_euler.x = 0.5
    gone = np.linalg.norm(points_of(dressed) - rest, axis=1)
    assert gone[~skirt].max() < 1e-5 < 0.05 < gone[skirt].max()
    front = np.array([vertex.co.y for vertex in dressed.data.vertices])
    assert gone[skirt & (front > 0.1)].max() < 1e-5


def test_all_goes_in_one_click_and_comes_back_with_undo(dressed: bpy.types.Object):
    armature = generate(kind="biped", method="geometric", weights="geometric")
    bpy.ops.ed.undo_push(message="Before")

    def state() -> tuple[object, ...]:
        item = bpy.data.objects["Figure"]
        rig = bpy.data.objects[name]
        tracks = sum(len(bone.constraints) for bone in rig.pose.bones)
        return sorted(bpy.data.objects.keys()), sorted(rig.data.bones.keys()), tracks, groups_of(item)

    name = armature.name
    before = state()
    bpy.ops.bonewright.add_swinging("EXEC_DEFAULT", True)  # noqa: FBT003
    during = state()
    assert during != before
    bpy.ops.ed.undo()
    assert state() == before
    bpy.ops.ed.redo()
    assert state() == during
    select(bpy.data.objects[name])
    assert bpy.ops.bonewright.remove_swinging("EXEC_DEFAULT", True) == {"FINISHED"}  # noqa: FBT003
    assert state() == before
    bpy.ops.ed.undo()
    assert state() == during


def test_chains_swing_when_blender_plays_and_come_to_rest(dressed: bpy.types.Object):
    armature = generate(kind="biped", method="geometric", weights="geometric")
    bpy.ops.bonewright.add_swinging()
    scene = bpy.context.scene
    scene.frame_set(1)
    braid = parts_of(dressed)[2]
    body = parts_of(dressed)[0]
    armature.keyframe_insert("location", frame=5)
    start = armature.matrix_world.translation.copy()
    armature.location.x += 1.0
    armature.keyframe_insert("location", frame=12)
    armature.location.x -= 1.0
    offs, torso = [], []
    rest = points_of(dressed)
    for frame in range(1, 121):
        scene.frame_set(frame)
        now = points_of(dressed) - rest - np.array(armature.matrix_world.translation - start)
        offs.append(float(np.linalg.norm(now[braid], axis=1).max()))
        torso.append(float(np.linalg.norm(now[body], axis=1).max()))
    assert max(torso) < 1e-4  # the body follows the armature stiffly
    assert np.isfinite(offs).all()
    assert 0.03 < max(offs[5:40]) < 0.7  # the braid lags behind
    assert max(offs[100:]) < 0.3 * max(offs)  # and comes back


def test_nothing_is_changed_where_nothing_hangs(figure: bpy.types.Object):
    armature = generate(kind="biped", method="geometric", weights="geometric")
    before, bones = groups_of(figure), list(armature.data.bones.keys())
    assert bpy.ops.bonewright.add_swinging() == {"FINISHED"}
    assert (groups_of(figure), list(armature.data.bones.keys())) == (before, bones)
    assert not armature.bonewright.springs


def test_a_rig_is_made_with_swinging_parts_where_asked(dressed: bpy.types.Object):
    armature = generate(kind="biped", method="geometric", weights="geometric", swing=True)
    assert {"skirt.F.001", "hair.001"} <= set(armature.data.bones.keys())
    assert {spring.name for spring in armature.bonewright.springs} >= {"skirt.F", "hair"}
    assert bpy.ops.bonewright.remove_swinging() == {"FINISHED"}
    assert not {name for name in armature.data.bones.keys() if name.startswith(("skirt", "hair"))}  # noqa: SIM118
    assert min(sum(row.values()) for row in groups_of(dressed)) == pytest.approx(1, abs=1e-3)


def test_files_carry_spring_bones(dressed: bpy.types.Object, tmp_path: Path):
    armature = generate(kind="biped", method="geometric", weights="geometric")
    bpy.ops.bonewright.add_swinging()
    last = armature.bonewright.springs["hair"].bones.split("\n")[-1]
    tail = armature.matrix_world @ armature.data.bones[last].tail_local
    for suffix in ("glb", "vrm"):
        path = tmp_path / f"dressed.{suffix}"
        assert bpy.ops.bonewright.export(format=suffix.upper(), filepath=str(path)) == {"FINISHED"}
        content = path.read_bytes()
        document = json.loads(content[20 : 20 + struct.unpack_from("<I", content, 12)[0]])
        springs = document["extensions"]["VRMC_springBone"]["springs"]
        assert {"skirt.F", "hair"} <= {spring["name"] for spring in springs}
        assert ("VRMC_vrm" in document["extensions"]) == (suffix == "vrm")
        # the empty node at the end of a chain is where Blender has the tail of its last bone
        braid = next(spring for spring in springs if spring["name"] == "hair")
        assert _place(document, braid["joints"][-1]["node"]) == pytest.approx([tail.x, tail.z, -tail.y], abs=1e-4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dressed.glb", "dressed.vrm"]


def _place(document: dict, number: int) -> list[float]:
    """Where a node is in the scene."""
    from mathutils import Matrix, Quaternion, Vector

    place, child = Matrix(), number
    while child is not None:
        node = document["nodes"][child]
        x, y, z, w = node.get("rotation", (0, 0, 0, 1))
        place = (
            Matrix.LocRotScale(
                Vector(node.get("translation", (0, 0, 0))),
                Quaternion((w, x, y, z)),
                Vector(node.get("scale", (1, 1, 1))),
            )
            @ place
        )
        child = next(
            (above for above, other in enumerate(document["nodes"]) if child in other.get("children", ())), None
        )
    return list(place.translation)


VRM = """
import os, sys
sys.path.insert(0, sys.argv[1])
from tools.package import as_package
as_package()
import bpy
from blender_tests.swinging.dressed import add_dressed
from bonewright import addon
addon.register()
bpy.ops.wm.read_homefile(use_empty=True)
add_dressed()
options = bpy.context.scene.bonewright
options.kind, options.method, options.weights = "biped", "geometric", "geometric"
bpy.ops.bonewright.generate()
bpy.ops.bonewright.add_swinging()
bpy.ops.bonewright.export(format="VRM", filepath=sys.argv[2])
bpy.ops.preferences.addon_enable(module="io_scene_vrm")
bpy.ops.wm.read_homefile(use_empty=True)
done = bpy.ops.import_scene.vrm(filepath=sys.argv[2])
rig = next(item for item in bpy.data.objects if item.type == "ARMATURE")
extension = rig.data.vrm_addon_extension
springs = {
    spring.vrm_name: [joint.node.bone_name for joint in spring.joints] for spring in extension.spring_bone1.springs
}
bones = extension.vrm1.humanoid.human_bones
import json
print("FOUND " + json.dumps({"done": list(done), "springs": springs, "colliders": len(extension.spring_bone1.colliders),
    "version": extension.spec_version, "hips": bones.hips.node.bone_name, "hand": bones.left_hand.node.bone_name,
    "stiffness": extension.spring_bone1.springs[0].joints[0].stiffness}), flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not HAS_VRM or bpy.app.binary_path != "", reason="bpy-vrm-format is not installed")
def test_the_vrm_add_on_opens_the_file_with_its_spring_bones(tmp_path: Path):
    # in a process of its own: the add-on stays registered
    root, path = Path(__file__).resolve().parents[2], tmp_path / "dressed.vrm"
    child = subprocess.run(
        [sys.executable, "-c", VRM, str(root), str(path)], capture_output=True, text=True, timeout=300
    )
    line = next((line for line in child.stdout.splitlines() if line.startswith("FOUND ")), None)
    assert line is not None, child.stdout + child.stderr
    found = json.loads(line.removeprefix("FOUND "))
    assert found["done"] == ["FINISHED"]
    assert found["version"] == "1.0"
    assert (found["hips"], found["hand"]) == ("hips", "hand.L")
    assert found["springs"]["hair"][0] == "hair.001"
    assert len(found["springs"]["hair"]) >= 3
    assert found["springs"]["skirt.F.L"][:2] == ["skirt.F.001.L", "skirt.F.002.L"]
    assert found["colliders"] >= 4
    assert 0.6 < found["stiffness"] < 1.0
