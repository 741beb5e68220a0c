"""Which program rigs a file: the glTF engine, which needs no Blender, or Blender, for what only Blender can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Literal

from ...inference.gltf.open import BY_TRIMESH, GLTF
from .inputs.formats import BY_OURSELVES
from .plan import Engine, FileJob

EngineChoice = Literal["auto", "gltf", "blender"]
CHOICES: tuple[EngineChoice, ...] = ("auto", "gltf", "blender")


@dataclass(frozen=True)
class Workers:
    """The commands that start worker processes."""

    gltf: Sequence[str]
    blender: Sequence[str]
    gallery: Sequence[str] = ()

    def of(self, engine: Engine) -> Sequence[str]:
        """Of one engine."""
        return self.gltf if engine == "gltf" else self.blender


def with_engine(job: FileJob, chosen: EngineChoice) -> FileJob:
    """The job with the engine that does it and the reason for that, or with the error that none can."""
    needs = _blender_for(job)
    ours = [path.suffix for path in job.outputs if path.suffix in BY_OURSELVES]
    if ours and not job.error and (needs or chosen == "blender"):
        return replace(
            job, error=f"{ours[0]} is written without Blender alone. {needs} Ask for glb.".replace("  ", " ")
        )
    if job.error or (chosen != "blender" and not needs):
        return replace(job, engine="gltf", may_switch=chosen == "auto" and not ours and find_spec("bpy") is not None)
    if chosen == "gltf":
        return replace(job, error=f"{needs} Use --engine auto.")
    reason = needs or "It was asked for with --engine blender."
    if find_spec("bpy") is None:
        return replace(job, error=f"{reason} There is no Blender here. {HOW_TO_GET_BLENDER}")
    return replace(job, engine="blender", reason=reason)


NO_TRIMESH = "{} is read by trimesh, which is not installed (pip install trimesh pillow), or by Blender."
HOW_TO_GET_BLENDER = "Install the package bpy, or run `blender --command bonewright rig`."


def _blender_for(job: FileJob) -> str:
    """Why a job needs Blender; nothing if it does not."""
    suffix = job.source.suffix.lower()
    other = [path.suffix for path in job.outputs if path.suffix not in (".glb", *BY_OURSELVES)]
    if job.fit.skeleton.lower().endswith(".blend"):
        return "The skeleton in a .blend file is read by Blender alone."
    if job.views is not None:
        return "What a picture shows is written by Blender alone."
    if other:
        return f"{other[0]} is written by Blender alone."
    if job.picture is not None:
        return "Pictures of a rig are drawn by Blender alone."
    if suffix in BY_TRIMESH:
        return "" if find_spec("trimesh") is not None else NO_TRIMESH.format(suffix)
    return "" if suffix in GLTF else f"{suffix} is read by Blender alone."
