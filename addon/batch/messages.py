"""What the command line and its worker processes say to each other: one JSON object a line."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from ...inference.engine.jobs import RigOptions
from .plan import FileJob

ANSWER = b"bonewright: "  # begins each line of a worker: Blender prints lines of its own before we can stop it


def encode_request(job: FileJob, options: RigOptions, token: str) -> bytes:
    """The line that asks for `job`."""
    fields = {
        "source": str(job.source),
        "outputs": [str(path) for path in job.outputs],
        "picture": str(job.picture) if job.picture else None,
        "options": dataclasses.asdict(options),
        "token": token,
    }
    return json.dumps(fields).encode() + b"\n"


def decode_request(line: bytes) -> tuple[FileJob, RigOptions, str]:
    """The reverse: job, options, token."""
    fields = json.loads(line)
    job = FileJob(
        Path(fields["source"]),
        tuple(Path(path) for path in fields["outputs"]),
        Path(fields["picture"]) if fields["picture"] else None,
    )
    return job, RigOptions(**fields["options"]), fields["token"]
