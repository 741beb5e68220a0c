"""Other ways to rig a mesh, for the user to choose from: another kind, another front, another method."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..anatomy import Armature, Attempt, CurveSkeleton, Mesh, Tried
from ..errors import BonewrightError
from ..geometry.curves.trace import curve_skeleton
from ..geometry.mesh.clean import clean_mesh
from ..geometry.solid.make import make_solid
from ..images.portraits import drawn_from_front, with_bones
from ..kinds import Choice, choices
from ..networks.running.devices import asks_networks
from ..progress import SILENT, Progress
from ..requests import FRONTS, Front, Method, RigOptions
from ..rigging.judging.evidence import Impression
from ..rigging.judging.placed import PlacedRig
from ..rigging.judging.verdict import judged
from ..rigging.plans.proposals import QUARTER_TURN, StandingShape, best_armature
from ..rigging.standing.canonical import canonical_frame, shape_in
from ..rigging.standing.hint import way_to_front, ways_to_stand
from .choice import Candidate, best_candidate
from .standing import evidence_of, hint_of, look_at

SHOWN = 3
DEFAULTS = RigOptions()
LIKELY = 0.08  # chance from which another front than the opposite one is tried


@dataclass(frozen=True)
class Idea:
    """Something else to try."""

    quarters: int  # turns of the front
    kind: Choice
    method: Method


@asks_networks
def try_ways(mesh: Mesh, options: RigOptions = DEFAULTS, progress: Progress = SILENT) -> Tried:
    """Up to three rigs without weights that differ from what `options` give, the likeliest first, with pictures.

    The solid and its centre lines are made once; a shape that looks another way is the same solid turned.
    """
    cleaned, _ = clean_mesh(mesh)
    seen = look_at(cleaned, options.seed)
    hint = None if seen is None else hint_of(seen)
    way = ways_to_stand(hint)[0] if options.front == "auto" else way_to_front(FRONTS[options.front], hint)
    frame = canonical_frame(
        cleaned, mirror=options.symmetry == "auto", seed=options.seed, turn=way.turn, front=way.front
    )
    shape = shape_in(frame, cleaned)
    progress.step(0.05, "Filling the shape")
    solid = make_solid(shape, symmetric=frame.symmetric, progress=progress.part(0.05, 0.3))
    standing = StandingShape(frame, shape, solid, front_known=True)
    evidence = None if seen is None else evidence_of(seen)
    curves = curve_skeleton(solid)
    first = _made(standing, curves, options).armature
    view, picture = drawn_from_front(cleaned, frame.pose)
    ideas = _ideas(standing, first, evidence, options)
    found = []
    for number, idea in enumerate(ideas):
        progress.step(0.35 + 0.65 * number / len(ideas), "Trying another way")
        turned = standing.turned(idea.quarters)
        asked = replace(options, kind=idea.kind, method=idea.method, bind=False)
        try:
            made = _made(turned, _turned(curves, idea.quarters), asked)
        except BonewrightError:
            continue
        against = None if evidence is None else evidence.turned(turned.frame.axes)
        report = judged(made.report, PlacedRig(turned.mesh, turned.solid, made.armature, against))
        front = _front_named(turned.frame.pose.forward)
        drawn = with_bones(picture, view, turned.frame.out(made.armature))
        found.append(Attempt(idea.kind, front, idea.method, report, drawn))
    found.sort(key=lambda attempt: -attempt.report.certainty)
    return Tried(tuple(found[:SHOWN]))


def _made(shape: StandingShape, curves: CurveSkeleton, options: RigOptions) -> Candidate:
    """The best rig of a shape that faces where it is told to, in its frame."""
    draft = best_armature(shape, options, curves=curves)
    return best_candidate(draft.shape, draft.armature, options)


def _ideas(shape: StandingShape, first: Armature, evidence: Impression | None, options: RigOptions) -> list[Idea]:
    """What differs from the first in one point each."""
    against = None if evidence is None else evidence.turned(shape.frame.axes)
    kinds: list[Choice] = [kind for kind in choices() if kind not in ("auto", first.kind, options.kind)]
    if against is not None:
        chances = {str(kind): chance for kind, chance in against.kinds.items()}
        kinds.sort(key=lambda kind: -chances.get(kind, 0.0))
    ideas = [Idea(2, options.kind, options.method)]
    ideas += [Idea(0, kind, options.method) for kind in kinds[:2]]
    if options.method != "geometric":
        ideas.append(Idea(0, options.kind, "geometric"))
    if against is not None:
        up = np.array([0.0, 0.0, 1.0])
        aside = {quarters: against.front_chance(up, _forward(quarters)) for quarters in (1, 3)}
        likelier = max(aside, key=lambda quarters: aside[quarters])
        if aside[likelier] >= LIKELY:
            ideas.append(Idea(likelier, options.kind, options.method))
    return ideas


def _forward(quarters: int) -> np.ndarray:
    """Where a shape looks that is turned so many quarters, in the frame before the turn."""
    return np.linalg.matrix_power(QUARTER_TURN, quarters).T @ np.array([0.0, -1.0, 0.0])


def _turned(curves: CurveSkeleton, quarters: int) -> CurveSkeleton:
    return replace(curves, points=curves.points @ np.linalg.matrix_power(QUARTER_TURN, quarters).T)


def _front_named(forward: np.ndarray) -> Front:
    """The one of the six directions that is nearest."""
    return max(FRONTS, key=lambda front: float(np.dot(FRONTS[front], forward)))
