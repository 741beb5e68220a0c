"""The whole way in a real window, with the packaged extension installed: see tools/test_window.py, which runs it."""

import os
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import bpy  # noqa: E402
import numpy as np  # noqa: E402
from bpy_extras.view3d_utils import location_3d_to_region_2d  # noqa: E402
from figure import add_figure  # noqa: E402
from mathutils import Matrix, Vector  # noqa: E402
from stage import PACKAGE, Script, call, click, context, idle, module, open_sidebar, play, press, region, shot, view  # noqa: E402

SETTLE = 1.5  # seconds until panels have slid into place
FROM_VIEW = 275  # to the header of the panel of pictures
GENERATE = 48  # pixels from the sidebar's top to the middle of its first button, at the default scale


def armatures() -> list[bpy.types.Object]:
    return [item for item in bpy.data.objects if item.type == "ARMATURE"]


def generate_by_click() -> Script:
    sidebar = region("UI")
    yield from click(sidebar.x + sidebar.width // 2 - 10, sidebar.y + sidebar.height - GENERATE)


def cancel_by_click() -> Script:
    sidebar = region("UI")
    yield from click(sidebar.x + sidebar.width - 48, sidebar.y + sidebar.height - GENERATE)


def clean(details: int = 2) -> bpy.types.Object:
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    figure = add_figure(details=details)
    with context():
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()
    bpy.ops.ed.undo_push(message="The figure")
    return figure


def walk() -> Script:
    assert PACKAGE in bpy.context.preferences.addons, "install the extension first"
    figure = clean()
    yield from open_sidebar()
    yield SETTLE
    shot("01_select")

    yield from generate_by_click()
    assert not idle(), "the click did not start a job"
    yield idle
    yield SETTLE
    assert len(armatures()) == 1, "no armature"
    assert figure.modifiers[0].object == armatures()[0]
    shot("02_generated")
    yield from change_in_the_redo_box()
    yield from press("Z", ctrl=True)
    assert not armatures(), "one undo must take everything back"
    assert not bpy.data.objects["Figure"].vertex_groups
    yield from press("Z", ctrl=True, shift=True)
    assert len(armatures()) == 1, "redo must bring everything back"
    assert len(bpy.data.objects["Figure"].vertex_groups) > 5

    call(bpy.ops.bonewright.spheres, "INVOKE_DEFAULT")
    yield idle
    yield 0.3
    bpy.data.objects["Figure"].hide_set(state=True)
    armatures()[0].hide_set(state=True)
    bpy.context.view_layer.objects.active = bpy.data.objects["Figure"]
    yield SETTLE
    shot("03_spheres")
    armatures()[0].hide_set(state=False)
    bpy.data.objects["Figure"].hide_set(state=False)
    call(bpy.ops.bonewright.remove_preview, name="Figure_spheres")
    call(bpy.ops.bonewright.curves, "INVOKE_DEFAULT")
    yield idle
    yield 0.3
    armatures()[0].hide_set(state=True)
    yield SETTLE
    shot("04_curves")
    armatures()[0].hide_set(state=False)
    call(bpy.ops.bonewright.remove_preview, name="Figure_curves")
    call(bpy.ops.bonewright.bone_colours, colours="CONFIDENCE")
    for bone in armatures()[0].pose.bones:
        (bone if hasattr(bone, "select") else bone.bone).select = False
    yield SETTLE
    shot("05_confidence")
    call(bpy.ops.bonewright.bone_colours, colours="LIMBS")

    armature = armatures()[0]
    bpy.context.view_layer.objects.active = armature
    call(bpy.ops.bonewright.edit_joints)
    yield 0.3
    bones = armature.data.edit_bones
    for bone in bones:
        bone.select = bone.select_head = bone.select_tail = bone.name == "forearm.L"
    call(bpy.ops.bonewright.split_bones, count=2)
    yield SETTLE
    shot("06_adjust")
    call(bpy.ops.bonewright.finish_joints)  # binds by itself, for there are more bones now
    yield idle
    yield 0.5
    yield idle
    assert "forearm.001.R" in bpy.data.objects["Figure"].vertex_groups
    shot("07_bound")

    call(bpy.ops.bonewright.test_motion, "INVOKE_DEFAULT")
    yield 1.0
    with context():
        if bpy.context.screen.is_animation_playing:
            bpy.ops.screen.animation_cancel(restore_frame=False)
    bpy.context.scene.frame_set(1 + 24 * 10 + 8)
    yield SETTLE
    shot("08_test")
    call(bpy.ops.bonewright.end_motion)
    assert not bpy.data.actions
    call(bpy.ops.bonewright.check, "INVOKE_DEFAULT")
    yield idle
    call(bpy.ops.bonewright.rename_bones, convention="mixamo")
    assert "mixamorig:Hips" in armatures()[0].data.bones
    yield SETTLE
    shot("09_renamed")
    for _ in range(30):
        yield from press("Z", ctrl=True)
        if not armatures():
            break
    assert not armatures(), "undoing everything must end at the figure"
    assert not bpy.data.objects["Figure"].vertex_groups
    shot("10_undone")

    yield from look_and_see()
    yield from cancel_a_long_job()
    yield from pull_the_rug()


def change_in_the_redo_box() -> Script:
    """Open the box at the lower left and click Bind off and on: applied again each time, computed never again."""
    box = region("HUD")
    yield from click(box.x + 60, box.y + box.height - 14)
    yield SETTLE
    box = region("HUD")
    shot("02_redo_box")
    for groups in (False, True):
        yield from click(box.x + box.width // 2, box.y + box.height - 14 - 24 * 2 - 6)
        yield SETTLE
        assert bool(bpy.data.objects["Figure"].vertex_groups) == groups
        assert len(armatures()) == 1
        assert idle()


def look_and_see() -> Script:
    """From View in every kind of view, undone and bound; From Image of the same figure."""
    figure = clean()
    yield from check_every_view(figure)
    if not weights_of_pictures():
        print("there are no weights of 's3ds': From View and From Image are left out")
        return
    sidebar = region("UI")
    yield from click(sidebar.x + 60, sidebar.y + sidebar.height - FROM_VIEW)
    with context():
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_orbit(angle=0.6, type="ORBITLEFT")
        bpy.ops.view3d.view_selected()
    yield SETTLE
    asked = time.monotonic()
    call(bpy.ops.bonewright.from_view, "INVOKE_DEFAULT")
    yield idle
    print(f"from view to the scene in {time.monotonic() - asked:.2f} s")
    assert len(armatures()) == 1, "no armature from the view"
    assert not figure.modifiers
    yield SETTLE
    shot("12_from_view")
    yield from press("Z", ctrl=True)
    assert [item.name for item in bpy.data.objects] == ["Figure"], "one undo must take everything back"
    yield from press("Z", ctrl=True, shift=True)
    assert len(armatures()) == 1
    call(bpy.ops.bonewright.bind, "INVOKE_DEFAULT")
    yield idle
    assert bpy.data.objects["Figure"].modifiers[0].object == armatures()[0]
    yield SETTLE
    shot("13_bound_from_view")

    figure = clean()
    yield 0.3
    image = image_of(figure)
    bpy.data.objects.remove(figure)
    bpy.context.scene.bonewright.picture = image
    call(bpy.ops.bonewright.from_image, "INVOKE_DEFAULT")
    yield idle
    assert len(armatures()) == 1, "no armature from the image"
    with context():
        bpy.ops.view3d.view_all()
    yield SETTLE
    shot("14_from_image")
    bpy.context.scene.bonewright.picture = None


def weights_of_pictures() -> bool:
    return (Path(sys.modules[PACKAGE].__file__).parent / "inference" / "weights" / "s3ds.json").exists()


def check_every_view(figure: bpy.types.Object) -> Script:
    """Points are where Blender says, seen straight or in perspective or through a camera, and the figure is seen."""
    bpy.context.scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(bpy.context.scene.camera)
    bpy.context.scene.camera.matrix_world = Matrix.Translation((1, -6, 2)) @ Matrix.Rotation(1.4, 4, "X")
    space = view().spaces.active
    for perspective in ("PERSP", "ORTHO", "CAMERA"):
        space.region_3d.view_perspective = perspective
        yield 0.3
        with context():
            seen = module("scene.views.view").viewpoint_from(bpy.context, "VIEW")
            started = time.perf_counter()
            sighting = module("scene.views.view").see_everything(bpy.context, "VIEW")
            print(f"{perspective}: drawn in {time.perf_counter() - started:.3f} s")
        left, right, bottom, top = seen.window
        for point in ((0, 0, 1), (0.5, -0.3, 1.5), (-0.4, 0.2, 0.1)):
            place = location_3d_to_region_2d(region("WINDOW"), space.region_3d, Vector(point))
            x, y = seen.in_window(np.array([point], float))[0]
            found = (
                (x - left) / (right - left) * region("WINDOW").width,
                (y - bottom) / (top - bottom) * region("WINDOW").height,
            )
            assert (Vector(found) - place).length < 0.5, f"{perspective}: {found} is not {place}"
        assert sighting.names == (figure.name,)
    space.region_3d.view_perspective = "PERSP"
    bpy.data.objects.remove(bpy.context.scene.camera)


def image_of(figure: bpy.types.Object) -> bpy.types.Image:
    """A picture of the figure as an image of Blender's."""
    with context():
        picture = module("scene.views.view").see_objects(bpy.context, "VIEW", [figure]).picture
    image = bpy.data.images.new("Figure", picture.shape[1], picture.shape[0], alpha=True)
    image.pixels.foreach_set((picture[::-1] / 255).astype(np.float32).ravel())
    return image


def cancel_a_long_job() -> Script:
    clean(details=5)
    yield 0.5
    waits, last = [], time.monotonic()
    yield from generate_by_click()
    assert not idle()
    for _ in range(20):
        yield 0.02
        waits.append(time.monotonic() - last)
        last = time.monotonic()
    shot("11_running")
    ticket = module("session.jobs").ticket()
    yield from cancel_by_click()
    asked = time.monotonic()
    yield idle
    assert ticket.cancelled
    assert ticket.done
    print(f"cancelled within {time.monotonic() - asked:.2f} s of the look; largest wait {max(waits):.3f} s")
    assert not armatures()


def pull_the_rug() -> Script:
    """Delete the mesh, open a file, switch the extension off: all in the middle of a job."""
    clean(details=5)
    call(bpy.ops.bonewright.generate, "INVOKE_DEFAULT")
    yield 0.3
    bpy.data.objects.remove(bpy.data.objects["Figure"])
    yield idle
    assert not armatures()

    clean(details=5)
    call(bpy.ops.bonewright.generate, "INVOKE_DEFAULT")
    yield 0.3
    with context():
        bpy.ops.wm.read_homefile(app_template="")
    yield 0.5
    assert idle(), "a new file ends the job"

    clean(details=5)
    call(bpy.ops.bonewright.generate, "INVOKE_DEFAULT")
    yield 0.3
    pid = module("session.jobs")._runner.backend.pid
    bpy.ops.preferences.addon_disable(module=PACKAGE)
    yield 0.5
    assert not Path(f"/proc/{pid}").exists(), "the worker is still there"
    bpy.ops.preferences.addon_enable(module=PACKAGE)
    yield 0.5
    bpy.context.view_layer.objects.active = bpy.data.objects["Figure"]
    bpy.data.objects["Figure"].select_set(state=True)
    call(bpy.ops.bonewright.generate, "INVOKE_DEFAULT")
    yield 0.5
    os.kill(module("session.jobs")._runner.backend.pid, 9)
    yield idle
    assert not armatures()
    call(bpy.ops.bonewright.generate, "INVOKE_DEFAULT")
    yield idle
    assert len(armatures()) == 1, "after a crash the next click works"


if __name__ == "__main__":
    play(walk)
