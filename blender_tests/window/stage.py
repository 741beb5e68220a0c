"""Drives a real Blender window: steps that click, wait and look, each with a screenshot.

A script is a generator; each `yield` hands Blender its main loop back: `yield` for one redraw, `yield 0.5` for seconds,
`yield condition` until the function returns true.
"""

import os
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import bpy

Wait = float | Callable[[], bool] | None
Script = Generator[Wait, None, None]
PATIENCE = float(os.environ.get("BONEWRIGHT_PATIENCE", "60"))  # seconds; more on a busy machine
PACKAGE = "bl_ext.user_default.bonewright"  # the extension as Blender installs it
OUT = Path(os.environ.get("BONEWRIGHT_SHOTS", "."))


class Stalled(AssertionError):
    """A condition did not come true in time."""


def play(script: Callable[[], Script], done: Path | None = None) -> None:
    """Run `script` once the window is up; quit with 1 when it fails."""
    steps: Script | None = None
    wait: Wait = None
    since = time.monotonic()

    def tick() -> float | None:
        nonlocal steps, wait, since
        try:
            if steps is None:
                steps = script()
            if callable(wait) and not wait():
                if time.monotonic() - since > PATIENCE:
                    raise Stalled(f"waited {PATIENCE} s for {getattr(wait, '__name__', wait)}")
                return 0.05
            wait, since = next(steps), time.monotonic()
            return float(wait) if isinstance(wait, int | float) else 0.05
        except StopIteration:
            return _leave(0, done)
        except Exception:
            traceback.print_exc()
            shot("failed")
            return _leave(1, done)

    bpy.context.preferences.view.show_splash = False
    bpy.app.timers.register(tick, first_interval=1.0, persistent=True)


def _leave(code: int, done: Path | None) -> None:
    print("WINDOW TEST", "FAILED" if code else "PASSED", flush=True)
    if done is not None:
        done.touch()
    sys.stdout.flush()
    os._exit(code) if code else bpy.ops.wm.quit_blender()


def window() -> bpy.types.Window:
    return bpy.context.window_manager.windows[0]


def view() -> bpy.types.Area:
    return next(area for area in window().screen.areas if area.type == "VIEW_3D")


def region(kind: str) -> bpy.types.Region:
    return next(item for item in view().regions if item.type == kind)


def context() -> object:
    """What an operator sees when the mouse is over the 3D view."""
    return bpy.context.temp_override(window=window(), area=view(), region=region("WINDOW"))


def module(name: str) -> ModuleType:
    """A module of the extension's add-on."""
    return import_module(f"{PACKAGE}.addon.{name}")


def idle() -> bool:
    """No job is under way."""
    return module("session.jobs").running() is None


def call(operator, how: str = "EXEC_DEFAULT", **options: object) -> object:
    """Have an operator do its work as if the mouse were over the 3D view; one undo step."""
    with context():
        return operator(how, True, **options)


def open_sidebar(tab: str = "Bonewright") -> Script:
    view().spaces.active.show_region_ui = True
    yield 0.3
    region("UI").active_panel_category = tab
    yield 0.3


def move(x: int, y: int) -> None:
    window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)


def click(x: int, y: int) -> Script:
    """Left click at window coordinates, from the lower left."""
    move(x, y)
    yield 0.2
    window().event_simulate(type="LEFTMOUSE", value="PRESS", x=x, y=y)
    yield 0.1
    window().event_simulate(type="LEFTMOUSE", value="RELEASE", x=x, y=y)
    yield 0.2


def held(start: tuple[int, int], end: tuple[int, int]) -> Script:
    """Press the left button at `start` and take the mouse to `end`, in window coordinates; the button stays down."""
    move(*start)
    yield 0.2
    window().event_simulate(type="LEFTMOUSE", value="PRESS", x=start[0], y=start[1])
    yield 0.1
    for step in range(1, 6):
        move(*(round(one + (other - one) * step / 5) for one, other in zip(start, end, strict=True)))
        yield 0.05


def let_go(place: tuple[int, int]) -> Script:
    """Release the left button."""
    window().event_simulate(type="LEFTMOUSE", value="RELEASE", x=place[0], y=place[1])
    yield 0.2


def press(key: str, **modifiers: bool) -> Script:
    """Press and release a key with the mouse over the middle of the 3D view."""
    area = region("WINDOW")
    x, y = area.x + area.width // 2, area.y + area.height // 2
    move(x, y)
    yield 0.1
    window().event_simulate(type=key, value="PRESS", x=x, y=y, **modifiers)
    yield 0.05
    window().event_simulate(type=key, value="RELEASE", x=x, y=y, **modifiers)
    yield 0.3


def shot(name: str) -> None:
    """Keep a picture of the window: of the X screen where there is one, since software OpenGL keeps no front buffer."""
    OUT.mkdir(parents=True, exist_ok=True)
    if os.environ.get("DISPLAY") and shutil.which("import"):
        subprocess.run(["import", "-window", "root", str(OUT / f"{name}.png")], check=False)
        return
    with bpy.context.temp_override(window=window()):
        bpy.ops.screen.screenshot(filepath=str(OUT / f"{name}.png"))
