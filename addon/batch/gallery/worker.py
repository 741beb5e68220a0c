"""The process that draws results for the gallery: one JSON line in for each result, JSON lines out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ....inference.engine.channels import Facts, serve_lines
from ....inference.files import write_whole
from ....inference.pipelines.shows import open_show, write_display

LARGEST = 96 << 20  # bytes of a model that a browser is asked to hold as text


def serve() -> None:
    """Draw what standard input asks for until it ends."""

    def answer(request: dict, tell: Callable[[Facts], None]) -> Facts:
        return _draw(Path(request["result"]), request["facing"], Path(request["strip"]), Path(request["model"]))

    serve_lines(answer, {"engine": "gallery"})


def _draw(result: Path, facing: list[float], strip: Path, model: Path) -> Facts:
    """Write the pictures, and the model as a script: pages from a disk may run scripts, and read nothing else."""
    show = open_show(result, np.array(facing, float))
    strip.parent.mkdir(parents=True, exist_ok=True)
    write_whole(strip, show.strip())
    model.parent.mkdir(parents=True, exist_ok=True)
    copy = model.with_suffix(".glb")
    try:
        write_display(show, result, copy)
        content = copy.read_bytes()
    finally:
        copy.unlink(missing_ok=True)
    if len(content) > LARGEST:
        model.unlink(missing_ok=True)
        return {"model": False}
    text = base64.b64encode(content)
    write_whole(model, f'bonewright.model("{model.stem}", "'.encode(), text, b'");\n')
    return {"model": True}
