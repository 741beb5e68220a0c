"""Processes that leave nothing behind: they end with their parent and with all they started; and how they ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1
# The wish survives the exec. A parent that died before it was made is no longer our parent.
_DIE_WITH = """import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
if os.getppid() == int(sys.argv[1]): os.execvp(sys.argv[2], sys.argv[2:])"""


def mortal(command: Sequence[str]) -> list[str]:
    """`command` such that, on Linux, it is killed when the thread that starts it is gone. Elsewhere its input ends."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH, str(os.getpid()), *command]


def die_with(parent: int) -> None:
    """The same for this process: leave nothing behind even when `parent` is killed in the middle of our work."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


def clean_environment() -> dict[str, str]:
    """The variables of this process less those that would lead another Python astray."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def kill_family(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session, and its children; once it has ended by itself nobody is left to end."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        kill = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(kill, capture_output=True, check=False, creationflags=subprocess.CREATE_NO_WINDOW)
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def how_it_ended(code: int | None) -> str:
    """The end of a sentence that begins with the process: "was ended by SIGKILL", "ended with code 3"."""
    if code is None or code >= 0:
        return f"ended with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}" + (" (perhaps for lack of memory)" if name == "SIGKILL" else "")
