"""One unseen asset, rigged every way and held against the artist's rig; runs in a process of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from inference.anatomy import Rig
from inference.errors import BonewrightError
from inference.frames import Frame
from inference.geometry.mesh.clean import clean_mesh
from inference.geometry.mesh.surface import unit_frame
from inference.pipelines.meshes import skin_mesh
from inference.pipelines.standing import standing_hint
from inference.requests import SkinOptions, WeightsMethod
from inference.rigging.bones.names import sign_of_side
from training.datasets.rigged_glb import Listing, RiggedAsset, as_armature, read_rigged
from training.metrics.naming import looks_along, score_sides
from training.metrics.rig import FAILED_DISTANCE, Skeleton, score_skeleton, skeleton_of
from training.metrics.skin import FAILED_L1, matched_l1, skin_l1, stretch

from .ways import ASKED, AUTO, FRONT, UP, Truth, adds_nothing, kind_right, rigged

FAILED_STRETCH = 10.0  # of what got no weights: worse than any skin that holds together
LEFT = np.array([1.0, 0.0, 0.0])  # of what faces -Y
WEIGHTS: tuple[WeightsMethod, ...] = ("auto", "geometric")


@dataclass(frozen=True)
class Task:
    """One asset and the ways to rig it."""

    listing: Listing
    truth: Truth
    ways: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """What came of one way. None where the truth does not tell."""

    j2j: float
    b2b: float
    iou: float  # percent
    joints: int
    kind: str
    method: str
    up_right: bool
    front_right: bool | None
    kind_right: bool | None
    sides_right: float | None  # share of sided bones on their own side
    skin_l1: float | None  # against the artist's, bones matched first; None where no skin was asked for
    stretch: float | None
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class Bound:
    """Weights on the artist's own skeleton."""

    l1: float
    stretch: float
    artist_stretch: float


@dataclass(frozen=True)
class Claim:
    """Something the program says of a shape, how sure it is, and whether it is so."""

    what: str  # up, front or kind
    certainty: float
    right: bool


@dataclass(frozen=True)
class Assessed:
    """Everything about one asset."""

    name: str
    kind: str  # as the library says it
    plan: str
    joints: int  # the artist's
    made: dict[str, Made]
    bound: dict[str, Bound]  # by the method of weights
    claims: tuple[Claim, ...]
    predicted: Skeleton | None  # of the way "auto", unit frame; what the sheet shows


def assess(task: Task) -> Assessed:
    """Every way in turn. A way that is refused, or fails, has the worst of everything."""
    asset = read_rigged(task.listing)
    frame = unit_frame(asset.mesh)
    made: dict[str, Made] = {}
    plain: Rig | None = None  # by the program alone
    for way in task.ways:
        asked = ASKED[way]
        told = asked.up or asked.front or asked.kind
        if told and plain is not None and adds_nothing(asked, task.truth, plain):
            made[way] = replace(made[AUTO], seconds=0.0, skin_l1=None, stretch=None)
            continue
        start = time.perf_counter()
        try:
            rig = rigged(asset.mesh, asked, task.truth)
        except BonewrightError as error:
            made[way] = failed(task, f"{type(error).__name__}: {error}", bind=asked.options.bind)
            continue
        made[way] = _held_against(asset, frame, rig, task.truth, time.perf_counter() - start)
        plain = rig if way == AUTO else plain
    return Assessed(
        asset.name,
        asset.kind,
        task.truth.plan,
        len(asset.names),
        made,
        {method: _bound(asset, method) for method in WEIGHTS},
        () if plain is None else _claims(asset, plain, task.truth),
        None if plain is None else skeleton_of(plain.armature, frame),
    )


def all_failed(task: Task, error: str) -> Assessed:
    """What is left of an asset whose process died or took too long."""
    asset = read_rigged(task.listing)
    made = {way: failed(task, error, bind=ASKED[way].options.bind) for way in task.ways}
    worst = Bound(FAILED_L1, FAILED_STRETCH, _artist_stretch(asset))
    bound: dict[str, Bound] = dict.fromkeys(WEIGHTS, worst)
    return Assessed(asset.name, asset.kind, task.truth.plan, len(asset.names), made, bound, (), None)


def failed(task: Task, error: str, *, bind: bool) -> Made:
    """The worst of everything."""
    known, front = bool(task.truth.plan), task.truth.front
    return Made(
        j2j=FAILED_DISTANCE,
        b2b=FAILED_DISTANCE,
        iou=0.0,
        joints=0,
        kind="none",
        method="failed",
        up_right=False,
        front_right=False if front else None,
        kind_right=False if known else None,
        sides_right=0.0 if front else None,
        skin_l1=FAILED_L1 if bind else None,
        stretch=FAILED_STRETCH if bind else None,
        seconds=0.0,
        error=error,
    )


def _held_against(asset: RiggedAsset, frame: Frame, rig: Rig, truth: Truth, seconds: float) -> Made:
    mine = skeleton_of(rig.armature, frame)
    score = score_skeleton(mine, Skeleton(frame.points_in(asset.joints), asset.parents), asset.mesh, frame)
    l1 = None if rig.skin is None else matched_l1((rig.armature, rig.skin), (as_armature(asset), asset.skin), frame)
    sided = truth.front and any(sign_of_side(name) for name in rig.armature.names)
    middle = float(np.median(asset.joints[:, 0]))  # pairs of joints lie on both sides of it
    return Made(
        j2j=score.j2j,
        b2b=score.b2b,
        iou=100 * score.iou,
        joints=len(mine.joints),
        kind=rig.armature.kind,
        method=rig.report.method,
        up_right=looks_along(rig.pose.up, UP),
        front_right=looks_along(rig.pose.forward, FRONT) if truth.front else None,
        kind_right=kind_right(rig.armature.kind, truth),
        sides_right=score_sides(rig.armature, LEFT, middle, frame.size)[0] if sided else None,
        skin_l1=l1,
        stretch=None if rig.skin is None else rig.report.stretch,
        seconds=seconds,
    )


def _bound(asset: RiggedAsset, method: WeightsMethod) -> Bound:
    armature, count = as_armature(asset), len(asset.names)
    artist = _artist_stretch(asset)
    try:
        skin = skin_mesh(asset.mesh, armature, SkinOptions(weights=method))
    except BonewrightError:
        return Bound(FAILED_L1, FAILED_STRETCH, artist)
    l1 = skin_l1(skin.dense(count), asset.skin.dense(count))
    return Bound(l1, stretch(asset.mesh, armature, skin), artist)


def _artist_stretch(asset: RiggedAsset) -> float:
    return stretch(asset.mesh, as_armature(asset), asset.skin)


def _claims(asset: RiggedAsset, rig: Rig, truth: Truth) -> tuple[Claim, ...]:
    """What the program says by itself, with its certainty: up and kind as the network sees them, the rig's front."""
    claims = []
    hint = standing_hint(clean_mesh(asset.mesh)[0], 0)
    if hint is not None:
        along = int(np.argmax(hint.ups @ rig.pose.up))
        claims.append(Claim("up", float(hint.chances[along]), looks_along(rig.pose.up, UP)))
        right = kind_right(hint.kind, truth)
        if right is not None:
            claims.append(Claim("kind", hint.kind_certainty, right))
    if truth.front:
        claims.append(Claim("front", rig.pose.certainty, looks_along(rig.pose.forward, FRONT)))
    return tuple(claims)
