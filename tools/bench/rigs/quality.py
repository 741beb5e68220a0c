"""Rigs beside the artists': distances, names and sides, truth-free measures and speed, by kind.

A failed asset is never skipped: it counts with the worst value of everything.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from statistics import mean, median

import numpy as np

from inference.anatomy import Armature, Mesh, Rig
from inference.engine.killable import Outcome
from inference.frames import Frame
from inference.geometry.mesh.surface import unit_frame
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from training.datasets.rigged_glb import Listing, RiggedAsset, as_armature, read_rigged
from training.metrics.naming import NO_NAMES, NameScore, score_names
from training.metrics.rig import FAILED_DISTANCE, FAILED_SCORE, Skeleton, SkeletonScore, score_skeleton, skeleton_of
from training.metrics.skin import FAILED_L1, match_bones, motion_error, skin_l1

from ..isolated import run_each
from ..record import console, show

LIMIT_S = 60.0
NAMED_KINDS = ("biped", "quadruped")


# How a shape is laid down before it is turned about the up axis; rotations of column vectors.
WAYS: dict[str, np.ndarray] = {
    "up": np.eye(3),
    "on its head": np.diag([1.0, -1.0, -1.0]),
    "on its back": np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]]),
    "on its face": np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]]),
    "on its right": np.array([[0, 0, -1.0], [0, 1.0, 0], [1.0, 0, 0]]),
    "on its left": np.array([[0, 0, 1.0], [0, 1.0, 0], [-1.0, 0, 0]]),
}


@dataclass(frozen=True)
class Task:
    """One asset, rigged as it is and, for the names, laid down and turned."""

    listing: Listing
    options: RigOptions
    turns: tuple[str, ...]  # see `orientations`


@dataclass(frozen=True)
class Assessment:
    """Everything measured on one asset. A failed one has the worst of each."""

    name: str
    kind: str
    vertices: int
    error: str
    score: SkeletonScore
    skin_l1: float  # against the artist's, bones matched first
    motion: float  # mean distance in the same random poses, x100
    names: dict[str, NameScore]  # by orientation; empty where the artist's rig does not tell
    found: str  # the kind we think it is
    bones: int
    truth_joints: int
    coverage: float
    inside: float
    inside_worst: float
    stretch: float
    valid: bool
    seconds: float
    cpu_seconds: float
    warnings: tuple[str, ...] = ()


def assess(task: Task) -> Assessment:
    """Rig one asset and compare; runs in a process of its own."""
    asset = read_rigged(task.listing)
    start, cpu = time.perf_counter(), time.process_time()
    rig = rig_mesh(asset.mesh, task.options)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    frame = unit_frame(asset.mesh)
    truth = Skeleton(frame.points_in(asset.joints), asset.parents)
    score = score_skeleton(skeleton_of(rig.armature, frame), truth, asset.mesh, frame)
    names = {}
    for turn in task.turns if asset.kind.startswith(NAMED_KINDS) else ():
        found = rig.armature if turn == "up 0" else _rigged_turned(asset, turn, task.options)
        judged = score_names(found, asset)
        if judged is not None:
            names[turn] = judged
    skin = _compare_skins(asset, rig, frame)
    return _assessment(asset, rig, score, skin, names, seconds, cpu)


def _compare_skins(asset: RiggedAsset, rig: Rig, frame: Frame) -> tuple[float, float]:
    """L1 and motion error; as bad as can be without weights."""
    if rig.skin is None:
        return FAILED_L1, FAILED_DISTANCE
    mine, theirs = rig.armature, as_armature(asset)
    mine, theirs = (frame.into(bones) for bones in (mine, theirs))
    partner = match_bones(mine.heads, theirs.heads)
    l1 = skin_l1(rig.skin.dense(len(mine.names)), asset.skin.dense(len(theirs.names)), partner)
    points = frame.points_in(asset.mesh.vertices)
    return l1, motion_error(points, (mine, rig.skin), (theirs, asset.skin), partner)


def orientations(degrees: tuple[int, ...], count: int) -> tuple[str, ...]:
    """Names of orientations: of 4 upright ones, turned about the up axis; of 24 also lying and standing on the head."""
    ways = ("up",) if count == 4 else tuple(WAYS)
    return tuple(f"{way} {turn}" for way in ways for turn in degrees)


def quality(
    listings: Iterable[Listing], options: RigOptions, turns: tuple[int, ...] = (0, 90, 180, 270), count: int = 4
) -> list[Assessment]:
    """Rig every asset and print the tables."""
    tasks = [Task(listing, options, orientations(turns, count)) for listing in listings]
    found = []
    for number, (task, outcome) in enumerate(zip(tasks, run_each(assess, tasks, LIMIT_S * count / 4), strict=True)):
        found.append(outcome.value or _failed(task, outcome))
        console.print(f"{number + 1}/{len(tasks)} {task.listing.name}: {_line(found[-1])}")
    groups = _groups(found)
    show("Against the artists' skeletons", SKELETON_COLUMNS, [_skeleton_row(*group) for group in groups])
    show("Without looking at the truth", PLAIN_COLUMNS, [_plain_row(*group) for group in groups])
    named = [a for a in found if a.names]
    if named:
        show("Names and sides", NAME_COLUMNS, [_name_row(group, members) for group, members in _groups(named)])
    _list_wrong(found)
    return found


SKELETON_COLUMNS = (
    "kind",
    "assets",
    "failed",
    "J2J",
    "J2B",
    "B2B",
    "IoU",
    "precision",
    "recall",
    "IoU@.05",
    "skin L1",
    "motion",
    "bones",
    "artist's",
    "s",
    "CPU s",
)
PLAIN_COLUMNS = (
    "kind",
    "assets",
    "coverage",
    "inside",
    "worst bone inside",
    "bones <95% (assets)",
    "stretch p99",
    "valid",
)
NAME_COLUMNS = ("kind", "cases", "right", "kind found", "sides", "limbs", "names")


def _groups(found: list[Assessment]) -> list[tuple[str, list[Assessment]]]:
    """By kind, then the people together, then all."""
    kinds = sorted({a.kind for a in found})
    groups = [(kind, [a for a in found if a.kind == kind]) for kind in kinds]
    people = [a for a in found if a.kind.startswith("biped") and a.kind != "biped creature"]
    if len({a.kind for a in people}) > 1:
        groups.append(("people, both kinds", people))
    if len(kinds) > 1:
        groups.append(("all", found))
    return groups


def _skeleton_row(group: str, members: list[Assessment]) -> list[str | float | int]:
    scores = [a.score for a in members]
    return [
        group,
        len(members),
        sum(bool(a.error) for a in members),
        mean(s.j2j for s in scores),
        mean(s.j2b for s in scores),
        mean(s.b2b for s in scores),
        mean(s.iou for s in scores),
        mean(s.precision for s in scores),
        mean(s.recall for s in scores),
        mean(s.iou_fixed for s in scores),
        mean(a.skin_l1 for a in members),
        mean(a.motion for a in members),
        median(a.bones for a in members),
        median(a.truth_joints for a in members),
        median(a.seconds for a in members),
        median(a.cpu_seconds for a in members),
    ]


def _plain_row(group: str, members: list[Assessment]) -> list[str | float | int]:
    done = [a.stretch for a in members if not a.error]
    return [
        group,
        len(members),
        mean(a.coverage for a in members),
        mean(a.inside for a in members),
        min(a.inside_worst for a in members),
        sum(a.inside_worst < 0.95 for a in members),
        mean(done) if done else float("nan"),
        f"{sum(a.valid for a in members)} of {len(members)}",
    ]


def _name_row(group: str, members: list[Assessment]) -> list[str | float | int]:
    """A case is one asset turned one way."""
    cases = [score for a in members for score in a.names.values()]
    return [
        group,
        len(cases),
        f"{sum(c.right for c in cases)} ({100 * mean(c.right for c in cases):.0f} %)",
        mean(c.kind for c in cases),
        mean(c.sides for c in cases),
        mean(c.limbs for c in cases),
        mean(c.names for c in cases),
    ]


def _list_wrong(found: list[Assessment]) -> None:
    for a in found:
        if a.error:
            console.print(f"failed  {a.name}: {a.error}")
        for turn, score in a.names.items():
            if not score.right:
                console.print(f"names   {a.name} {turn}: found {a.found}; {', '.join(score.wrong[:8])}")


def _line(a: Assessment) -> str:
    if a.error:
        return f"failed: {a.error}"
    right = f", names right {sum(s.right for s in a.names.values())}/{len(a.names)}" if a.names else ""
    return f"{a.found}, J2J {a.score.j2j:.2f}, B2B {a.score.b2b:.2f}, IoU {a.score.iou:.2f}, {a.seconds:.2f} s{right}"


def _rigged_turned(asset: RiggedAsset, orientation: str, options: RigOptions) -> Armature:
    """The rig of the asset laid down and turned, moved back; rolls stay turned, nothing here looks at them."""
    way, degrees = orientation.rsplit(" ", 1)
    turn = np.deg2rad(int(degrees))
    axes = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]) @ WAYS[way]
    turned = Mesh(asset.mesh.vertices @ axes.T, asset.mesh.triangles)
    found = rig_mesh(turned, replace(options, bind=False)).armature
    return replace(found, heads=found.heads @ axes, tails=found.tails @ axes)


def _assessment(
    asset: RiggedAsset,
    rig: Rig,
    score: SkeletonScore,
    skin: tuple[float, float],
    names: dict[str, NameScore],
    seconds: float,
    cpu: float,
) -> Assessment:
    report = rig.report
    return Assessment(
        asset.name,
        asset.kind,
        len(asset.mesh.vertices),
        "",
        score,
        *skin,
        names,
        rig.armature.kind,
        len(rig.armature.names),
        len(asset.names),
        report.coverage,
        report.inside,
        report.inside_worst,
        report.stretch,
        report.valid,
        seconds,
        cpu,
        tuple(w.message for w in report.warnings),
    )


def _failed(task: Task, outcome: Outcome[Assessment]) -> Assessment:
    named = task.listing.kind.startswith(NAMED_KINDS)
    return Assessment(
        task.listing.name,
        task.listing.kind,
        0,
        outcome.reason,
        FAILED_SCORE,
        FAILED_L1,
        FAILED_DISTANCE,
        dict.fromkeys(task.turns, NO_NAMES) if named else {},
        "none",
        0,
        len(read_rigged(task.listing).names),
        0.0,
        0.0,
        0.0,
        float("nan"),
        valid=False,
        seconds=outcome.seconds,
        cpu_seconds=outcome.seconds,
    )


def as_records(found: list[Assessment]) -> list[dict[str, object]]:
    """For JSON."""
    return [asdict(a) for a in found]
