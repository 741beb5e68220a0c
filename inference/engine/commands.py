"""Run a program that takes long: watched while it runs, ended with all it started when nobody wants it any more."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import IO

_LOOK = 0.1  # seconds between two looks
# Linux only: the program ends when we are killed; the wish survives the exec. 1 is PR_SET_PDEATHSIG, 9 is SIGKILL.
_DIE_WITH_US = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execv(sys.argv[1], sys.argv[1:])"


def run_watched(
    command: Sequence[str],
    watch: Callable[[str], None],
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """The exit code and the last lines of what was said. `watch(last line)` ends the program by raising."""
    if not os.access(command[0], os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), command[0])
    mortal = [sys.executable, "-I", "-S", "-c", _DIE_WITH_US] if sys.platform == "linux" else []
    process = subprocess.Popen(
        [*mortal, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**clean_environment(), **(environment or {})},
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    said: deque[str] = deque(maxlen=60)
    assert process.stdout is not None
    listener = threading.Thread(target=_listen, args=(process.stdout, said), daemon=True)
    listener.start()
    try:
        while True:
            watch(said[-1] if said else "")
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(_LOOK)
                listener.join(2.0)
                return code, "\n".join(said)
    finally:
        _kill_family(process)
        process.wait()


def clean_environment() -> dict[str, str]:
    """The variables of this process less those that would lead another Python astray."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _listen(pipe: IO[bytes], said: deque[str]) -> None:
    with pipe:
        for line in pipe:
            if text := line.decode(errors="replace").strip():
                said.append(text)


def _kill_family(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children; once it has ended by itself there is nobody left to end."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        kill = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(kill, capture_output=True, check=False, creationflags=subprocess.CREATE_NO_WINDOW)
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def size_of(folder: str | os.PathLike[str]) -> int:
    """Bytes of all files in `folder`; files that come and go meanwhile do no harm."""
    total = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                is_folder = entry.is_dir(follow_symlinks=False)
                total += size_of(entry.path) if is_folder else entry.stat(follow_symlinks=False).st_size
    return total
