"""What a folder of results holds, such that two of them can be compared; and whether anything in it is half written."""

from __future__ import annotations

import hashlib
import json
import struct
import threading
from pathlib import Path

VARY = ("time", "seconds", "peak_mib", "attempts", "outputs", "picture", "input")  # from run to run, rightly


def outcome(out: Path) -> dict[str, str]:
    """File -> SHA-256 of it, and input -> of what its record says; hidden files and the run's own left out."""
    found = {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(out).parts)
    }
    report = json.loads((out / ".bonewright" / "report.json").read_text(encoding="utf-8"))
    for record in report["files"]:
        kept = {key: value for key, value in record.items() if key not in VARY}
        found[f"record of {Path(record['input']).name}"] = hashlib.sha256(json.dumps(kept).encode()).hexdigest()
    return found


def left_over(out: Path) -> list[str]:
    """Hidden files that a finished run has not cleared away."""
    return [str(path) for path in out.rglob(".*") if path.is_file()]


class Watch:
    """Looks again and again whether a result is visible that is not whole."""

    def __init__(self, out: Path, seconds: float = 0.2) -> None:
        self.partial: set[str] = set()
        self._out = out
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(self._seconds):
            for path in self._out.rglob("[!.]*.glb"):
                if not _is_whole(path):
                    self.partial.add(str(path))


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            magic, _, length = struct.unpack("<4sII", file.read(12))
            return magic == b"glTF" and length == path.stat().st_size
    except (OSError, struct.error):
        return not path.exists()
