"""Ways to disturb a run: its driver or a worker is killed, its disk becomes full or read-only."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.package import ROOT

FILLER = "filler"  # beside OUT, on its disk


@dataclass(frozen=True)
class Run:
    """How the command line is called."""

    source: Path
    out: Path
    options: Sequence[str]

    def start(self) -> subprocess.Popen[str]:
        """Begin."""
        command = [sys.executable, "-m", "tools.rig", str(self.source), "-o", str(self.out), *self.options]
        return subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
        )


def disturb(run: Run, kind: str, rng: np.random.Generator, longest: float) -> list[str]:
    """Start the run, disturb it at a random moment; what was wrong with how it ended."""
    process = run.start()
    _wait(process, float(rng.uniform(0.0, longest)))
    if process.poll() is not None:  # nothing was left to disturb
        return _complaints(kind, process, (0, 1))
    if kind == "worker":
        workers = _workers(process.pid)
        for pid in workers[: int(rng.integers(1, 3))]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _wait(process, float(rng.uniform(0.0, longest)))
        return _ended(process)
    if kind == "full":
        with _full_disk(run.out.parent):
            _wait(process, 120.0)
            return _complaints(kind, process, (0, 1)) if process.poll() is not None else _ended(process)
    wrong = _ended(process)
    if kind == "readonly":
        with _read_only(run.out.parent):
            again = run.start()
            _wait(again, 120.0)
            wrong += _complaints(kind, again, (1, 2)) if again.poll() is not None else _ended(again)
    return wrong


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[bool]:
    """A disk of its own at `folder`; False where this process may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = _mount("-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder))
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=False, capture_output=True)


def _complaints(kind: str, process: subprocess.Popen[str], codes: tuple[int, ...]) -> list[str]:
    _, told = process.communicate()
    wrong = [f"{kind}: exit code {process.returncode}: {told[-600:]}"] if process.returncode not in codes else []
    return wrong + ([f"{kind}: a traceback: {told[-1500:]}"] if "Traceback" in told else [])


def _ended(process: subprocess.Popen[str]) -> list[str]:
    """Kill the driver; its workers have to go with it."""
    workers = _workers(process.pid)
    process.kill()
    process.communicate()
    end = time.monotonic() + 20.0
    while (alive := [pid for pid in workers if Path(f"/proc/{pid}/cmdline").exists()]) and time.monotonic() < end:
        time.sleep(0.1)
    return [f"worker {pid} outlived its driver" for pid in alive]


def _workers(pid: int) -> list[int]:
    """The processes that a driver has started."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def _wait(process: subprocess.Popen[str], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


@contextmanager
def _full_disk(folder: Path) -> Iterator[None]:
    path = folder / FILLER
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:  # and the last of it
        while True:
            file.write(bytes(512))
    try:
        yield
    finally:
        path.unlink()


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    assert _mount("-o", "remount,ro", str(folder)), "the disk is ours and nobody writes to it"
    try:
        yield
    finally:
        _mount("-o", "remount,rw", str(folder))


def _mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], check=False, capture_output=True).returncode == 0
