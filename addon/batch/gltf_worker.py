"""The process that rigs files without Blender: one JSON line in for each file, JSON lines out."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...inference.engine.channels import Facts, serve_lines
from ...inference.pipelines.files import rig_document, write_result
from ...inference.progress import Progress
from .facts import Record, facts_of
from .messages import decode_request
from .plan import FileJob, staged


def serve() -> None:
    """Rig what standard input asks for until it ends."""

    def answer(request: dict, tell: Callable[[Facts], None]) -> Facts:
        progress = Progress(lambda fraction, message: tell({"fraction": fraction, "message": message}))
        return _rig(*decode_request(request), progress)

    serve_lines(answer, {"engine": "gltf"})


def _rig(job: FileJob, token: str, progress: Progress) -> Record:
    started = time.perf_counter()
    made, packed = rig_document(job.source, job.options, progress, replace_rig=job.replace_rig, fit=job.fit)
    for target in job.outputs:
        write_result(packed, target, staged(target, token))
    facts = facts_of(made.rig, len(made.mesh.vertices), made.names)
    return {**facts, "notes": list(made.notes), "seconds": round(time.perf_counter() - started, 3)}
