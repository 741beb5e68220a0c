"""Every asset and many broken meshes: each must give a valid rig or a named error in time."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from inference.anatomy import Armature, Mesh, Rig
from inference.engine.killable import Outcome
from inference.errors import BonewrightError
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from inference.rigging.judging.validity import valid_problems
from training.datasets.rigged_glb import list_assets, read_mesh
from training.shapes.varied.broken import broken_mesh

from ..isolated import run_each
from ..record import console, show


@dataclass(frozen=True)
class Verdict:
    """What became of one mesh."""

    name: str
    group: str
    how: str  # valid rig, named error, invalid rig, crash, hang, error
    detail: str
    seconds: float


def try_mesh(given: int | Path) -> tuple[str, str]:
    """Rig a file or the broken mesh of a number: what came of it, and the error's text or the number of bones."""
    mesh = broken_mesh(given).mesh if isinstance(given, int) else read_mesh(given)
    return verdict_on(mesh)


def verdict_on(mesh: Mesh) -> tuple[str, str]:
    """Rig a mesh; anything but a valid rig or a named error is a failure; other exceptions get out."""
    try:
        rig = rig_mesh(mesh, RigOptions())
    except BonewrightError as error:
        return "named error", f"{type(error).__name__}: {error}"
    fault = fault_of(rig, len(mesh.vertices))
    return ("invalid rig", fault) if fault else ("valid rig", f"{len(rig.armature.names)} bones")


def fault_of(rig: Rig, vertices: int, influences: int = 4) -> str:
    """What a valid rig must not have, asked of the result in the user's frame; empty when it is sound."""
    if rig.skin is None:
        return "no weights"
    faults = valid_problems(_unit_sized(rig.armature), rig.skin, influences)
    if not rig.report.valid:
        faults.append("not valid by its own report")
    if len(rig.armature.names) == 0:
        faults.append("no bone")
    if (rig.armature.parents >= np.arange(len(rig.armature.names))).any():
        faults.append("a parent comes after its child")
    if len(rig.skin.bones) != vertices:
        faults.append("weights for other vertices")
    return ", ".join(faults)


def _unit_sized(armature: Armature) -> Armature:
    """The same bones about one unit large, the size at which "no length" is meant."""
    ends = np.concatenate([armature.heads, armature.tails])
    size = float(np.ptp(ends, axis=0).max()) if len(ends) else 0.0
    if not (np.isfinite(size) and size > 0):
        return armature
    low = ends.min(0)
    return replace(armature, heads=(armature.heads - low) / size, tails=(armature.tails - low) / size)


def torture(folder: Path, count: int, first: int, limit_s: float, *, assets: bool) -> list[Verdict]:
    """Run everything and print what went wrong and how often."""
    files = [item.path for item in list_assets(folder, rigged=None)] if assets and folder.exists() else []
    items: list[int | Path] = [*files, *range(first, first + count)]
    found = []
    for item, outcome in zip(items, run_each(try_mesh, items, limit_s), strict=True):
        found.append(_verdict(item, outcome))
        if found[-1].how not in ("valid rig", "named error"):
            console.print(f"{found[-1].how}: {found[-1].name} ({found[-1].seconds:.1f} s) {found[-1].detail[:200]}")
    _show(found, limit_s)
    return found


def as_records(found: list[Verdict]) -> list[dict[str, object]]:
    """For JSON."""
    return [asdict(v) for v in found]


def _verdict(item: int | Path, outcome: Outcome[tuple[str, str]]) -> Verdict:
    name = f"{item} {broken_mesh(item).name}" if isinstance(item, int) else item.stem
    group = "broken" if isinstance(item, int) else item.parts[-3]
    if outcome.value is None:
        return Verdict(name, group, outcome.how, outcome.reason, outcome.seconds)
    return Verdict(name, group, *outcome.value, outcome.seconds)


def _show(found: list[Verdict], limit_s: float) -> None:
    rows = []
    for group in dict.fromkeys(v.group for v in found):
        members = [v for v in found if v.group == group]
        how = Counter(v.how for v in members)
        failed = len(members) - how["valid rig"] - how["named error"]
        seconds = np.array([v.seconds for v in members])
        rows.append(
            [group, len(members), how["valid rig"], how["named error"], failed, np.median(seconds), seconds.max()]
        )
    columns = ("group", "meshes", "valid rig", "named error", "failed", "s (median)", "s (most)")
    show(f"Torture, at most {limit_s:g} s each", columns, rows)
    classes = Counter(v.detail.partition(":")[0] for v in found if v.how == "named error")
    for name, times in classes.most_common():
        console.print(f"{times:5d} x {name}")
