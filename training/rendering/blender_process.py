"""One Blender without a window, kept alive from shape to shape and started again after a crash.

A request is one JSON object: `path` (.npz with vertices and triangles, or a file Blender reads), `up`, `turn`,
`smooth`, `materials`, `look`, `engine`, `samples`, `threads`, `folder`, and `views`, each with a `name` and a `camera`.
Answers come one by one: `fit` once, `view` with its files' checksums for each view, at the end `done` or `error`.
"""

from __future__ import annotations

import json
import queue
import shlex
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from inference.errors import BadMeshError, BadRequestError, BonewrightError

from .cameras import Camera
from .looks import random_look

SCRIPT = Path(__file__).resolve().parent / "blender_side.py"
MARK = "@views "
START_S = 180.0

Message = dict[str, object]


class BlenderError(BonewrightError):
    """Blender cannot be started, has died or does not answer."""


class BlenderProcess:
    """`command` starts Blender ("blender", "/opt/blender/blender", ...); empty means the bpy module of this Python."""

    def __init__(
        self, command: str = "", timeout_s: float = 300.0, environment: Mapping[str, str] | None = None
    ) -> None:
        self.command = command
        self.timeout_s = timeout_s  # between two answers
        self.version = ""  # known once it has started
        self.denoises = False  # with Cycles
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._last: deque[str] = deque(maxlen=5)

    def ask(self, request: Mapping[str, object]) -> Iterator[Message]:
        """Send a request and yield its answers. Raises BadMeshError for a bad shape, else BlenderError."""
        process = self._started()
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except OSError as error:
            raise self._dead() from error
        while True:
            message = self._answer(self.timeout_s)
            if "trace" in message:
                raise BlenderError(f"{message['error']}\n{message['trace']}")
            if "error" in message:
                raise BadMeshError(str(message["error"]))
            if "done" in message:
                return
            yield message

    def close(self) -> None:
        """End it; it may be in the middle of something."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._lines, self._last = queue.Queue(), deque(maxlen=5)
        try:
            process = self._process = subprocess.Popen(
                command_line(self.command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=None if self._environment is None else dict(self._environment),
            )
        except OSError as error:
            raise BlenderError(f"'{self.command or sys.executable}' cannot be started: {error}.") from error
        threading.Thread(target=_pump, args=(process, self._lines), daemon=True).start()
        ready = self._answer(START_S)
        self.version, self.denoises = str(ready["ready"]), bool(ready["denoises"])
        return process

    def _answer(self, timeout_s: float) -> Message:
        while True:
            try:
                line = self._lines.get(timeout=timeout_s)
            except queue.Empty:
                self.close()
                raise BlenderError(f"Blender did not answer for {timeout_s:.0f} s and was ended.") from None
            if line is None:
                raise self._dead()
            if line.startswith(MARK):
                return json.loads(line[len(MARK) :])
            if line.strip() and not line.startswith("Fra:"):
                self._last.append(line.strip())

    def _dead(self) -> BlenderError:
        code = None if self._process is None else self._process.wait()
        self._process = None
        said = f" It said: {' | '.join(self._last)}" if self._last else ""
        return BlenderError(f"Blender ended with code {code}.{said}")


def command_line(command: str) -> list[str]:
    """How to start the other end."""
    if not command:
        return [sys.executable, str(SCRIPT)]
    words = shlex.split(command)
    if not words:
        raise BadRequestError("The command that starts Blender is blank. Give the program's path, or leave it out.")
    return [*words, "--background", "--factory-startup", "--python-exit-code", "1", "--python", str(SCRIPT)]


def why_not(engine: str, command: str = "", environment: Mapping[str, str] | None = None) -> str:
    """Empty if Blender can render with the engine here, else the reason. Starts a Blender of its own: it may crash."""
    blender = BlenderProcess(command, 120.0, environment)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "triangle.npz"
            np.savez(
                path, vertices=np.array([[0, 0, -0.5], [1, 0, -0.5], [0, 0, 0.5]]), triangles=np.array([[0, 1, 2]])
            )
            view = {"name": "trial", "camera": asdict(Camera(0, 0, 16))}
            request = {"path": str(path), "up": "z", "turn": 0, "smooth": 0, "materials": "random", "engine": engine}
            request |= {"look": asdict(random_look(0, "trial")), "samples": 1, "threads": 1, "folder": folder}
            list(blender.ask({**request, "views": [view]}))
            with np.load(Path(folder) / "trial.npz") as arrays:
                return "" if (arrays["depth"] > 0).any() else "it draws nothing"
    except BonewrightError as error:
        return str(error)
    finally:
        blender.close()


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)
