"""What the command line and its worker processes say to each other: one JSON object a line."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from ...inference.requests import RigOptions
from .plan import FileJob, Views

ANSWER = b"bonewright: "  # begins each line of a worker: Blender prints lines of its own before we can stop it


def encode_request(job: FileJob, options: RigOptions, token: str) -> bytes:
    """The line that asks for `job`."""
    fields = {
        "source": str(job.source),
        "outputs": [str(path) for path in job.outputs],
        "picture": str(job.picture) if job.picture else None,
        "options": dataclasses.asdict(options),
        "views": _views_out(job.views) if job.views else None,
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
        views=_views_in(fields["views"]) if fields["views"] else None,
    )
    return job, RigOptions(**fields["options"]), fields["token"]


def _views_out(views: Views) -> dict[str, object]:
    paths = {name: [str(path) for path in getattr(views, name)] for name in ("others", "masks")}
    return {**paths, "azimuths": views.azimuths, "refine": views.refine}


def _views_in(fields: dict) -> Views:
    others, masks = (tuple(Path(path) for path in fields[name]) for name in ("others", "masks"))
    return Views(others, masks, tuple(fields["azimuths"]), fields["refine"])
