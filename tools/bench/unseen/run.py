"""Rig assets of artists never seen, in parallel, and print what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from inference.engine.killable import Limits, Outcome
from inference.engine.pool import run_calls
from training.datasets.folds import FOLDS, folds_of
from training.datasets.labels import Known, attributed_files, read_known
from training.datasets.rigged_glb import Listing, list_assets

from ..record import console
from .assess import Assessed, Task, all_failed, assess
from .sheet import draw_sheet
from .tables import Earlier, Means, show_all
from .ways import ASKED, AUTO, GEOMETRIC, PROPOSALS, Truth

Whose = Literal["many", "one", "all"]


@dataclass(frozen=True)
class Chosen:
    """Which assets."""

    folder: Path
    split: str | None = "val"
    whose: Whose = "many"  # artists: many (what ATTRIBUTION.csv lists), one (the rest) or all
    kinds: tuple[str, ...] = ()
    fold: int | None = None  # only what this fold of artists holds out, of both splits


@dataclass(frozen=True)
class Compared:
    """What came of a run."""

    assets: list[Assessed]
    means: Means

    def record(self) -> dict[str, object]:
        """For JSON."""
        return {"means": self.means, "assets": [asdict(replace(item, predicted=None)) for item in self.assets]}


def chosen_assets(chosen: Chosen) -> list[Listing]:
    """Sorted by path. A folder without ATTRIBUTION.csv is one of many artists."""
    folds = {} if chosen.fold is None else folds_of(chosen.folder)
    split = chosen.split if chosen.fold is None else None
    found = list_assets(chosen.folder, split, chosen.kinds)
    if chosen.fold is not None:
        if not 0 <= chosen.fold < FOLDS:
            raise SystemExit(f"There is no fold {chosen.fold}. Choose one of 0 to {FOLDS - 1}.")
        return [item for item in found if folds.get(item.name) == chosen.fold]
    many = attributed_files(chosen.folder)
    if not many or chosen.whose == "all":
        return found
    return [item for item in found if (item.name in many) == (chosen.whose == "many")]


def unseen(
    chosen: Chosen,
    ways: Sequence[str] = (),
    jobs: int = 1,
    limit_s: float = 600.0,
    against: Path | None = None,
    sheet: Path | None = None,
) -> Compared:
    """Rig, compare, print. `against` is the JSON that this command wrote for an earlier release.

    An asset may take `limit_s` seconds for all its ways together.
    """
    listings = chosen_assets(chosen)
    if not listings:
        raise SystemExit(f"No rigged assets of that choice in '{chosen.folder}'. Choose another split or kind.")
    earlier = None if against is None else read_earlier(against)
    known = read_known(chosen.folder)
    asked = (AUTO, GEOMETRIC, *(way for way in ways or ASKED if way not in (AUTO, GEOMETRIC)))
    unknown = set(asked) - set(ASKED)
    if unknown:
        raise SystemExit(f"There is no way '{min(unknown)}'. Choose from: {', '.join(ASKED)}.")
    tasks = [Task(item, _truth(item, known), asked) for item in listings]
    found = []
    for task, outcome in zip(tasks, run_calls(assess, tasks, jobs, Limits(limit_s)), strict=True):
        found.append(outcome.value or all_failed(task, outcome.reason))
        console.print(_line(found[-1], outcome))
    means = show_all(found, earlier, PROPOSALS)
    if sheet is not None:
        draw_sheet(found, {item.name: item for item in listings}, sheet)
        console.print(f"Drawn into {sheet}")
    return Compared(found, means)


def read_earlier(path: Path) -> Earlier:
    """The way "auto" of an earlier run: asset -> measure -> figure."""
    assets = json.loads(path.read_text(encoding="utf-8"))["results"]["assets"]
    return {asset["name"]: asset["made"][AUTO] for asset in assets}


def _truth(item: Listing, known: dict[str, Known]) -> Truth:
    seen = known.get(item.name)
    return Truth("", front=False) if seen is None else Truth(seen.plan, front=seen.front)


def _line(item: Assessed, outcome: Outcome[Assessed]) -> str:
    made = ", ".join(f"{way} {result.j2j:.2f}" for way, result in item.made.items())
    return f"{item.name} ({outcome.seconds:.0f} s): J2J {made} {outcome.reason}"
