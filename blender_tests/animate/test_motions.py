"""Motion from a file and computed motion, on controls and on a plain armature, as Blender plays them."""

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
import json, os, sys, tempfile
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tools.package import as_package
as_package()
import bpy, numpy as np
from blender_tests.figure import add_figure
from tests.animation.walker import write_bvh
from bonewright import addon
addon.register()
bpy.ops.preferences.addon_enable(module="io_anim_bvh")
bpy.ops.wm.read_homefile(use_empty=True)
scene = bpy.context.scene
add_figure("Figure", details=1)
bpy.ops.bonewright.generate()
armature = bpy.context.view_layer.objects.active
height = bpy.data.objects["Figure"].dimensions.z
walk = write_bvh(Path(tempfile.mkdtemp()) / "captured.bvh", 3.0, 60.0)

def played(item, bones, marks):
    tracks = []
    for frame in range(scene.frame_preview_start, scene.frame_preview_end + 1):
        scene.frame_set(frame)
        tracks.append([list(item.pose.bones[bone].head) for bone in bones])
    tracks = np.array(tracks)
    slides = []
    for place, name in ((0, "foot.L down"), (1, "foot.R down")):
        for mark in [mark for mark in marks if mark[1] == name]:
            way = tracks[mark[0] - scene.frame_preview_start:][:5, place]
            slides.append(float(np.abs(way - way[0]).max() / height))
    return {"slides": slides, "travel": float(np.linalg.norm(tracks[-1, 2] - tracks[0, 2]) / height),
            "lowest": float(tracks[:, :2, 2].min() / height),
            "knees": float(tracks[:, 3, 1].min() - tracks[:, 2, 1].max())}

def report(item, bones):
    action = item.animation_data.action
    marks = [[mark.frame, mark.name] for mark in action.pose_markers]
    return {"name": action.name, "marks": marks, "objects": sorted(other.name for other in bpy.data.objects
            if not other.name.startswith("WGT")), "actions": sorted(other.name for other in bpy.data.actions),
            "last": scene.frame_preview_end, **played(item, bones, marks)}

found = {}
plain = ["toe.L", "toe.R", "hips", "shin.L"]
bpy.ops.bonewright.load_motion(filepath=str(walk))
found["plain file"] = report(armature, plain)
bpy.ops.bonewright.add_motion(cycle="walk", seconds=2)
found["plain walk"] = report(armature, plain)
armature.animation_data_clear()
bpy.ops.bonewright.add_controls()
rig = bpy.context.view_layer.objects.active
name = rig.name
built = ["ORG-toe.L", "ORG-toe.R", "ORG-spine", "ORG-shin.L"]
bpy.ops.ed.undo_push(message="Before")
bpy.ops.bonewright.load_motion("EXEC_DEFAULT", True, filepath=str(walk))
found["controls file"] = report(bpy.data.objects[name], built)
bpy.ops.ed.undo()
rig, scene = bpy.data.objects[name], bpy.context.scene
found["undone"] = rig.animation_data is None or rig.animation_data.action is None
bpy.context.view_layer.objects.active = rig
bpy.ops.bonewright.add_motion(cycle="run", seconds=1, in_place=True)
found["controls run"] = report(rig, built)
try:
    bpy.ops.bonewright.add_motion(cycle="fly")
except RuntimeError as error:
    found["fly"] = str(error)
try:
    bpy.ops.bonewright.load_motion(filepath=str(walk.with_suffix(".txt")))
except RuntimeError as error:
    found["txt"] = str(error)
bpy.ops.bonewright.remove_controls()
found["kept"] = sorted(action.name for action in bpy.data.actions)
print("FOUND" + json.dumps(found), flush=True)
os._exit(0)
"""
MOVING = ("plain file", "plain walk", "controls file")


@cache
def found() -> dict:
    root = Path(__file__).resolve().parents[2]
    child = subprocess.run([sys.executable, "-c", SCRIPT, str(root)], capture_output=True, text=True, timeout=600)
    line = next((line for line in child.stdout.splitlines() if line.startswith("FOUND")), None)
    assert line is not None, child.stdout[-2000:] + child.stderr[-2000:]
    return json.loads(line.removeprefix("FOUND"))


@pytest.mark.parametrize("case", MOVING)
def test_it_walks_ahead_and_its_feet_stay_where_they_come_down(case: str):
    one = found()[case]
    assert one["travel"] > 0.8
    assert len(one["slides"]) >= 2
    assert max(one["slides"]) < 0.01
    assert one["lowest"] > -0.01


def test_controls_and_plain_armature_go_the_same_way():
    plain, controls = found()["plain file"], found()["controls file"]
    assert controls["travel"] == pytest.approx(plain["travel"], rel=0.02)
    assert controls["marks"] == plain["marks"]


def test_an_action_is_named_after_its_clip_and_nothing_else_is_left_of_the_file():
    assert found()["plain file"]["name"] == "Figure_rig captured"
    assert found()["plain file"]["objects"] == ["Figure", "Figure_rig"]
    assert found()["plain file"]["actions"] == ["Figure_rig captured"]
    assert found()["plain file"]["last"] == 1 + 3 * 24


def test_one_undo_takes_it_back_and_actions_outlive_the_controls():
    assert found()["undone"]
    assert "Figure_rig run" in found()["kept"]


def test_in_place_it_does_not_go_anywhere():
    assert found()["controls run"]["travel"] < 0.05


def test_what_cannot_be_done_is_said():
    assert "cannot fly" in found()["fly"]
    assert "no motion that can be read" in found()["txt"]
