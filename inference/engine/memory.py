"""How much memory a process holds, and how much it may."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from math import inf
from pathlib import Path

_MIB = 1 << 20
_OURS = 0.9  # of the machine


def limit_memory(pid: int, mib: float) -> bool:
    """Let a running child of ours come to hold at most so much; False where nobody but a watcher can see to that.

    Counted is what it may write to (RLIMIT_DATA): address space alone says little where libraries reserve gigabytes.
    What it has reserved by now and does not use stays allowed.
    """
    if sys.platform != "linux":
        return False
    import resource

    facts = _status(pid)
    if "VmData" not in facts:
        return False
    bytes_allowed = max(0, int((facts["VmData"] - facts["VmRSS"] + mib) * _MIB))
    try:
        resource.prlimit(pid, resource.RLIMIT_DATA, (bytes_allowed, bytes_allowed))
    except (OSError, ValueError):
        return False
    return True


def fair_share(processes: int) -> float:
    """What each of so many processes may hold, in MiB, so that together they leave the machine some; inf if unknown."""
    found = [_machine_mib()]
    for path in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        with contextlib.suppress(OSError, ValueError):
            found.append(int(path.read_text()) / _MIB)
    return _OURS * min(found) / processes


def _machine_mib() -> float:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _MIB
    except (AttributeError, OSError, ValueError):
        return inf


def held_mib(pid: int) -> float:
    """What the process holds now, in MiB; 0 if it is gone."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError, IndexError):
            pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE") / _MIB
        return 0.0
    if sys.platform == "win32":
        return _held_on_windows(pid)
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return int(told) / 1024 if told.strip().isdigit() else 0.0


def peak_mib(pid: int | None = None) -> float:
    """The most memory the process (None: this one) ever held, in MiB, as far as the system tells; else what it holds.

    `ru_maxrss` would start with the parent's on Linux.
    """
    if sys.platform == "linux":
        return _status(pid or os.getpid()).get("VmHWM", 0.0)
    if pid is None and sys.platform != "win32":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (_MIB if sys.platform == "darwin" else 1024)
    return held_mib(pid or os.getpid())


def _status(pid: int) -> dict[str, float]:
    """The memory lines of Linux' account of a process, in MiB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = [line.split() for line in lines if line.startswith("Vm")]
    return {words[0].rstrip(":"): int(words[1]) / 1024 for words in pairs}


def _held_on_windows(pid: int) -> float:
    if sys.platform != "win32":
        return 0.0

    class Counters(ctypes.Structure):
        _fields_ = [
            ("cb", ctypes.c_uint32),
            ("PageFaultCount", ctypes.c_uint32),
            *((name, ctypes.c_size_t) for name in ("PeakWorkingSetSize", "WorkingSetSize", "q1", "q2", "q3", "q4")),
            *((name, ctypes.c_size_t) for name in ("PagefileUsage", "PeakPagefileUsage")),
        ]

    kernel = ctypes.windll.kernel32
    kernel.OpenProcess.restype = ctypes.c_void_p
    query_limited_information = 0x1000
    handle = kernel.OpenProcess(query_limited_information, 0, pid)
    if not handle:
        return 0.0
    counters = Counters(cb=ctypes.sizeof(Counters))
    known = kernel.K32GetProcessMemoryInfo(ctypes.c_void_p(handle), ctypes.byref(counters), counters.cb)
    kernel.CloseHandle(ctypes.c_void_p(handle))
    return counters.WorkingSetSize / _MIB if known else 0.0
