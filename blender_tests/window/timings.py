"""How long clicks take in a real window, with the extension installed. On a quiet machine; it judges nothing.

Started by `python -m tools.test_window --scripts timings`, which gives it a Blender that was never clicked before.
"""

import sys
import time
from pathlib import Path
from statistics import median

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import bpy  # noqa: E402
from figure import add_figure  # noqa: E402
from markers import followed, rig  # noqa: E402
from mathutils import Vector  # noqa: E402
from stage import PACKAGE, Script, call, context, idle, open_sidebar, play, region, window  # noqa: E402
from walkthrough import GENERATE, SETTLE  # noqa: E402

USUAL, DENSE, DRAGGED = 7_500, 700_000, 20_000  # vertices
DETAILS = {7_500: 3, 700_000: 6, 20_000: 4}  # subdivisions of the figure that give as many and some more
SETTLED, MOVES, STEP = 5.0, 12, 0.02
BEAT = 0.01  # seconds between two beats of a window that is not blocked


class Heart:
    """Beats while Blender's main loop runs; the longest pause is how long the window was blocked."""

    def __init__(self) -> None:
        self.pause, self._last, self._beats = 0.0, time.perf_counter(), True
        bpy.app.timers.register(self._beat)

    def _beat(self) -> float | None:
        now = time.perf_counter()
        self.pause, self._last = max(self.pause, now - self._last), now
        return BEAT if self._beats else None

    def stop(self) -> float:
        """The longest pause so far."""
        self._beats = False
        self._beat()
        return self.pause


def figure_of(vertices: int) -> bpy.types.Object:
    """The figure alone, with about so many vertices."""
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    figure = add_figure(details=DETAILS[vertices])
    share = vertices / len(figure.data.vertices)
    if share < 1:
        figure.modifiers.new("Fewer", "DECIMATE").ratio = share
        bpy.ops.object.convert(target="MESH")
    with context():
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()
    bpy.ops.ed.undo_push(message="The figure")
    return figure


def timed_click(title: str) -> Script:
    """Generate Armature by the mouse: from the release of the button to the armature in the scene."""
    figure = bpy.context.view_layer.objects.active
    count = len(figure.data.vertices)
    sidebar = region("UI")
    x, y = sidebar.x + sidebar.width // 2 - 10, sidebar.y + sidebar.height - GENERATE
    window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
    yield 0.5
    window().event_simulate(type="LEFTMOUSE", value="PRESS", x=x, y=y)
    yield 0.1
    heart, ends = Heart(), [0.0]
    begun = time.perf_counter()
    window().event_simulate(type="LEFTMOUSE", value="RELEASE", x=x, y=y)

    def made() -> bool:
        ends[0] = time.perf_counter()
        return ends[0] - begun > 0.2 and idle() and any(item.type == "ARMATURE" for item in bpy.data.objects)

    yield made
    print(
        f"TIMING {title}: {ends[0] - begun:.2f} s, {count} vertices; window blocked for {heart.stop():.2f} s at most",
        flush=True,
    )
    yield SETTLE


def timed_moves() -> Script:
    """Joints moved one after another: from the move to the weights on the mesh."""
    call(bpy.ops.bonewright.edit_joints)
    yield SETTLE
    yield followed
    taken, blocked = [], []
    names = rig().data.edit_bones.keys()
    for turn in range(MOVES):
        name = names[turn * 7 % len(names)]
        bone = rig().data.edit_bones[name]
        heart, ends, begun = Heart(), [0.0], time.perf_counter()
        call(bpy.ops.bonewright.move_joint, bone=name, end="HEAD", place=bone.head + Vector((0.0, STEP, 0.0)))

        def done(ends: list[float] = ends, begun: float = begun) -> bool:
            ends[0] = time.perf_counter()
            return ends[0] - begun > 0.1 and followed()

        yield done
        taken.append(ends[0] - begun)
        blocked.append(heart.stop())
        yield 0.5
    count = len(bpy.data.objects["Figure"].data.vertices)
    print(
        f"TIMING live re-bind: {median(taken[1:]):.2f} s (median), {max(taken[1:]):.2f} s at most, first "
        f"{taken[0]:.2f} s; {count} vertices, {MOVES} moves; window blocked for {max(blocked):.2f} s at most",
        flush=True,
    )


def measure() -> Script:
    assert PACKAGE in bpy.context.preferences.addons, "install the extension first"
    figure_of(USUAL)
    yield from open_sidebar()
    yield SETTLED  # the first drawing of a window is not the click's
    yield from timed_click("first click")
    figure_of(USUAL)
    yield SETTLE
    yield from timed_click("second click")
    figure_of(DRAGGED)
    yield SETTLE
    yield from timed_click("dense click")
    yield from timed_moves()
    bpy.ops.object.mode_set(mode="OBJECT")
    figure_of(DENSE)
    yield SETTLED
    yield from timed_click("very dense click")


if __name__ == "__main__":
    play(measure)
