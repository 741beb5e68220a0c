"""Joints dragged by the mouse in a real window, with the extension installed: mirrored, undone, cancelled, left."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import bpy  # noqa: E402
import numpy as np  # noqa: E402
from bpy_extras.view3d_utils import location_3d_to_region_2d  # noqa: E402
from figure import add_figure  # noqa: E402
from stage import (  # noqa: E402
    PACKAGE,
    Script,
    call,
    context,
    held,
    idle,
    let_go,
    module,
    move,
    open_sidebar,
    play,
    press,
    region,
    shot,
    view,
    window,
)

SETTLE = 1.5


def live() -> object:
    return module("scene.adjust.live")


def rig() -> bpy.types.Object:
    return bpy.data.objects["Figure_rig"]


def joint(bone: str, end: str = "head") -> np.ndarray:
    return np.array(getattr(rig().data.edit_bones[bone], end))


def pixel(bone: str, end: str = "head") -> tuple[int, int]:
    """Where a joint is in the window."""
    area = region("WINDOW")
    place = rig().matrix_world @ getattr(rig().data.edit_bones[bone], end)
    x, y = location_3d_to_region_2d(area, view().spaces.active.region_3d, place)
    return area.x + round(x), area.y + round(y)


def weights() -> np.ndarray:
    figure = bpy.data.objects["Figure"]
    dense = np.zeros((len(figure.data.vertices), len(figure.vertex_groups)))
    for vertex in figure.data.vertices:
        for member in vertex.groups:
            dense[vertex.index, member.group] = member.weight
    return dense


def followed() -> bool:
    """The weights are for the bones as they are."""
    return idle() and not live().is_behind(rig())


def walk() -> Script:
    assert PACKAGE in bpy.context.preferences.addons, "install the extension first"
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    add_figure(details=4)
    bpy.ops.ed.undo_push(message="The figure")
    with context():
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()
    yield from open_sidebar()
    bpy.context.scene.bonewright.density = "normal"
    call(bpy.ops.bonewright.generate, "INVOKE_DEFAULT")
    yield idle
    yield SETTLE
    before = weights()
    call(bpy.ops.bonewright.edit_joints)
    yield SETTLE
    shot("markers_01_edit_joints")
    yield followed
    np.testing.assert_allclose(weights(), before, atol=1e-6, err_msg="Edit Joints alone changes no weight")
    yield from drag_an_elbow(before)
    yield from cancel_a_drag()
    yield from click_selects()
    yield from locked_stays()
    yield from turned_away()
    yield from leave_in_every_way()


def drag_an_elbow(before: np.ndarray) -> Script:
    """Both elbows move, the weights follow; one undo takes the drag back, and the weights with it."""
    elbow, other = joint("forearm.L"), joint("forearm.R")
    x, y = pixel("forearm.L")
    move(x, y)
    yield SETTLE
    shot("markers_02_hover")
    yield from held((x, y), (x + 30, y + 45))
    shot("markers_03_dragging")
    yield from let_go((x + 30, y + 45))
    yield SETTLE
    moved = joint("forearm.L")
    assert moved[0] > elbow[0] + 0.02, f"the elbow is still at {moved}"
    assert moved[2] > elbow[2] + 0.02
    np.testing.assert_allclose(joint("forearm.R"), moved * [-1, 1, 1], atol=1e-5)
    np.testing.assert_allclose(joint("upper_arm.L", "tail"), moved, atol=1e-6)
    yield followed
    changed = np.abs(weights() - before).max(1) > 1e-4
    assert 0 < changed.mean() < 0.6, f"{changed.mean():.0%} of the vertices follow"
    yield SETTLE
    shot("markers_04_dragged")
    yield from press("Z", ctrl=True)
    np.testing.assert_allclose(joint("forearm.L"), elbow, atol=1e-6)
    np.testing.assert_allclose(joint("forearm.R"), other, atol=1e-6)
    yield followed
    np.testing.assert_allclose(weights(), before, atol=1e-6, err_msg="weights come back with the bones")


def cancel_a_drag() -> Script:
    for key in ("ESC", "RIGHTMOUSE"):
        knee = joint("shin.L")
        x, y = pixel("shin.L")
        yield from held((x, y), (x + 40, y + 10))
        assert np.abs(joint("shin.L") - knee).max() > 0.01, "the drag has not begun"
        window().event_simulate(type=key, value="PRESS", x=x + 40, y=y + 10)
        yield 0.1
        window().event_simulate(type=key, value="RELEASE", x=x + 40, y=y + 10)
        yield from let_go((x + 40, y + 10))
        np.testing.assert_allclose(joint("shin.L"), knee, atol=1e-6)


def click_selects() -> Script:
    x, y = pixel("shin.L")
    yield from held((x, y), (x, y))
    yield from let_go((x, y))
    bones = rig().data.edit_bones
    assert bones["shin.L"].select_head
    assert bones["thigh.L"].select_tail
    assert not bones["shin.L"].select_tail
    yield 0.5
    shot("markers_05_selected")


def locked_stays() -> Script:
    bones = rig().data.edit_bones
    for bone in bones:
        bone.select = bone.select_head = bone.select_tail = bone.name == "thigh.L"
    call(bpy.ops.bonewright.lock_bones, locked=True)
    knee = joint("shin.L")
    x, y = pixel("shin.L")
    yield from held((x, y), (x + 40, y + 10))
    yield from let_go((x + 40, y + 10))
    yield SETTLE
    shot("markers_06_locked")
    np.testing.assert_allclose(joint("shin.L"), knee, atol=1e-6)
    call(bpy.ops.bonewright.lock_bones, locked=False)


def turned_away() -> Script:
    """Seen from the side and behind, the joint stays in its own leg."""
    with context():
        bpy.ops.view3d.view_axis(type="LEFT")
    yield SETTLE
    knee = joint("shin.L")
    x, y = pixel("shin.L")
    yield from held((x, y), (x + 12, y + 20))
    yield from let_go((x + 12, y + 20))
    yield 0.3
    place = joint("shin.L")
    sign = np.sign(knee[0])
    assert np.sign(place[0]) == sign, f"from {knee} to {place}: into the other leg"
    np.testing.assert_allclose(joint("shin.R"), place * [-1, 1, 1], atol=1e-5)
    yield followed
    shot("markers_07_from_the_side")
    with context():
        bpy.ops.view3d.view_axis(type="FRONT")


def leave_in_every_way() -> Script:
    """Done, Tab, undo, another file, a deleted armature: nothing is drawn or asked any more."""
    call(bpy.ops.bonewright.finish_joints)
    yield SETTLE
    yield idle
    yield SETTLE
    shot("markers_08_done")
    assert not bpy.data.objects["Figure_rig"].bonewright.adjusted
    with context():
        bpy.ops.object.mode_set(mode="EDIT")
    yield 0.5
    shot("markers_09_tab")
    with context():
        bpy.ops.object.mode_set(mode="OBJECT")
    call(bpy.ops.bonewright.edit_joints)
    yield followed
    with context():
        bpy.ops.wm.window_new()
    yield SETTLE
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[-1]):
        bpy.ops.wm.window_close()
    yield 0.5
    x, y = pixel("forearm.L")
    yield from held((x, y), (x + 30, y + 45))
    with context():
        bpy.ops.wm.read_homefile(app_template="")
    yield SETTLE
    assert not bpy.context.window_manager.windows[0].modal_operators, "the drag has outlived its file"
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    add_figure(details=2)
    bpy.ops.ed.undo_push(message="The figure")
    call(bpy.ops.bonewright.generate, "INVOKE_DEFAULT")
    yield idle
    call(bpy.ops.bonewright.edit_joints)
    yield 1.0
    bpy.data.objects.remove(rig())
    yield SETTLE
    with context():
        bpy.ops.ed.undo()
    yield SETTLE
    bpy.ops.preferences.addon_disable(module=PACKAGE)
    yield SETTLE
    bpy.ops.preferences.addon_enable(module=PACKAGE)
    yield SETTLE


if __name__ == "__main__":
    play(walk)
