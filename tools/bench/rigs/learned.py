"""What the networks add: each asset rigged by every method in one run, against the artists' rigs."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import numpy as np

from inference.geometry.mesh.surface import unit_frame
from inference.pipelines.meshes import rig_mesh
from inference.requests import Method, RigOptions
from training.datasets.rigged_glb import Listing, as_armature, read_rigged
from training.metrics.rig import FAILED_DISTANCE, Skeleton, score_skeleton, skeleton_of
from training.metrics.skin import FAILED_L1, matched_l1

from ..isolated import run_each
from ..record import console, show

LIMIT_S = 120.0
BASE = "geometric"
MEASURES = ("j2j", "j2b", "b2b", "iou", "skin_l1", "inside", "coverage", "cpu_s")
TITLES = ("J2J", "J2B", "B2B", "IoU", "skin L1", "inside", "coverage", "CPU s")


@dataclass(frozen=True)
class Task:
    """One asset and the methods to rig it by."""

    listing: Listing
    methods: tuple[Method, ...]
    bind: bool


@dataclass(frozen=True)
class Outcome:
    """One method on one asset; a failed one has the worst of everything."""

    method: str
    used: str  # what was used in the end
    j2j: float
    j2b: float
    b2b: float
    iou: float
    skin_l1: float  # against the artist's, bones matched first
    inside: float
    coverage: float
    cpu_s: float


FAILED = Outcome("", "failed", FAILED_DISTANCE, FAILED_DISTANCE, FAILED_DISTANCE, 0.0, FAILED_L1, 0.0, 0.0, LIMIT_S)


def rig_by_all(task: Task) -> list[Outcome]:
    """Every method in turn; runs in a process of its own."""
    asset = read_rigged(task.listing)
    frame = unit_frame(asset.mesh)
    truth, artist = Skeleton(frame.points_in(asset.joints), asset.parents), as_armature(asset)
    made = []
    for method in task.methods:
        start = time.process_time()
        weights = "geometric" if method == BASE else "auto"
        rig = rig_mesh(asset.mesh, RigOptions(method=method, weights=weights, bind=task.bind))
        spent = time.process_time() - start
        score = score_skeleton(skeleton_of(rig.armature, frame), truth, asset.mesh, frame)
        l1 = FAILED_L1
        if rig.skin is not None:
            l1 = matched_l1((rig.armature, rig.skin), (artist, asset.skin), frame)
        report = rig.report
        made.append(
            Outcome(
                method,
                report.method,
                score.j2j,
                score.j2b,
                score.b2b,
                100 * score.iou,
                l1,
                report.inside,
                report.coverage,
                spent,
            )
        )
    return made


def learned(listings: Iterable[Listing], methods: tuple[Method, ...], *, bind: bool) -> dict[str, object]:
    """Rig everything by every method and print a table by kind: absolute, and as ratios to the geometry."""
    tasks = [Task(listing, methods, bind) for listing in listings]
    found: dict[str, list[list[Outcome]]] = {}
    for number, (task, outcome) in enumerate(zip(tasks, run_each(rig_by_all, tasks, LIMIT_S), strict=True)):
        results = outcome.value or [replace(FAILED, method=method) for method in methods]
        found.setdefault(task.listing.kind, []).append(results)
        line = ", ".join(f"{r.method} ({r.used}) {r.j2j:.2f}" for r in results)
        console.print(f"{number + 1}/{len(tasks)} {task.listing.name}: J2J {line}{' ' + outcome.reason}")
    bipeds = [results for kind, members in found.items() if kind.startswith("biped ") for results in members]
    groups = {
        **dict(sorted(found.items())),
        "bipeds": bipeds,
        "all": [r for members in found.values() for r in members],
    }
    rows, numbers = [], {}
    for group, members in groups.items():
        if not members:
            continue
        base = _means(members, 0)
        for place, method in enumerate(methods):
            means = _means(members, place)
            used = sum(results[place].used != BASE for results in members)
            ratio = means["j2j"] / base["j2j"] if base["j2j"] else 1.0
            rows.append(
                [f"{group} ({len(members)}) {method}", *[round(v, 3) for v in means.values()], round(ratio, 2), used]
            )
            numbers[f"{group}, {method}"] = {**means, "j2j_ratio": ratio}
    show(f"By method; the ratio is of J2J to {methods[0]}", ("kind", *TITLES, "ratio", "learned used"), rows)
    assets = [{"kind": kind, **asdict(r)} for kind, members in found.items() for results in members for r in results]
    return {"means": numbers, "assets": assets}


def _means(members: list[list[Outcome]], place: int) -> dict[str, float]:
    return {name: float(np.mean([getattr(results[place], name) for results in members])) for name in MEASURES}
