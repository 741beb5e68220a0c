"""Which armature fits: several are tried where the kind is in doubt, and the judge decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..anatomy import Armature, CurveSkeleton, Mesh, Solid
from ..engine.jobs import RigOptions
from ..geometry.curves import curve_skeleton
from ..geometry.graph import bridged_graph
from ..progress import SILENT, Progress
from .articulate import articulate, head_end, look
from .attachments import add_attachments
from .biped import biped_armature, biped_certainty, finish_biped
from .flesh import Flesh
from .frame import Frame
from .judge import judge
from .landmarks import find_landmarks

SURELY_BIPED = 0.75  # certainty from which nothing else is tried
HARDLY_BIPED = 0.2  # certainty below which a humanoid is not tried
TAIL_FIRST = 0.3  # certainty of the head's end below which the shape is turned round


def best_armature(
    frame: Frame, mesh: Mesh, solid: Solid, options: RigOptions, progress: Progress = SILENT
) -> tuple[Frame, Mesh, Solid, Armature]:
    """The armature that fits best, with the frame, mesh and solid it stands in (they may have been turned round)."""
    progress.step(0.0, "Tracing centre lines")
    curves = curve_skeleton(solid, progress=progress.part(0.0, 0.4))
    biped, certainty = None, 0.0
    if options.kind in ("auto", "humanoid"):
        progress.step(0.4, "Looking for hands, feet and head")
        biped, certainty = _as_biped(mesh, solid, curves, options, frame.symmetric)
        if biped is not None and (certainty > SURELY_BIPED or options.kind == "humanoid"):
            return frame, mesh, solid, biped
    progress.step(0.8, "Placing joints")
    turned = _head_first(frame, mesh, solid, curves)
    other_frame, other_mesh, other_solid, curves = turned
    kind = "creature" if options.kind == "humanoid" else options.kind
    other = articulate(other_solid, curves, kind=kind, density=options.density, symmetric=frame.symmetric)
    if biped is not None:
        as_biped = certainty * judge(mesh, solid, biped, None, seed=options.seed).score
        as_other = (1 - certainty) * judge(other_mesh, other_solid, other, None, seed=options.seed).score
        if as_biped >= as_other:
            return frame, mesh, solid, biped
    return other_frame, other_mesh, other_solid, other


def _as_biped(
    mesh: Mesh, solid: Solid, curves: CurveSkeleton, options: RigOptions, symmetric: bool
) -> tuple[Armature | None, float]:
    """The humanoid armature of a shape and how sure it is that the shape is one."""
    marks = find_landmarks(solid, bridged_graph(solid), symmetric)
    certainty = biped_certainty(solid, marks)
    forced = options.kind == "humanoid"
    if not forced and (certainty < HARDLY_BIPED or all(arm is None for arm in marks.arms)):
        return None, certainty
    draft = biped_armature(mesh, solid, Flesh(solid), marks, options.density, symmetric)
    add_attachments(draft, look(solid, curves, symmetric=symmetric, density=options.density), options.density)
    return finish_biped(draft), certainty


def _head_first(
    frame: Frame, mesh: Mesh, solid: Solid, curves: CurveSkeleton
) -> tuple[Frame, Mesh, Solid, CurveSkeleton]:
    """Everything turned round when the limbs say that the head is at the back."""
    ahead = head_end(solid, curves, symmetric=frame.symmetric)
    if ahead >= TAIL_FIRST:
        return frame, mesh, solid, curves
    turn = np.array([-1.0, -1.0, 1.0])
    return (
        frame.turned_round(),
        replace(mesh, vertices=mesh.vertices * turn),
        turned_solid(solid),
        replace(curves, points=curves.points * turn),
    )


def turned_solid(solid: Solid) -> Solid:
    """The solid turned half round the z axis through the origin."""
    far = solid.cells[:, :2].max(0)
    cells = solid.cells.copy()
    cells[:, :2] = far - cells[:, :2]
    origin = solid.origin.copy()
    origin[:2] = -(solid.origin[:2] + solid.spacing * far)
    order = np.lexsort((cells[:, 2], cells[:, 1], cells[:, 0]))
    place = np.empty(len(cells), np.int32)
    place[order] = np.arange(len(cells), dtype=np.int32)
    links = np.sort(place[solid.links], axis=1)
    links = links[np.lexsort((links[:, 1], links[:, 0]))]
    return Solid(
        origin, solid.spacing, cells[order], solid.depth[order], solid.thin[order], links, solid.component[order]
    )
