"""The lock of a folder of results: one run at a time writes there, or several shards of one run."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from ....inference.errors import BadRequestError
from ..inputs.places import is_remote


class Lock:
    """A file that says who writes. `rivals` are locks of runs that must not be under way either."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self, rivals: Iterable[Path]) -> None:
        """Refuse to run beside another run that may write the same files."""
        for path in {str(path): path for path in (self._path, *rivals)}.values():
            self._check(path)
        owner = json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "since": time.time()})
        if is_remote(self._path):  # not all stores can tell who was first
            self._path.write_text(owner, encoding="utf-8")
            return
        try:
            with self._path.open("x", encoding="utf-8") as file:
                try:
                    file.write(owner)
                    file.flush()
                except OSError:  # a full disk
                    self._path.unlink()
                    raise
        except FileExistsError:
            self._check(self._path)
            raise BadRequestError(f"Another run has just begun in '{self._out}'. Wait for it.") from None

    def release(self) -> None:
        """Let others write; also where the disk has become read-only meanwhile."""
        with contextlib.suppress(OSError):
            self._path.unlink()

    @property
    def _out(self) -> Path:
        return self._path.parent.parent

    def _check(self, lock: Path) -> None:
        """Raise if the owner of a lock may still be at work; take it away if it is dead."""
        try:
            owner = json.loads(lock.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except ValueError:  # the disk was full when it was written, or it is being written
            owner = {}
        host, pid = owner.get("host"), int(owner.get("pid", 0))
        since = float(owner.get("since") or lock.stat().st_mtime)
        if (host == socket.gethostname() and not _is_alive(pid)) or (not owner and time.time() - since > _UNWRITTEN):
            if is_remote(lock):
                lock.unlink()
                return
            stale = lock.with_name(f".{lock.name}.{secrets.token_hex(4)}")
            with contextlib.suppress(FileNotFoundError):  # another run was faster
                lock.rename(stale)
            stale.unlink(missing_ok=True)
            return
        minutes = (time.time() - since) / 60
        raise BadRequestError(
            f"'{self._out}' has been written by process {pid} on {host} for {minutes:.0f} minutes. "
            f"Wait for it, or, if it is gone, delete '{lock}'."
        )


_UNWRITTEN = 10.0  # seconds after which a lock that names nobody is one that could not be written


def _is_alive(pid: int) -> bool:
    """Whether a process of this machine may still be there."""
    if sys.platform == "win32":  # where asking by a signal would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether it has ended and nobody has asked how: in a container nobody may ever."""
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return False
