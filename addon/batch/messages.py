"""What the command line asks of its worker processes, as JSON can hold it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ...inference.requests import FitOptions, RigOptions
from .plan import FileJob, Views


def encode_request(job: FileJob, token: str) -> dict[str, object]:
    """What asks for `job`; `token` is part of the names of files that are not complete yet."""
    return {
        "source": str(job.source),
        "outputs": [str(path) for path in job.outputs],
        "picture": str(job.picture) if job.picture else None,
        "options": dataclasses.asdict(job.options),
        "fit": dataclasses.asdict(job.fit),
        "views": _views_out(job.views) if job.views else None,
        "replace_rig": job.replace_rig,
        "token": token,
    }


def decode_request(fields: dict) -> tuple[FileJob, str]:
    """The reverse: job and token."""
    job = FileJob(
        Path(fields["source"]),
        tuple(Path(path) for path in fields["outputs"]),
        Path(fields["picture"]) if fields["picture"] else None,
        views=_views_in(fields["views"]) if fields["views"] else None,
        options=RigOptions(**fields["options"]),
        fit=FitOptions(**fields["fit"]),
        replace_rig=fields["replace_rig"],
    )
    return job, fields["token"]


def _views_out(views: Views) -> dict[str, object]:
    paths = {name: [str(path) for path in getattr(views, name)] for name in ("others", "masks")}
    plain = {name: getattr(views, name) for name in ("azimuths", "refine", "surface", "detail", "share")}
    return {**paths, **plain}


def _views_in(fields: dict) -> Views:
    others, masks = (tuple(Path(path) for path in fields[name]) for name in ("others", "masks"))
    azimuths = tuple(fields["azimuths"])
    return Views(others, masks, azimuths, *(fields[name] for name in ("refine", "surface", "detail", "share")))
