"""Which armature fits: several are tried where the kind is in doubt, and the judge decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Armature, CurveSkeleton, Mesh, Solid
from ...geometry.curves.trace import curve_skeleton
from ...geometry.solid.graph import bridged_graph
from ...geometry.solid.turned import turned_solid
from ...progress import SILENT, Progress
from ...requests import RigOptions
from ..bodies.classify import head_end
from ..bodies.landmarks import find_landmarks
from ..bodies.traits import Traits
from ..judging.judge import judge
from ..standing.canonical import StandingFrame
from .articulate import body_traits, has_nothing_to_bend, may_be_a_thing, rig
from .attachments import add_attachments
from .biped import biped_armature, biped_certainty
from .finish import finished

SURELY_BIPED = 0.75  # certainty from which nothing else is tried
HARDLY_BIPED = 0.2  # certainty below which a humanoid is not tried
ON_FOUR_LEGS = 0.6  # how sure it is that what looks like a quadruped stands the right way up
TAIL_FIRST = 0.3  # certainty of the head's end below which the shape is turned round


@dataclass(frozen=True)
class StandingShape:
    """A mesh and its solid in a canonical frame."""

    frame: StandingFrame
    mesh: Mesh
    solid: Solid
    rough: bool = False  # only pictures have shown it: nobody looks for fingers
    front_known: bool = False  # it is not turned round, wherever its head seems to be
    front_chance: float | None = None  # of looking to the front of `frame`; None where nobody has weighed that

    def turned_round(self) -> StandingShape:
        """The same shape, taken to face the other way."""
        return self.turned(2)

    def turned(self, quarters: int) -> StandingShape:
        """The same shape, taken to face what is so many quarter turns from where it was taken to."""
        turn = np.linalg.matrix_power(QUARTER_TURN, quarters)
        mesh = replace(self.mesh, vertices=self.mesh.vertices @ turn.T)
        return replace(self, frame=self.frame.turned(turn), mesh=mesh, solid=turned_solid(self.solid, quarters))


HALF_TURN = np.array([-1.0, -1.0, 1.0])
QUARTER_TURN = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class Proposal:
    """An armature that geometry alone found."""

    shape: StandingShape  # what it fits; may have been turned round
    armature: Armature
    body: float  # how sure it is that limbs of a known body were found, 0..1
    curves: CurveSkeleton  # the shape's centre lines
    lone: bool = False  # there is nothing to bend: one bone moves it all


def best_armature(
    shape: StandingShape, options: RigOptions, progress: Progress = SILENT, curves: CurveSkeleton | None = None
) -> Proposal:
    """The armature that fits best. Centre lines that are known already are not traced again."""
    progress.step(0.0, "Tracing centre lines")
    curves = curves or curve_skeleton(shape.solid, progress=progress.part(0.0, 0.4))
    progress.step(0.4, "Telling the limbs apart")
    traits = body_traits(shape.solid, curves, symmetric=shape.frame.symmetric, density=options.density)
    biped, certainty = None, 0.0
    if options.kind in ("auto", "biped"):
        progress.step(0.5, "Looking for hands, feet and head")
        biped, certainty = _as_biped(shape, traits, options)
        if biped is not None and (certainty > SURELY_BIPED or options.kind == "biped"):
            return Proposal(shape, biped, certainty, curves)
    progress.step(0.8, "Placing joints")
    other_shape, other_curves, traits = _head_first(shape, curves, traits, options)
    kind = "creature" if options.kind == "biped" else options.kind
    other = rig(traits, kind, options.density)
    if biped is not None:
        as_biped = certainty * _score(shape, biped, options)
        if as_biped >= (1 - certainty) * _score(other_shape, other, options):
            return Proposal(shape, biped, certainty, curves)
    body = ON_FOUR_LEGS if other.kind == "quadruped" else certainty
    lone = may_be_a_thing(kind) and has_nothing_to_bend(traits, options.density)
    return Proposal(other_shape, other, body, other_curves, lone)


def _score(shape: StandingShape, armature: Armature, options: RigOptions) -> float:
    return judge(shape.mesh, shape.solid, armature, None, seed=options.seed).score


def _as_biped(shape: StandingShape, traits: Traits, options: RigOptions) -> tuple[Armature | None, float]:
    """The humanoid armature of a shape and how sure it is that the shape is one."""
    symmetric = shape.frame.symmetric
    marks = find_landmarks(shape.solid, bridged_graph(shape.solid), symmetric=symmetric)
    certainty = biped_certainty(shape.solid, marks)
    if options.kind != "biped" and certainty < HARDLY_BIPED:
        return None, certainty
    hands = shape.mesh if not shape.rough else None
    draft = biped_armature(hands, shape.solid, traits.interior, marks, options.density, symmetric=symmetric)
    add_attachments(draft, traits, options.density)
    return finished(draft, "biped"), certainty


def _head_first(
    shape: StandingShape, curves: CurveSkeleton, traits: Traits, options: RigOptions
) -> tuple[StandingShape, CurveSkeleton, Traits]:
    """Turned round when the limbs say that the head is at the back."""
    if shape.front_known or head_end(traits) >= TAIL_FIRST:
        return shape, curves, traits
    turned = shape.turned_round()
    curves = replace(curves, points=curves.points * HALF_TURN)
    return turned, curves, body_traits(turned.solid, curves, symmetric=shape.frame.symmetric, density=options.density)
