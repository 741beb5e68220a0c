"""Which armature a shape gets: the geometry's own, or what a network makes of it. Judged without knowing the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..anatomy import Armature, Finding, Report
from ..geometry.mesh.surface import bounds, shuffled_samples
from ..kinds import KINDS
from ..networks.cortex.apply import free_armature
from ..networks.joints.apply import named_armature
from ..networks.joints.inputs import Surface
from ..networks.running.onnx_runtime import why_no_runtime
from ..networks.shelf import cortex_network, joints_network
from ..progress import SILENT
from ..requests import RigOptions
from ..rigging.bodies.interior import Interior
from ..rigging.bodies.perceived import Perceived
from ..rigging.bones.moved import mirrored_pairs, tips_drawn_in
from ..rigging.judging.judge import judge
from ..rigging.plans.proposals import StandingShape, best_armature
from ..rigging.votes.agreed import agreed_armature
from .perceiving import perceived_shape, surely_kind, voted_shape

SAMPLES = 4096  # surface points that networks see
WORSE = 0.04  # how much lower the judge may rank a learned armature before the geometry's is used instead ...
SURELY_WORSE = 0.2  # ... and how much lower one that the network is certain of: riggers do not centre every joint
FREE_KINDS = tuple(kind for kind, facts in KINDS.items() if facts.family in ("creature", "thing"))
LEAST_INSIDE = 0.6  # share of the bones' length in the shape below which joints that were asked for are not used
SAME = 1e-5  # of the unit frame: ends this close mirror each other
SURELY_FREE = 0.9  # certainty from which such a shape gets Cortex's joints
# Certainty of the joints network below which the surface's own votes have a say. It is sure of shapes like those it has
# learned from, which it serves best; anything from 0.65 to 0.8 does as well.
HARDLY_NAMED = 0.75


@dataclass(frozen=True)
class Held:
    """Bones that a rigger has put right: they are given to the network and stay."""

    given: Armature  # as it was handed over, in the mesh's frame
    armature: Armature  # the same in the canonical frame
    names: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """One armature and what speaks for it."""

    armature: Armature
    method: str  # geometric, named, agreed, voted or free
    certainty: float  # the network's own, 0..1; the mean confidence of the bones for the geometry's
    report: Report  # without skin weights
    told: tuple[Finding, ...] = ()  # why it is not what was asked for


def best_candidate(
    shape: StandingShape, geometric: Armature, options: RigOptions, held: Held | None = None
) -> Candidate:
    """The armature to use, by the judge and the networks' certainty; `options.method` can force one."""
    plain = _judged(shape, geometric, "geometric", float(geometric.confidence.mean()), options)
    if options.method == "geometric":
        return plain
    reason = why_no_runtime()
    if reason is not None:
        return replace(plain, told=(Finding(reason),))
    if options.method == "free":
        free = free_candidate(shape, geometric, options)
        return plain if free is None else _kept_inside(free, plain)
    if options.method == "voted":
        seen = perceived_shape(shape, options.density, options.seed)
        voted = None if seen is None else voted_candidate(shape, seen, options)
        return plain if voted is None else _kept_inside(voted, plain)
    named = named_candidate(shape, geometric, options, held)
    if options.method == "named":
        return named or plain
    if named is not None and _is_better(named, plain):
        plain = named
    doubted = plain.method == "geometric" or plain.certainty < HARDLY_NAMED or options.method == "agreed"
    if held is None and not shape.rough and doubted:
        agreed = agreed_candidate(shape, plain, options)
        if agreed is not None and _is_wanted(agreed, options) and _kept_inside(agreed, plain) is agreed:
            return agreed
    if held is None and geometric.kind in FREE_KINDS:
        free = free_candidate(shape, geometric, options)
        if free is not None and free.certainty >= SURELY_FREE and _is_better(free, plain):
            return free
    return plain


def named_candidate(
    shape: StandingShape, geometric: Armature, options: RigOptions, held: Held | None = None
) -> Candidate | None:
    """The geometry's bones where riggers put them; None without the network's weights."""
    members = joints_network()
    if not members:
        return None
    start, locked = _with_held(geometric, held)
    middle = _middle(shape)
    moved = replace(start, heads=start.heads - middle, tails=start.tails - middle)
    surface = surface_of(shape, options.seed, middle)
    even = shape.frame.symmetric and geometric.symmetry is not None and _is_even(start, locked)
    made = named_armature(
        moved,
        surface,
        members,
        locked,
        even=even,
        may_add=options.density != "few",
    )
    kept = () if held is None else held.names
    return _judged(shape, _in_shape(shape, made.armature, middle, kept), "named", made.certainty, options)


def voted_candidate(shape: StandingShape, seen: Perceived, options: RigOptions) -> Candidate | None:
    """The joints that the points of the surface vote for; None where they make none."""
    made = voted_shape(shape, seen)
    return None if made is None else _judged(shape, made, "voted", float(made.confidence.mean()), options)


