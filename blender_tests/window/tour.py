"""The first tour in a real window, with the extension installed: from an empty scene to a fox under controls."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

import bpy  # noqa: E402
from stage import Script, call, click, idle, module, open_sidebar, play, region, shot, view  # noqa: E402

SETTLE = 1.5
GENERATE, SAMPLE = 48, 76  # pixels from the sidebar's top to the middle of the button, at the default scale


def rigged() -> bool:
    return idle() and any(item.type == "ARMATURE" for item in bpy.data.objects)


def press_at(height: int) -> Script:
    sidebar = region("UI")
    yield from click(sidebar.x + sidebar.width // 2 - 10, sidebar.y + sidebar.height - height)


def touring() -> bpy.types.Object:
    fox = module("scene.tour.sample").touring(bpy.context.scene)
    assert fox is not None
    return fox


def step() -> int:
    return module("scene.tour.steps").step_of(module("scene.tour.sample").facts_of(touring()))


def walk() -> Script:
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    view().spaces.active.overlay.show_stats = False
    yield from open_sidebar()
    yield SETTLE
    shot("tour_empty")
    yield from press_at(SAMPLE)
    yield SETTLE
    assert step() == 0
    shot("tour")
    yield from press_at(GENERATE)
    yield rigged
    yield SETTLE
    assert step() == 1
    shot("tour_generated")
    call(bpy.ops.bonewright.add_motion)
    yield SETTLE
    assert step() == 4
    bpy.context.scene.frame_set(12)
    yield SETTLE
    shot("tour_motion")
    assert call(bpy.ops.bonewright.add_controls) == {"FINISHED"}
    yield SETTLE
    shot("controls")
    assert call(bpy.ops.bonewright.remove_controls) == {"FINISHED"}
    yield SETTLE


if __name__ == "__main__":
    play(walk)
