"""The process that rigs files for the command line: one JSON line in for each file, JSON lines out.

A file that crashes Blender takes only this process down; the command line starts another and goes on.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ...inference.engine.channels import Facts, serve_lines
from ...inference.progress import Progress
from .messages import decode_request
from .rig_file import Reader, rig_file


def serve(read: Reader | None = None) -> None:
    """Rig what standard input asks for until it ends. Blender's own chatter goes to standard error.

    `read` reads pictures; without it Blender does.
    """

    def answer(request: dict, tell: Callable[[Facts], None]) -> Facts:
        progress = Progress(lambda fraction, message: tell({"fraction": fraction, "message": message}))
        return rig_file(*decode_request(request), progress, read)

    serve_lines(answer, {"blender": bpy.app.version_string})
