"""One Blender without a window, kept alive from shape to shape and started again after a crash.

A request is one JSON object: `path` (.npz with vertices and triangles, or a file Blender reads), `up`, `turn`,
`smooth`, `materials`, `look`, `engine`, `samples`, `threads`, `folder`, and `views`, each with a `name` and a `camera`.
Steps come one by one: `fit` once, and `view` with its files' checksums for each view.
"""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import cast

import numpy as np

from inference.engine.channels import Facts, Program
from inference.engine.killable import Killable, Limits
from inference.errors import BadMeshError, BadRequestError, BonewrightError, WorkerError

from .cameras import Camera
from .looks import random_look

SCRIPT = Path(__file__).resolve().parent / "blender_side.py"

Blender = Killable[Facts, Facts]


class BlenderError(BonewrightError):
    """Blender cannot be started, has died or does not answer."""


def blender_program(command: str) -> Program:
    """`command` starts Blender ("blender", "/opt/blender/blender", ...); empty means the bpy module of this Python."""
    return Program(command_line(command), "Blender")


def ask_blender(blender: Blender, request: Facts, told: Callable[[Facts], None] = lambda _: None) -> None:
    """Have a shape rendered; `told` gets each step. Raises BadMeshError for a bad shape, else BlenderError."""
    try:
        outcome = blender.ask(request, lambda step: told(cast(Facts, step)))
    except WorkerError as error:
        raise BlenderError(str(error)) from error
    if outcome.how == "error" and not outcome.trace:
        raise BadMeshError(outcome.error)
    if outcome.how != "done":
        said = f" It said: {outcome.said}" if outcome.said and not outcome.trace else ""
        raise BlenderError(f"{outcome.reason}{said}\n{outcome.trace}".rstrip())


def about(blender: Blender) -> tuple[str, bool]:
    """Its version, and whether it denoises with Cycles; once it has started."""
    ready = cast(Facts, blender.ready)
    return str(ready["version"]), bool(ready["denoises"])


def command_line(command: str) -> list[str]:
    """How to start the other end."""
    if not command:
        return [sys.executable, str(SCRIPT)]
    words = shlex.split(command)
    if not words:
        raise BadRequestError("The command that starts Blender is blank. Give the program's path, or leave it out.")
    return [*words, "--background", "--factory-startup", "--python-exit-code", "1", "--python", str(SCRIPT)]


def why_not(engine: str, command: str = "") -> str:
    """Empty if Blender can render with the engine here, else the reason. Starts a Blender of its own: it may crash."""
    blender = Blender(blender_program(command), Limits(silence=120.0))
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "triangle.npz"
            np.savez(
                path, vertices=np.array([[0, 0, -0.5], [1, 0, -0.5], [0, 0, 0.5]]), triangles=np.array([[0, 1, 2]])
            )
            view = {"name": "trial", "camera": asdict(Camera(0, 0, 16))}
            request = {"path": str(path), "up": "z", "turn": 0, "smooth": 0, "materials": "random", "engine": engine}
            request |= {"look": asdict(random_look(0, "trial")), "samples": 1, "threads": 1, "folder": folder}
            ask_blender(blender, {**request, "views": [view]})
            with np.load(Path(folder) / "trial.npz") as arrays:
                return "" if (arrays["depth"] > 0).any() else "it draws nothing"
    except BonewrightError as error:
        return str(error)
    finally:
        blender.close()
