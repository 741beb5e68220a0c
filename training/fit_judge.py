"""Fit the judge of rigs: `python -m training.fit_judge`. Right rigs and rigs made wrong on purpose teach it.

Artists' rigs of the train split are right, and so are our own where they lie close to them. Thresholds come from folds
in which every artist is held out once; damping and rounds were settled with val in sight.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from inference.engine.killable import Limits
from inference.engine.pool import run_calls
from inference.files import written_whole
from training.datasets.folds import FOLDS, artist_folds
from training.datasets.labels import PACKS, attributed_files, read_artists, read_known
from training.datasets.rigged_glb import list_assets
from training.judge.examples import Task, examples
from training.judge.forest import fit, predict, trees_of

REALISTIC = "VALID"  # one skeleton in many clothes: a few of them are enough
OTHERS = 2  # characters whose joints each gets
EVEN = 0.5
STEEPEST = 3.0  # of the calibration
NEWTON = 50


@dataclass(frozen=True)
class Options:
    """Where from, where to, and how much."""

    data: Path = Path("../shared/data")
    """Folder with SOURCES.csv and labels/joints.csv."""
    out: Path = Path("inference/weights/judge.json")
    """The judge's numbers and their card."""
    measured: Path = Path("out/judge_examples.json")
    """What was measured, made when it is not there: fitting again takes seconds then."""
    realistic: int = 20
    """Realistic people, who all share one skeleton, that are looked at."""
    processes: int = 2
    """Side by side, while measuring."""
    seconds: float = 300.0
    """An asset may take."""
    rounds: int = 300
    """Trees."""
    alarms: float = 0.11
    """Share of artists' rigs that may be flagged, on the folds."""
    sure: float = 0.012
    """Share of them that may be called probably wrong."""


@dataclass(frozen=True)
class Measured:
    """The rigs of one asset."""

    name: str
    artist: str
    split: str
    whose: str  # many, one or realistic
    rigs: tuple[tuple[str, str, Mapping[str, float]], ...]  # maker, fault, values


@dataclass(frozen=True)
class Rows:
    """All rigs of some assets."""

    values: np.ndarray  # (N, F)
    asset: np.ndarray  # (N,) places into the assets
    maker: np.ndarray  # (N,) artist or own
    fault: np.ndarray  # (N,) empty where the rig is right


def main(options: Options) -> None:
    """Measure, fit, print, write."""
    if not options.measured.exists():
        _write_json(options.measured, [asdict(item) for item in measure(options)])
    assets = [Measured(**item) for item in json.loads(options.measured.read_text(encoding="utf-8"))]
    names = sorted({name for item in assets for _, _, values in item.rigs for name in values})
    rows = _rows(assets, names)
    training = np.array([assets[place].split == "train" for place in rows.asset])
    held_out = _on_folds(assets, rows, training, options.rounds)
    slope, shift = _calibrated(held_out, rows.fault[training] != "", _weights(assets, rows)[training])
    model = fit(rows.values[training], rows.fault[training] != "", _weights(assets, rows)[training], options.rounds)
    right = held_out[(rows.fault[training] == "") & (rows.maker[training] == "artist")]
    look, wrong = (_chance(np.quantile(right, 1 - share), slope, shift) for share in (options.alarms, options.sure))
    look = min(float(look), EVEN)  # what is likelier wrong than right is never called good
    figures = {"train, folds": _shares(rows, training, _chance(held_out, slope, shift), look)}
    for whose in ("many", "one", "realistic"):
        chosen = np.array([assets[place].split == "val" and assets[place].whose == whose for place in rows.asset])
        if chosen.any():
            scores = predict(model, rows.values[chosen])
            figures[f"val, {whose}"] = _shares(rows, chosen, _chance(scores, slope, shift), look)
    _show(figures)
    card = {
        "name": "judge",
        "about": "Boosted trees from what is measured on a rig to the odds of its being wrong.",
        "made_by": f"python -m training.fit_judge --rounds {options.rounds}",
        "assets": dict(Counter(f"{item.split} {item.whose}" for item in assets)),
        "artists": len({item.artist for item in assets if item.split == "train"}),
        "flagged": figures,
        "bias": round(shift / slope, 6),
        "slope": round(slope, 6),
        "look": round(float(look), 6),
        "wrong": round(float(wrong), 6),
        "trees": [asdict(tree) for tree in trees_of(model, names)],
    }
    _write_json(options.out, card)


def measure(options: Options) -> list[Measured]:
    """Every asset of the library that has labels; of the realistic people a few."""
    known, artists, many = read_known(options.data), read_artists(options.data), attributed_files(options.data)
    listings = [item for item in list_assets(options.data) if item.name in known]
    random.Random(0).shuffle(listings)
    people = [item for item in listings if artists[item.name] == REALISTIC]
    listings = [item for item in listings if artists[item.name] != REALISTIC] + people[: options.realistic]
    tasks = []
    for place, item in enumerate(listings):
        others = [listings[place - step] for step in range(1, OTHERS + 1)]
        strangers = [
            other for other in others if artists[other.name] != artists[item.name] or artists[item.name] == PACKS
        ]
        tasks.append(Task(item, known[item.name], tuple((other, known[other.name]) for other in strangers)))
    found = []
    for task, outcome in zip(
        tasks, run_calls(examples, tasks, options.processes, Limits(options.seconds)), strict=True
    ):
        name = task.listing.name
        if outcome.value is None:
            print(f"{name}: {outcome.reason}", flush=True)
            continue
        artist = artists[name]
        whose = "many" if name in many else "realistic" if artist == REALISTIC else "one"
        rigs = tuple((made.maker, made.fault, made.values) for made in outcome.value)
        found.append(Measured(name, artist, task.listing.split, whose, rigs))
    return found


