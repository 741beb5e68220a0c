"""One asset as a handful of rigs, right and wrong, each measured as the judge measures it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from inference.anatomy import Armature
from inference.errors import BonewrightError
from inference.geometry.mesh.clean import clean_mesh
from inference.geometry.mesh.surface import unit_frame
from inference.geometry.solid.make import make_solid
from inference.kinds import Choice
from inference.pipelines.choice import best_candidate
from inference.pipelines.perceiving import at_a_glance
from inference.pipelines.standing import evidence_of, look_at
from inference.requests import RigOptions
from inference.rigging.bodies.perceived import Perceived
from inference.rigging.judging.evidence import Impression
from inference.rigging.judging.placed import PlacedRig
from inference.rigging.judging.verdict import features_of
from inference.rigging.plans.proposals import QUARTER_TURN, StandingShape, best_armature
from inference.rigging.standing.canonical import canonical_frame, shape_in
from training.datasets.labels import Known
from training.datasets.rigged_glb import Listing, read_rigged
from training.metrics.rig import Skeleton, j2j, skeleton_of

from .faults import FAULTS, joints_of_another
from .names import named_rig

FRONT = np.array([0.0, -1.0, 0.0])  # where everything in the library looks that has a front
CLOSE = 5.0  # J2J up to which a rig of our own counts as right; farther ones teach nothing
KINDS: tuple[Choice, ...] = ("biped", "quadruped", "creature", "object")
HANDS = 3  # how often fingers are put wrong
OF_OWN = 0.6  # chance that a fault is made of our own rig too
Maker = Literal["artist", "own"]
WRONG_FRONT = "wrong front"


@dataclass(frozen=True)
class Task:
    """One asset, and others whose joints it gets."""

    listing: Listing
    known: Known
    others: tuple[tuple[Listing, Known], ...] = ()


@dataclass(frozen=True)
class Example:
    """One rig of it."""

    maker: Maker
    fault: str  # nothing where the rig is right
    values: dict[str, float]


def examples(task: Task) -> list[Example]:
    """Every rig in turn; runs in a process of its own."""
    asset = read_rigged(task.listing)
    cleaned, _ = clean_mesh(asset.mesh)
    seen = look_at(cleaned, 0)
    frame = canonical_frame(cleaned, front=FRONT)
    mesh = shape_in(frame, cleaned)
    shape = StandingShape(frame, mesh, make_solid(mesh, symmetric=frame.symmetric), front_known=True)
    evidence = None if seen is None else evidence_of(seen).turned(frame.axes)
    evidence = None if evidence is None else replace(evidence, seen=at_a_glance(mesh))
    artists = frame.into(named_rig(asset, task.known))
    rng = np.random.default_rng(zlib.crc32(asset.name.encode()))
    made: list[tuple[Maker, str, Armature]] = []
    misled: Impression | None = None  # what is seen of a shape that is taken to look another way
    made.extend(("artist", fault, rig) for fault, rig in _faulty(artists, rng, 1.0))
    own = _rigged(shape, RigOptions(bind=False))
    if own is not None:
        unit = unit_frame(asset.mesh)
        truth = Skeleton(unit.points_in(asset.joints), asset.parents)

        def is_close(rig: Armature) -> bool:
            return j2j(skeleton_of(frame.out(rig), unit), truth) <= CLOSE

        if is_close(own):
            made.extend(("own", fault, rig) for fault, rig in _faulty(own, rng, OF_OWN))
        # joints of another kind that lie where the artist's are can be kept: they are neither right nor wrong
        made.extend(("own", fault, rig) for fault, rig in _forced(shape, own, rng) if not is_close(rig))
        if task.known.front:
            turned = shape.turned(quarters := int(rng.choice([1, 2, 2, 3])))
            wrong = _rigged(turned, RigOptions(bind=False))
            made.extend([] if wrong is None else [("own", WRONG_FRONT, shape.frame.into(turned.frame.out(wrong)))])
            misled = _turned_back(evidence, at_a_glance(turned.mesh), quarters)
    for other, known in task.others:
        found = read_rigged(other)
        placed = canonical_frame(clean_mesh(found.mesh)[0], front=FRONT).into(named_rig(found, known))
        made.append(("artist", "joints of another", joints_of_another(artists, placed)))
    if not task.known.front:  # nobody can say that its sides are wrong
        made = [item for item in made if item[1] not in ("swapped sides", "turned")]
    return [
        Example(
            maker,
            fault,
            features_of(PlacedRig(mesh, shape.solid, rig, misled if fault == WRONG_FRONT else evidence)).values,
        )
        for maker, fault, rig in made
    ]


def _turned_back(evidence: Impression | None, seen: Perceived | None, quarters: int) -> Impression | None:
    """The evidence with what was seen of the shape after so many quarter turns, as it lies before them."""
    back = np.linalg.matrix_power(QUARTER_TURN, quarters).T
    return None if evidence is None else replace(evidence, seen=None if seen is None else seen.turned(back))


def _faulty(armature: Armature, rng: np.random.Generator, share: float) -> Iterator[tuple[str, Armature]]:
    """The rig itself, and with each fault that can be made of it."""
    yield "", armature
    for name, make in FAULTS.items():
        if share < 1.0 and rng.random() > share:
            continue
        for _ in range(HANDS if name == "fingers" else 1):
            wrong = make(armature, rng)
            if wrong is not None:
                yield name, wrong


def _forced(shape: StandingShape, own: Armature, rng: np.random.Generator) -> Iterator[tuple[str, Armature]]:
    """What the program makes of the shape when it is told a wrong kind."""
    others: list[Choice] = [kind for kind in KINDS if kind != own.kind]
    kind: Choice = "biped" if own.kind != "biped" and rng.random() < 0.6 else others[rng.integers(len(others))]
    wrong = _rigged(shape, RigOptions(kind=kind, bind=False))
    if wrong is not None:
        yield "wrong kind", wrong


def _rigged(shape: StandingShape, options: RigOptions) -> Armature | None:
    try:
        draft = best_armature(replace(shape, front_known=True), options)
        return best_candidate(draft.shape, draft.armature, options).armature
    except BonewrightError:
        return None
