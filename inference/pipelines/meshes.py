"""The named ways through the house. Each takes plain nouns in the user's frame and gives plain nouns back in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..anatomy import (
    Armature,
    CurveSkeleton,
    Finding,
    MedialMesh,
    MedialSpheres,
    Mesh,
    Report,
    Rig,
    SkinWeights,
    Solid,
)
from ..errors import BadRequestError
from ..frames import Frame
from ..geometry.curves.trace import curve_skeleton as trace_curves
from ..geometry.medial.connect import medial_mesh as connect_spheres
from ..geometry.medial.spheres import medial_spheres as inscribe_spheres
from ..geometry.mesh.clean import clean_mesh
from ..geometry.solid.make import WANTED, make_solid
from ..networks.facing.apply import Recognition
from ..networks.running.devices import asks_networks, current_use, networks_on
from ..networks.skin.apply import learned_weights
from ..progress import SILENT, Progress
from ..requests import FRONTS, Device, RigOptions, SkinOptions
from ..rigging.bones.added import with_wanted_parts
from ..rigging.bones.asked import as_asked
from ..rigging.bones.guessed import without_guesses
from ..rigging.bones.hinges import with_natural_rolls, with_tips_in_line
from ..rigging.bones.keep import keep_bones
from ..rigging.judging.doubts import front_doubts
from ..rigging.judging.evidence import Impression
from ..rigging.judging.judge import judge
from ..rigging.judging.placed import PlacedRig
from ..rigging.judging.verdict import doubted, judged, shipped_judge
from ..rigging.plans.proposals import Proposal, StandingShape, best_armature
from ..rigging.skin.bind import skin_mesh as bind_mesh
from ..rigging.skin.locks import LockedWeights
from ..rigging.skin.proxy import MOST_VERTICES
from ..rigging.skin.twists import with_twist_bones, with_twist_weights
from ..rigging.standing.canonical import canonical_frame, shape_in
from ..rigging.standing.hint import AS_GIVEN, Way, best_way, way_to_front, ways_to_stand
from ..verdicts import Verdict
from .choice import Held, best_candidate
from .perceiving import at_a_glance
from .prepared import ready_mesh, to_cleaned, to_input
from .standing import evidence_of, hint_of, likely_front, look_at, weighed_ways
from .swinging import with_swinging

JOINED_SPHERES = 420  # of a medial mesh; more add edges and faces, not shape
ROUGH_CELLS = 10_000  # of a solid that only pictures have shown
QUICK_VERTICES = 6_000  # as many as the network that corrects weights looks at
DEFAULTS = RigOptions()
SKIN_DEFAULTS = SkinOptions()
ONE_BONE = Finding(
    "The shape is compact and nothing sticks out of it, so one bone moves it all. If it should bend, choose kind "
    "'creature', or split the bone in Adjust."
)
SAME_WAY = 0.999  # cosine between two fronts from which they are one
FACING_US = Way(np.eye(3), 1.0, np.array([0.0, -1.0, 0.0]))  # for what has no front


@asks_networks
def rig_mesh(
    mesh: Mesh,
    options: RigOptions = DEFAULTS,
    progress: Progress = SILENT,
    locked: tuple[str, ...] = (),
    kept: Armature | None = None,
    standing: Way | None = None,
) -> Rig:
    """Mesh -> named armature, skin weights and report. Bones `locked` stay as they are in `kept`, the others meet them.

    `standing` says how the shape stands, and where it looks, when that is known; it is found out otherwise.
    """
    _check(options.influences)
    progress.step(0.0, "Reading the mesh")
    cleaned, merged = clean_mesh(mesh)
    part = progress.part(0.05, 0.6)
    seen = look_at(cleaned, options.seed)
    if standing is None and options.front != "auto":
        standing = way_to_front(FRONTS[options.front], None if seen is None else hint_of(seen))
    if standing is None:
        draft = _standing_draft(cleaned, seen, options, part)
    else:
        draft = _draft(cleaned, standing, options, part)
    held = None if kept is None or not locked else Held(kept, draft.shape.frame.into(kept), locked)
    evidence = None if seen is None else evidence_of(seen)
    return _finished(draft, merged, options, held, evidence, progress.part(0.6, 1.0))


@asks_networks
def rig_standing(
    mesh: Mesh, options: RigOptions = DEFAULTS, progress: Progress = SILENT, way: Way = AS_GIVEN
) -> tuple[Rig, CurveSkeleton]:
    """The rig and the centre lines of a mesh that is known to stand on +Z, or as `way` says, and known but roughly."""
    _check(options.influences)
    progress.step(0.0, "Reading the mesh")
    cleaned, merged = clean_mesh(mesh)
    seen = look_at(cleaned, options.seed) if way.front is None else None
    draft = _draft(cleaned, way, options, progress.part(0.05, 0.6), rough=True, seen=seen)
    rig = _finished(draft, merged, options, None, None, progress.part(0.6, 1.0))
    return rig, draft.shape.frame.out(draft.curves)


def _finished(
    draft: Proposal,
    merged: np.ndarray,
    options: RigOptions,
    held: Held | None,
    evidence: Impression | None,
    progress: Progress,
) -> Rig:
    """The rig of what geometry found, or of what a network makes of it."""
    frame, shape, solid = draft.shape.frame, draft.shape.mesh, draft.shape.solid
    progress.step(0.0, "Choosing where the joints go")
    asked = replace(options, method="geometric") if draft.lone and options.method == "auto" else options
    chosen = best_candidate(draft.shape, draft.armature, asked, held)
    stays = () if held is None else held.names
    found = with_wanted_parts(chosen.armature, options, shape, stays)
    armature = as_asked(with_natural_rolls(with_tips_in_line(found)), options, stays)
    whole = frame.out(armature)
    if whole.symmetry is not None:
        whole = replace(whole, symmetry=frame.plane)
    if held is not None:
        whole = keep_bones(whole, held.given, held.names)
        armature = frame.into(whole)
    skin = None
    if options.bind:
        skin = bind_mesh(
            shape,
            solid,
            armature,
            influences=options.influences,
            correct=learned_weights(options.weights),
            progress=progress.part(0.12, 0.75),
        )
    if options.twist:
        skin = None if skin is None else with_twist_weights(armature, skin, shape.vertices)
        whole, armature = with_twist_bones(whole), with_twist_bones(armature)
    progress.step(0.75, "Judging the rig")
    placed = PlacedRig(shape, solid, armature, _held_up(evidence, frame, shape, options.seed))
    doubts = front_doubts(placed, known=draft.shape.front_known, chance=draft.shape.front_chance)
    report = judged(judge(shape, solid, armature, skin, seed=options.seed), placed, told=options.kind != "auto")
    report = doubted(report, "front") if doubts else report
    report = replace(report, method=chosen.method, warnings=(*chosen.told, *doubts, *report.warnings))
    report = current_use().noted(report)
    if draft.lone and len(armature.names) == 1:
        report = _as_one(report)
    progress.step(1.0, "Done")
    full = None if skin is None else to_input(skin, merged)
    whole = replace(whole, confidence=whole.confidence * report.certainty)  # no bone is surer than its rig
    rig = Rig(whole, full, _for_input(report, merged), frame.pose)
    if not options.swing:
        return rig
    return with_swinging(rig, draft.shape, armature, skin, merged, options)


def _as_one(report: Report) -> Report:
    """The report on one bone that moves all of a shape: no part of it is forgotten, however far away."""
    told = (ONE_BONE, *report.warnings) if report.valid else report.warnings
    verdict: Verdict = "good" if report.valid else report.verdict
    return replace(report, warnings=told, verdict=verdict, certainty=float(report.valid))


def _standing_draft(cleaned: Mesh, seen: Recognition | None, options: RigOptions, progress: Progress) -> Proposal:
    """What the geometry finds in the shape, stood up as the network says or, where it doubts, the geometry itself."""
    seen = None if options.method == "geometric" else seen
    hint = None if seen is None else hint_of(seen)
    ways = weighed_ways(cleaned, ways_to_stand(hint), options.seed)
    drafts = [
        _draft(cleaned, way, options, progress.part(number / len(ways), (number + 1) / len(ways)), seen=seen)
        for number, way in enumerate(ways)
    ]
    best = drafts[best_way(hint, ways, [draft.body for draft in drafts])]
    return _draft(cleaned, FACING_US, options, progress) if best.lone else best


def _draft(
    cleaned: Mesh,
    way: Way,
    options: RigOptions,
    progress: Progress,
    *,
    rough: bool = False,
    seen: Recognition | None = None,
) -> Proposal:
    progress.step(0.0, "Looking for the mirror plane")
    mirror, front, chance = options.symmetry == "auto", way.front, None
    frame = canonical_frame(cleaned, mirror=mirror, seed=options.seed, turn=way.turn, front=front)
    if seen is not None and front is None and np.array_equal(way.turn, AS_GIVEN.turn):
        likely = likely_front(cleaned, frame, seen, options.seed, pictured=rough)
        if likely is not None:
            front, chance = likely
            if front @ frame.pose.forward < SAME_WAY:
                frame = canonical_frame(cleaned, mirror=mirror, seed=options.seed, front=front)
    shape = shape_in(frame, cleaned)
    cells = ROUGH_CELLS if rough else WANTED
    solid = make_solid(shape, symmetric=frame.symmetric, wanted=cells, progress=progress.part(0.1, 0.55))
    standing = StandingShape(frame, shape, solid, rough, front is not None, chance)
    return best_armature(standing, options, progress.part(0.55, 1.0))


@asks_networks
def skin_mesh(
    mesh: Mesh,
    armature: Armature,
    options: SkinOptions = SKIN_DEFAULTS,
    locked: tuple[str, ...] = (),
    kept: SkinWeights | None = None,
    progress: Progress = SILENT,
) -> SkinWeights:
    """Skin weights for an armature that exists; `locked` bones keep the weights they have in `kept`."""
    _check(options.influences)
    ready = ready_mesh(mesh, progress.part(0.05, 0.4))
    lock = None
    if locked and kept is not None:
        held = np.array([name in locked for name in armature.names])
        count = len(ready.shape.vertices)
        lock = LockedWeights(held, np.zeros(count, bool), to_cleaned(kept, ready.merged, count))
    skin = bind_mesh(
        ready.shape,
        ready.solid,
        without_guesses(ready.frame.into(armature), ready.solid),
        influences=options.influences,
        locked=lock,
        correct=learned_weights(options.weights),
        ground=ready.ground(QUICK_VERTICES if options.quick else MOST_VERTICES),
        progress=progress.part(0.4, 1.0),
    )
    return to_input(skin, ready.merged)


def judge_rig(
    mesh: Mesh,
    armature: Armature,
    skin: SkinWeights | None,
    progress: Progress = SILENT,
    device: Device = "auto",
) -> Report:
    """A fresh report on a rig that may have been changed by hand."""
    cleaned, merged = clean_mesh(mesh)
    frame, shape, solid = _plain_solid(cleaned, progress.part(0.0, 0.6))
    kept = None if skin is None else to_cleaned(skin, merged, len(cleaned.vertices))
    with networks_on(device) as use:
        seen, placed = look_at(cleaned, 0), frame.into(armature)
        evidence = _held_up(None if seen is None else evidence_of(seen), frame, shape, 0)
        report = judged(judge(shape, solid, placed, kept), PlacedRig(shape, solid, placed, evidence))
        return use.noted(_for_input(report, merged))


def _held_up(evidence: Impression | None, frame: Frame, shape: Mesh, seed: int) -> Impression | None:
    """What networks say of a shape, in the frame that it was put in."""
    if evidence is None:
        return None
    turned = evidence.turned(frame.axes)
    return replace(turned, seen=at_a_glance(shape, seed)) if shipped_judge().listens else turned


def medial_spheres(mesh: Mesh, progress: Progress = SILENT) -> MedialSpheres:
    """Mesh -> inscribed spheres that cover it."""
    frame, shape, solid = _plain_solid(clean_mesh(mesh)[0], progress.part(0.0, 0.6))
    return frame.out(inscribe_spheres(solid, shape, progress=progress.part(0.6, 1.0)))


def medial_mesh(mesh: Mesh, progress: Progress = SILENT) -> MedialMesh:
    """Mesh -> spheres joined by cones and slabs."""
    frame, shape, solid = _plain_solid(clean_mesh(mesh)[0], progress.part(0.0, 0.5))
    spheres = inscribe_spheres(solid, shape, most=JOINED_SPHERES, progress=progress.part(0.5, 0.7))
    joined = connect_spheres(solid, spheres, progress=progress.part(0.7, 1.0))
    return frame.out(joined)


def curve_skeleton(mesh: Mesh, progress: Progress = SILENT) -> CurveSkeleton:
    """Mesh -> centre lines."""
    frame, _, solid = _plain_solid(clean_mesh(mesh)[0], progress.part(0.0, 0.6))
    return frame.out(trace_curves(solid, progress=progress.part(0.6, 1.0)))


def _plain_solid(cleaned: Mesh, progress: Progress) -> tuple[Frame, Mesh, Solid]:
    """The solid of a cleaned mesh in the mesh's own directions; mirror-exact where the shape is."""
    frame = canonical_frame(cleaned)
    shape = shape_in(frame, cleaned)
    return frame, shape, make_solid(shape, symmetric=frame.symmetric, progress=progress)


def _check(influences: int) -> None:
    if not 1 <= influences <= 16:
        raise BadRequestError(f"Influences is {influences}. Choose a number from 1 to 16.")


def _for_input(report: Report, merged: np.ndarray) -> Report:
    """The report with the vertices of its warnings numbered as in the input."""
    warnings = tuple(
        replace(w, vertices=np.flatnonzero(np.isin(merged, w.vertices)).astype(np.int32)) if len(w.vertices) else w
        for w in report.warnings
    )
    return replace(report, warnings=warnings)