def agreed_candidate(shape: StandingShape, plain: Candidate, options: RigOptions) -> Candidate | None:
    """What the bones that there are and the surface's votes come to together; None where there are no votes.

    Where the surface says that the shape is of another kind than its limbs do, the bones are made anew for that kind.
    """
    seen = perceived_shape(shape, options.density, options.seed)
    voted = None if seen is None else voted_shape(shape, seen)
    if seen is None or voted is None:
        return None
    kind = surely_kind(seen)
    if options.kind == "auto" and kind not in ("", plain.armature.kind):
        plain = _of_kind(shape, kind, options)
    low, high = bounds(shape.mesh)
    made = agreed_armature(plain.armature, voted, float((high - low).max()))
    return _judged(shape, made, "voted" if made is voted else "agreed", float(made.confidence.mean()), options)


def _of_kind(shape: StandingShape, kind: str, options: RigOptions) -> Candidate:
    """What geometry and the joints network make of a shape that is said to be of a kind."""
    told = replace(options, kind=kind)
    made = best_armature(shape, told, SILENT).armature
    plain = _judged(shape, made, "geometric", float(made.confidence.mean()), told)
    named = named_candidate(shape, made, told)
    return named if named is not None and _is_better(named, plain) else plain


def _is_wanted(voted: Candidate, options: RigOptions) -> bool:
    """A kind that the user has chosen is not overruled by what the network takes the shape for."""
    return options.kind in ("auto", voted.armature.kind)


def free_candidate(shape: StandingShape, geometric: Armature, options: RigOptions) -> Candidate | None:
    """Joints and bones as Cortex sees them; None without the network's weights."""
    network = cortex_network()
    if network is None:
        return None
    middle = _middle(shape)
    moved = replace(geometric, heads=geometric.heads - middle, tails=geometric.tails - middle)
    surface = surface_of(shape, options.seed, middle)
    made, certainty = free_armature(surface, network, moved, even=shape.frame.symmetric)
    return _judged(shape, _in_shape(shape, made, middle), "free", certainty, options)


def _in_shape(shape: StandingShape, armature: Armature, middle: np.ndarray, kept: tuple[str, ...] = ()) -> Armature:
    """Moved back to where the shape is, tips drawn into it except the `kept`, and how thick it is around each end."""
    heads, interior = armature.heads + middle, Interior(shape.solid)
    tails = tips_drawn_in(replace(armature, heads=heads, tails=armature.tails + middle), interior, kept)
    radii = np.stack([interior.depth(heads), interior.depth(tails)], 1)
    return replace(armature, heads=heads, tails=tails, radii=radii)


def surface_of(shape: StandingShape, seed: int, middle: np.ndarray) -> Surface:
    """What networks see of a shape: points in random order around the middle of its box."""
    points, normals = shuffled_samples(shape.mesh, SAMPLES, seed)
    return Surface((points - middle).astype(np.float32), normals.astype(np.float32))


def _middle(shape: StandingShape) -> np.ndarray:
    """The middle of the box; of a symmetric shape in its mirror plane."""
    low, high = bounds(shape.mesh)
    middle = (low + high) / 2
    if shape.frame.symmetric:
        middle[0] = 0.0
    return middle


def _with_held(geometric: Armature, held: Held | None) -> tuple[Armature, np.ndarray]:
    """The geometry's armature with the held bones where they were put, and which those are, (B,) bool."""
    locked = np.zeros(len(geometric.names), bool)
    if held is None:
        return geometric, locked
    heads, tails = geometric.heads.copy(), geometric.tails.copy()
    place = {name: bone for bone, name in enumerate(held.armature.names)}
    for bone, name in enumerate(geometric.names):
        if name in held.names and name in place:
            locked[bone] = True
            heads[bone], tails[bone] = held.armature.heads[place[name]], held.armature.tails[place[name]]
    return replace(geometric, heads=heads, tails=tails), locked


def _is_even(armature: Armature, locked: np.ndarray) -> bool:
    """The locked bones leave the other side free to be the mirror image: each stands opposite a locked one."""
    pairs, flip = mirrored_pairs(armature.names), np.array([-1.0, 1.0, 1.0])
    return bool(locked[pairs[locked]].all()) and all(
        np.allclose(ends[pairs[locked]] * flip, ends[locked], atol=SAME) for ends in (armature.heads, armature.tails)
    )


def _judged(shape: StandingShape, armature: Armature, method: str, certainty: float, options: RigOptions) -> Candidate:
    report = judge(shape.mesh, shape.solid, armature, None, seed=options.seed)
    return Candidate(armature, method, certainty, report)


def _kept_inside(learned: Candidate, geometric: Candidate) -> Candidate:
    """The learned armature that was asked for; where it left the shape the geometry's, with a word about it."""
    if learned.report.valid and learned.report.inside >= LEAST_INSIDE:
        return learned
    told = Finding(
        f"Method '{learned.method}' put {1 - learned.report.inside:.0%} of its bones outside this shape, so the "
        "geometry's bones are used. Choose method 'auto' or 'named', or say what kind it is."
    )
    return replace(geometric, told=(told,))


def _is_better(learned: Candidate, geometric: Candidate) -> bool:
    """A network knows what riggers do, which the judge cannot see; it is overruled where it leaves the shape."""
    allowed = WORSE + (SURELY_WORSE - WORSE) * learned.certainty
    return learned.report.valid and learned.report.score >= geometric.report.score - allowed