def _rows(assets: Sequence[Measured], names: Sequence[str]) -> Rows:
    flat = [(place, *rig) for place, item in enumerate(assets) for rig in item.rigs]
    values = np.array([[values.get(name, np.nan) for name in names] for _, _, _, values in flat])
    place, maker, fault = (np.array([line[part] for line in flat]) for part in (0, 1, 2))
    return Rows(values, place, maker, fault)


def _weights(assets: Sequence[Measured], rows: Rows) -> np.ndarray:
    """Artists count by the root of how many files they made; right and wrong alike; and each fault alike."""
    files = Counter(item.artist for item in assets)
    weight = np.array([files[assets[place].artist] ** -0.5 for place in rows.asset])
    faults = sorted(set(rows.fault) - {""})
    for fault in ("", *faults):
        same = rows.fault == fault
        weight[same] /= weight[same].sum() * (len(faults) if fault else 1)
    return weight


def _on_folds(assets: Sequence[Measured], rows: Rows, training: np.ndarray, rounds: int) -> np.ndarray:
    """Scores of the rigs in training, each by a model that saw nothing of its artist."""
    fold_of = artist_folds({item.name: item.artist for item in assets if item.split == "train"})
    fold = np.array([fold_of.get(assets[place].name, -1) for place in rows.asset])
    weight, scores = _weights(assets, rows), np.full(len(fold), np.nan)
    for number in range(FOLDS):
        seen, held = training & (fold != number), training & (fold == number)
        model = fit(rows.values[seen], rows.fault[seen] != "", weight[seen], rounds)
        scores[held] = predict(model, rows.values[held])
    return scores[training]


def _calibrated(scores: np.ndarray, wrong: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Slope and shift of the line from scores to the logarithm of the odds, by Newton's method."""
    slope, shift, weight = 1.0, 0.0, weight / weight.mean()
    for _ in range(NEWTON):
        chance = _chance(scores, slope, shift)
        gap, curve = weight * (wrong - chance), weight * chance * (1 - chance)
        lines = np.stack([scores, np.ones(len(scores))])
        step = np.linalg.solve((lines * curve) @ lines.T + 1e-6 * np.eye(2), lines @ gap)
        slope, shift = float(np.clip(slope + step[0], 0.05, STEEPEST)), float(shift + step[1])
    return slope, shift


def _chance(scores: np.ndarray | float, slope: float, shift: float) -> np.ndarray:
    return 1 / (1 + np.exp(-(slope * np.asarray(scores) + shift)))


def _shares(rows: Rows, chosen: np.ndarray, chance: np.ndarray, look: float) -> dict[str, list[float]]:
    """Of each fault by each maker the share that is flagged, and how many there are."""
    found: dict[str, list[float]] = {}
    fault, maker = rows.fault[chosen], rows.maker[chosen]
    for name in ("", *sorted(set(fault) - {""})):
        for who in ("artist", "own"):
            same = (fault == name) & (maker == who)
            if same.any():
                found[f"{name or 'right'}, {who}"] = [round(float((chance[same] >= look).mean()), 3), int(same.sum())]
    wrong = fault != ""
    found["all faults"] = [round(float((chance[wrong] >= look).mean()), 3), int(wrong.sum())]
    return found


def _show(figures: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    table = Table(title="Flagged, percent (of how many)", title_justify="left")
    table.add_column("")
    for name in figures:
        table.add_column(name, justify="right")
    for row in dict.fromkeys(row for column in figures.values() for row in column):
        cells = [column.get(row) for column in figures.values()]
        table.add_row(row, *["" if cell is None else f"{100 * cell[0]:.0f} ({cell[1]:.0f})" for cell in cells])
    Console().print(table)


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as place:
        place.write_text(_lines(content) + "\n", encoding="utf-8")


def _lines(content: object) -> str:
    """JSON with a line for each entry of the outer level and for each item of a list there."""
    if not isinstance(content, dict):
        return json.dumps(content, indent=1)
    entries = (f"{json.dumps(name)}: {_rows_of(value)}" for name, value in content.items())
    return "{\n" + ",\n".join(entries) + "\n}"


def _rows_of(value: object) -> str:
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f" {json.dumps(name)}: {json.dumps(part)}" for name, part in value.items()) + "\n}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(f" {json.dumps(part)}" for part in value) + "\n]"
    return json.dumps(value)


if __name__ == "__main__":
    import tyro

    main(tyro.cli(Options))
