"""Jobs done in this very process: what the worker runs inside, and what headless batches and tests use directly."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeAlias, TypeVar, cast

from ..errors import BonewrightError, ProtocolError, UnexpectedError
from ..progress import SILENT, Progress
from ..requests import (
    BlendJob,
    BlendPicturesJob,
    CompleteJob,
    CurvesJob,
    DecodeJob,
    EncodeJob,
    GenerateJob,
    ImagesJob,
    Job,
    JudgeJob,
    RigJob,
    SkinJob,
    SpheresJob,
    SwingJob,
    TryJob,
    VaryJob,
)
from .ticket import Ticket

ResultT = TypeVar("ResultT")
Runner: TypeAlias = Callable[[Job[object], Progress], object]
"""Does a job and returns what comes of it."""


def run(job: Job[ResultT], progress: Progress = SILENT) -> ResultT:
    """Do `job` now."""
    return cast("ResultT", _run(job, progress))  # the class of a job says what comes of it; no checker follows that


def _run(job: Job[object], progress: Progress) -> object:
    """The heavy libraries are imported here, at the first job."""
    from ..pipelines import meshes as pipelines
    from ..pipelines import pictures as imaging
    from ..pipelines import shapes as drawing

    match job:
        case RigJob():
            return pipelines.rig_mesh(job.mesh, job.options, progress, job.locked, job.kept)
        case TryJob():
            from ..pipelines.tries import try_ways

            return try_ways(job.mesh, job.options, progress)
        case SkinJob():
            return pipelines.skin_mesh(job.mesh, job.armature, job.options, job.locked, job.kept, progress)
        case SwingJob():
            from ..pipelines.swinging import add_swinging

            return add_swinging(job.mesh, job.armature, job.skin, job.influences, job.seed, progress, job.device)
        case JudgeJob():
            return pipelines.judge_rig(job.mesh, job.armature, job.skin, progress, job.device)
        case SpheresJob():
            return pipelines.medial_spheres(job.mesh, progress)
        case CurvesJob():
            return pipelines.curve_skeleton(job.mesh, progress)
        case ImagesJob():
            return imaging.rig_images(job.pictures, job.options, progress)
        case BlendPicturesJob():
            from ..pipelines.surfaces import blend_images

            return blend_images(job.first, job.second, job.share, job.options, progress)
        case GenerateJob():
            return drawing.generate_shapes(job.category, job.seed, job.count, job.options, progress)
        case VaryJob():
            return drawing.vary_shape(
                job.of, job.strength, job.seed, job.count, job.category or None, job.options, progress
            )
        case BlendJob():
            return drawing.blend_shapes(job.first, job.second, job.share, job.options, progress)
        case CompleteJob():
            return drawing.complete_shape(job.mesh, job.options, progress)
        case EncodeJob():
            return drawing.encode_mesh(job.mesh, job.device)
        case DecodeJob():
            return drawing.decode_shape(job.latent, job.options, progress)
        case _:
            raise ProtocolError(f"A {type(job).__name__} is no job.")


def run_safely(job: Job[object], progress: Progress, runner: Runner = run) -> object:
    """The same, with every failure turned into an error that a user can read."""
    try:
        return runner(job, progress)
    except BonewrightError:
        raise
    except MemoryError as error:
        raise UnexpectedError("There is not enough memory for this mesh. Close other programs or reduce it.") from error
    except Exception as error:
        message = f"Bonewright made a mistake ({type(error).__name__}: {error}). Please report it with your mesh."
        raise UnexpectedError(message, traceback.format_exc()) from error


class LocalBackend:
    """The interface of the worker's client without a worker: `ask` returns when the job is done."""

    def __init__(self, runner: Runner = run) -> None:
        self._runner = runner

    def ask(self, job: Job[ResultT], watch: Callable[[Ticket[object]], None] = lambda ticket: None) -> Ticket[ResultT]:
        """Do `job`; `watch` is called at every step and may cancel."""
        ticket = Ticket(job)

        def report(fraction: float, message: str) -> None:
            ticket.step(fraction, message)
            watch(ticket)

        try:
            ticket.finish(run_safely(job, Progress(report, lambda: ticket.cancelled), self._runner))
        except BonewrightError as error:
            ticket.fail(error)
        return ticket

    def close(self) -> None:
        """Nothing to stop."""
