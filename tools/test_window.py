"""Build the extension, install it into a fresh Blender and drive its window; keep the screenshots.

    python -m tools.test_window --blender blender --python 3.13
    python -m tools.test_window --blender blender --python 3.13 --scripts timings

Needs a screen (on Linux without one: xvfb-run). Exit code 0 when every step held.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from tools.build_extension import PYTHONS, ROOT, Build, version
from tools.build_extension import main as build_extension

RAISED = ("ERROR Python", "Error: Python")  # how Blender tells of what Python has raised in an operator
SCRIPTS = ROOT / "blender_tests" / "window"


@dataclass
class WindowTest:
    """Drive the packaged extension in a real window."""

    blender: str = "blender"
    """Command that starts Blender."""
    python: str = ""
    """Python version inside that Blender, to build a smaller zip; all of them when empty."""
    platform: str = "linux-x64"
    """What the zip is built for."""
    shots: Path = ROOT / "out" / "window"
    """Folder for the screenshots."""
    scripts: tuple[str, ...] = ("walkthrough", "markers", "shapes", "tour", "batch")
    """Which scripts of blender_tests/window; `timings` prints how long clicks take and wants a quiet machine."""
    seconds: float = 900.0
    """Give up on a script after this long."""


def main(test: WindowTest) -> int:
    """Build, install, drive."""
    dist = ROOT / "build" / "window"
    if build_extension(Build((test.platform,), (test.python,) if test.python else PYTHONS, out=dist)):
        return 1
    test.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bonewright-window-") as home:
        user = dict.fromkeys(("HOME", "BLENDER_APP_HOME", "BLENDER_USER_RESOURCES"), home)
        environment = {**os.environ, **user, "BONEWRIGHT_SHOTS": str(test.shots)}
        blender = shlex.split(test.blender)
        package = dist / f"bonewright-{version()}-{test.platform}.zip"
        install = [*blender, "--command", "extension", "install-file", "-r", "user_default", "-e", str(package)]
        subprocess.run(install, check=True, env=environment)
        drive = [*blender, "--enable-event-simulate", "--window-geometry", "0", "0", "1400", "900"]
        codes = [
            _driven([*drive, "--python", str(SCRIPTS / f"{script}.py")], environment, test.seconds)
            for script in test.scripts
        ]
        return max(codes, key=abs)


def _driven(command: list[str], environment: dict[str, str], seconds: float) -> int:
    """Run a script and show what it prints; 1 too where Python has raised anywhere and Blender has gone on."""
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as blender:
        guard = threading.Timer(seconds, _end, (blender,))
        guard.start()
        assert blender.stdout is not None
        raised = False
        for line in blender.stdout:
            print(line, end="", flush=True)
            raised |= any(word in line for word in RAISED)
        code = blender.wait()
        guard.cancel()
    return code or int(raised)


def _end(blender: subprocess.Popen[str]) -> None:
    """With all that it has started: `blender` may be a script."""
    if sys.platform == "win32":
        blender.kill()
    else:
        os.killpg(blender.pid, signal.SIGKILL)


if __name__ == "__main__":
    import tyro

    sys.exit(main(tyro.cli(WindowTest)))
