"""The process that rigs files for the command line: one JSON line in for each file, JSON lines out.

A file that crashes Blender takes only this process down; the command line starts another and goes on.
"""

from __future__ import annotations

import json
import os
import sys
import traceback

import bpy

from ...inference.errors import BonewrightError
from ...inference.progress import Progress
from .messages import ANSWER, decode_request
from .rig_file import Reader, Record, rig_file


def serve(read: Reader | None = None) -> int:
    """Rig what standard input asks for until it ends. Blender's own chatter goes to standard error.

    `read` reads pictures; without it Blender does.
    """
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)

        def answer(**fields: object) -> None:
            answers.write(ANSWER + json.dumps(fields).encode() + b"\n")
            answers.flush()

        answer(ready=bpy.app.version_string)
        for line in sys.stdin.buffer:
            progress = Progress(lambda fraction, message: answer(fraction=fraction, message=message))
            answer(record=answer_to(line, progress, read))
    return 0


def answer_to(line: bytes, progress: Progress, read: Reader | None = None) -> Record:
    """The record of one file; whatever goes wrong with it is in the record, so that the next file has its turn."""
    try:
        job, options, token = decode_request(line)
        return {"status": "ok", **rig_file(job, options, token, progress, read)}
    except BonewrightError as error:
        return _failed(str(error), error)
    except MemoryError as error:
        return _failed("There is not enough memory. Rig fewer files at once, or decimate the mesh.", error)
    except Exception as error:  # a mistake of ours: say so, keep the trace for the report, go on with the other files
        trace = traceback.format_exc()
        print(trace, file=sys.stderr)
        text = f"Unexpected {type(error).__name__}: {error}. Please report it with the trace that --report keeps."
        return {**_failed(" ".join(text.split()), error), "trace": trace}


def _failed(text: str, error: Exception) -> Record:
    return {"status": "failed", "error": text, "error_type": type(error).__name__}
