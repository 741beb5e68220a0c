"""Controls: Rigify builds them, hands and feet go where they are put, and the plain armature comes back unharmed."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import bpy
import pytest

pytestmark = pytest.mark.skipif(bpy.app.binary_path != "", reason="a whole Blender's interpreter has no bpy of its own")

# in a process of its own: Blender 4.5 does not end well once Rigify was switched on in its module
SCRIPT = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from tools.package import as_package
as_package()
import bpy, numpy as np
from blender_tests.figure import add_figure
from blender_tests.clicks import points_of, weights_of
from bonewright import addon
addon.register()
bpy.ops.wm.read_homefile(use_empty=True)
figure = add_figure("Figure", details=1)
prop = bpy.data.objects.new("Prop", None)
bpy.context.scene.collection.objects.link(prop)
bpy.ops.bonewright.generate()
armature = bpy.context.view_layer.objects.active
prop.parent, prop.parent_type, prop.parent_bone = armature, "BONE", "hand.L"
mask = figure.modifiers.new("Mask", "MASK")
mask.vertex_group, mask.invert_vertex_group = "head", True
mask.show_viewport = False
bpy.ops.ed.undo_push(message="Before")
def state():
    bpy.context.view_layer.update()
    figure, prop = bpy.data.objects["Figure"], bpy.data.objects["Prop"]
    return {"objects": sorted(item.name for item in bpy.data.objects if not item.name.startswith("WGT")),
            "groups": sorted(group.name for group in figure.vertex_groups), "texts": len(bpy.data.texts),
            "collections": len(bpy.data.collections), "mask": figure.modifiers["Mask"].vertex_group,
            "prop": [round(x, 4) for x in prop.matrix_world.translation], "bone": prop.parent_bone}
found = {"before": state()}
was = points_of(figure)
sums = weights_of(figure)
from tools.bench.animation.controls import _limbs, _moved
rig_result = bpy.ops.bonewright.add_controls("EXEC_DEFAULT", True)
rig, armature = bpy.context.view_layer.objects.active, bpy.data.objects[armature.name]
figure = bpy.data.objects["Figure"]
found["during"] = state()
found["rest"] = float(np.abs(points_of(figure) - was).max() / was[:, 2].ptp())
found["same weights"] = weights_of(figure) == sums
found["hidden"] = armature.hide_get()
found["deforming"] = all(rig.data.bones[name].use_deform for name in found["during"]["groups"])
found["limbs"] = [[one.control, one.off, one.natural]
                  for one in (_moved(rig, *limb, was[:, 2].ptp()) for limb in _limbs(armature))]
found["poles"] = {name: list(rig.pose.bones[name].head) for name in ("thigh_ik_target.L", "upper_arm_ik_target.L")}
rig.pose.bones["hand_ik.L"].location = (0, 0, 0.3)
found["mesh follows"] = float(np.abs(points_of(figure) - was).max())
rig.pose.bones["hand_ik.L"].location = (0, 0, 0)
bpy.ops.ed.undo()
found["undone"] = state()
bpy.ops.ed.redo()
found["redone"] = state()
bpy.ops.bonewright.remove_controls("EXEC_DEFAULT", True)
found["back"] = state()
found["back rest"] = float(np.abs(points_of(bpy.data.objects["Figure"]) - was).max())
found["shown"] = not any(item.hide_get() for item in bpy.data.objects)
found["widgets"] = sum(item.name.startswith("WGT") for item in bpy.data.objects)
bpy.ops.ed.undo()
found["controls again"] = state()
print("FOUND" + json.dumps(found), flush=True)
os._exit(0)
"""


@cache
def found() -> dict:
    root = Path(__file__).resolve().parents[2]
    child = subprocess.run([sys.executable, "-c", SCRIPT, str(root)], capture_output=True, text=True, timeout=300)
    line = next((line for line in child.stdout.splitlines() if line.startswith("FOUND")), None)
    assert line is not None, child.stdout[-2000:] + child.stderr[-2000:]
    return json.loads(line.removeprefix("FOUND"))


def test_the_mesh_stays_where_it_is_with_the_same_weights_and_follows_the_controls():
    assert found()["rest"] < 1e-4
    assert found()["same weights"]
    assert found()["deforming"]
    assert found()["hidden"]
    assert found()["mesh follows"] > 0.1


def test_hands_and_feet_arrive_and_elbows_and_knees_bend_the_natural_way():
    limbs = {control: (off, natural) for control, off, natural in found()["limbs"]}
    assert set(limbs) == {"hand_ik.L", "hand_ik.R", "foot_ik.L", "foot_ik.R"}
    assert all(off < 0.01 and natural > 0.5 for off, natural in limbs.values())


def test_poles_are_in_front_of_the_knees_and_behind_the_elbows():
    poles = found()["poles"]
    assert poles["thigh_ik_target.L"][1] < -0.2
    assert poles["upper_arm_ik_target.L"][1] > 0.2


def test_what_hangs_on_bones_and_what_names_groups_goes_along():
    assert found()["during"]["bone"] == "DEF-hand.L"
    assert found()["during"]["mask"].startswith("DEF-")
    assert found()["during"]["prop"] == found()["before"]["prop"]


def test_each_way_is_one_undo_step_and_leaves_nothing_behind():
    assert found()["undone"] == found()["before"]
    assert found()["redone"] == found()["during"]
    assert found()["back"] == found()["before"]
    assert found()["controls again"] == found()["during"]
    assert found()["back rest"] < 1e-4
    assert found()["widgets"] == 0
    assert found()["shown"]
