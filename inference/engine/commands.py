"""Run a program that takes long: watched while it runs, ended with all it started when nobody wants it any more."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from .mortal import clean_environment, kill_family, mortal

_LOOK = 0.1  # seconds between two looks


def run_watched(
    command: Sequence[str],
    watch: Callable[[str], None],
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """The exit code and the last lines of what was said. `watch(last line)` ends the program by raising."""
    if not os.access(command[0], os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), command[0])
    process = subprocess.Popen(
        mortal(command),
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
        kill_family(process)
        process.wait()


def _listen(pipe: IO[bytes], said: deque[str]) -> None:
    with pipe:
        for line in pipe:
            if text := line.decode(errors="replace").strip():
                said.append(text)


def size_of(folder: str | os.PathLike[str]) -> int:
    """Bytes of all files in `folder`; files that come and go meanwhile do no harm."""
    total = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                is_folder = entry.is_dir(follow_symlinks=False)
                total += size_of(entry.path) if is_folder else entry.stat(follow_symlinks=False).st_size
    return total
