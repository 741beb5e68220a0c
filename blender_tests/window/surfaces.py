"""Surfaces of pictures in a real window, with the extension installed: an image to a drawn surface, a blend, undo.

Needs the networks that draw them: from the weights file beside the zip, or in the folder that BONEWRIGHT_WEIGHTS names.
BONEWRIGHT_PICTURES names picture files to look at instead of two that are made here.
"""

import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

import bpy  # noqa: E402
import numpy as np  # noqa: E402
from stage import Script, call, context, idle, module, open_sidebar, play, press, shot  # noqa: E402

SETTLE = 1.5
WEIGHTS = Path(__file__).parents[2] / "build" / "window"  # where tools/test_window.py builds


def missing() -> bool:
    return bool(module("networks").missing_surfaces("implicit"))


def there() -> bool:
    return not missing()


def install_weights() -> Script:
    """The networks that are not in the zip, from the weights file beside it."""
    if missing():
        file = max(WEIGHTS.glob("bonewright-weights-*.zip"), key=lambda path: path.stat().st_mtime)
        call(bpy.ops.bonewright.install_weights, filepath=str(file))
        yield there


def only_this_panel() -> None:
    """Panels cannot be opened by a script: the others are taken away, and this one comes open."""
    names = [name for name in dir(bpy.types) if name.startswith("BONEWRIGHT_PT_")]
    for name in names:
        if name != "BONEWRIGHT_PT_from_picture":
            bpy.utils.unregister_class(getattr(bpy.types, name))
    panel = bpy.types.BONEWRIGHT_PT_from_picture
    bpy.utils.unregister_class(panel)
    panel.bl_options = set()
    bpy.utils.register_class(panel)


def seats() -> list[bpy.types.Image]:
    """A chair and a bench, seen a little from above and aside."""
    made = []
    for name, wide in (("Chair", 0.5), ("Bench", 1.1)):
        parts = [((0, 0, 0.5), (wide, 0.5, 0.06)), ((0, 0.23, 0.8), (wide, 0.05, 0.5))]
        parts += [((x * (wide / 2 - 0.04), y * 0.2, 0.25), (0.06, 0.06, 0.5)) for x in (-1, 1) for y in (-1, 1)]
        items = []
        for place, size in parts:
            bpy.ops.mesh.primitive_cube_add(size=1, location=place)
            items.append(bpy.context.object)
            items[-1].scale = size
        bpy.context.view_layer.update()
        with context():
            picture = module("scene.views.view").see_objects(bpy.context, "VIEW", items).picture
        image = bpy.data.images.new(name, picture.shape[1], picture.shape[0], alpha=True)
        image.pixels.foreach_set((picture[::-1] / 255).astype(np.float32).ravel())
        made.append(image)
        for item in items:
            bpy.data.objects.remove(item)
    return made


def images() -> list[bpy.types.Image]:
    named = os.environ.get("BONEWRIGHT_PICTURES", "")
    return [bpy.data.images.load(path) for path in named.split(os.pathsep)] if named else seats()


def armatures() -> list[bpy.types.Object]:
    return [item for item in bpy.data.objects if item.type == "ARMATURE"]


def look() -> Script:
    with context():
        bpy.ops.view3d.view_all()
    yield SETTLE


def walk() -> Script:
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    yield from install_weights()
    only_this_panel()
    yield from open_sidebar()
    yield SETTLE
    first, second = images()[:2]
    options = bpy.context.scene.bonewright
    options.picture, options.seen.surface = first, "implicit"
    bpy.ops.ed.undo_push(message="Nothing yet")
    yield SETTLE
    shot("surface_1_panel")
    call(bpy.ops.bonewright.from_image, "INVOKE_DEFAULT")
    assert not idle(), "no job"
    yield idle
    assert len(armatures()) == 1, "no armature from the image"
    yield from look()
    shot("surface_2_from_image")
    yield from press("Z", ctrl=True)
    assert not armatures(), "one undo must take everything back"
    call(bpy.ops.bonewright.add_picture)
    bpy.context.scene.bonewright.seen.more[0].picture = second
    bpy.ops.ed.undo_push(message="Two pictures")
    yield SETTLE
    call(bpy.ops.bonewright.blend_images, "INVOKE_DEFAULT")
    yield idle
    assert len(armatures()) == 1, "no armature from the blend"
    yield from look()
    shot("surface_3_blend")


play(walk)
