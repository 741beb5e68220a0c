"""The tables of the unseen benchmark: means with standard errors, by kind and over all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from training.metrics.tables import Bin, Estimate, calibration, calibration_error, estimate, paired

from ..record import Cell, console, show
from .assess import Assessed, Made
from .ways import AUTO, DENSITIES, GEOMETRIC

Earlier = Mapping[str, Mapping[str, float | None]]  # asset -> measure -> figure
Figures = dict[str, dict[str, Estimate]]  # kind -> measure -> mean
Record = dict[str, float]
Means = dict[str, dict[str, dict[str, Record]]]  # table -> row -> column
Measure = Callable[[Assessed], float | bool | None]  # None where the truth does not tell
ALL = "all"
STAGES = ("told up", "told front", "told kind", "told front and kind")
COUNT, BEST = "told how many joints", "best proposal"


def show_all(found: Sequence[Assessed], earlier: Earlier | None, proposals: tuple[str, ...]) -> Means:
    """Print every table; the same figures for JSON."""
    made = tuple(found[0].made)
    stages = _stages(made, tuple(way for way in proposals if way in made))
    figures = {
        "rigs": _show_figures("Against the artists' rigs (mean and standard error)", found, _rig_measures()),
        "stages": _show_stages(found, stages),
        "standing": _show_figures("Right, percent", found, STANDING),
        "skins": _show_figures("Skin weights on predicted and on the artists' skeletons", found, SKINS),
    }
    result = {name: _plain(table) for name, table in figures.items()}
    result["calibration"] = _show_calibration(found)
    if earlier is not None:
        result["against"] = _show_against(found, earlier)
    for item in found:
        if item.made[AUTO].error:
            console.print(f"failed  {item.name}: {item.made[AUTO].error}")
    return result


def _groups(found: Sequence[Assessed]) -> list[tuple[str, list[Assessed]]]:
    kinds = sorted({item.kind for item in found})
    return [*((kind, [item for item in found if item.kind == kind]) for kind in kinds), (ALL, list(found))]


def _of(way: str, name: str, scale: float = 1.0) -> Measure:
    """A figure of one way."""

    def figure(item: Assessed) -> float | None:
        value = getattr(item.made[way], name)
        return None if value is None else scale * float(value)

    return figure


def _of_skin(method: str, name: str) -> Measure:
    return lambda item: float(getattr(item.bound[method], name))


def _rig_measures() -> dict[str, Measure]:
    names = {"J2J": "j2j", "B2B": "b2b", "IoU": "iou"}
    own = {title: _of(AUTO, name) for title, name in names.items()}
    plain = {f"geometry {title}": _of(GEOMETRIC, name) for title, name in names.items()}

    def gained(item: Assessed) -> float:
        return item.made[AUTO].j2j - item.made[GEOMETRIC].j2j

    return {**own, **plain, "J2J - geometry": gained}


STANDING: dict[str, Measure] = {
    "up": _of(AUTO, "up_right", 100),
    "front": _of(AUTO, "front_right", 100),
    "side": _of(AUTO, "sides_right", 100),
    "kind": _of(AUTO, "kind_right", 100),
    "geometry front": _of(GEOMETRIC, "front_right", 100),
    "geometry kind": _of(GEOMETRIC, "kind_right", 100),
}
SKINS: dict[str, Measure] = {
    "L1, predicted": _of(AUTO, "skin_l1"),
    "geometry": _of(GEOMETRIC, "skin_l1"),
    "stretch": _of(AUTO, "stretch"),
    "L1, artist's": _of_skin("auto", "l1"),
    "geometry on artist's": _of_skin("geometric", "l1"),
    "its stretch": _of_skin("auto", "stretch"),
    "geometry's stretch": _of_skin("geometric", "stretch"),
    "artist's stretch": _of_skin("auto", "artist_stretch"),
}


def _show_figures(title: str, found: Sequence[Assessed], measures: Mapping[str, Measure]) -> Figures:
    table: Figures = {}
    for group, members in _groups(found):
        table[group] = {}
        for name, measure in measures.items():
            values = [float(value) for item in members if (value := measure(item)) is not None]
            if values:
                table[group][name] = estimate(values)
    rows = [[f"{group} ({_size(found, group)})", *_cells(line, measures)] for group, line in table.items()]
    show(title, ("kind", *measures), rows)
    return table


def _stages(made: tuple[str, ...], proposals: tuple[str, ...]) -> dict[str, Callable[[Assessed], Made]]:
    """What is compared with the program alone: each gives the rig that an oracle would have had."""

    def told(way: str) -> Callable[[Assessed], Made]:
        return lambda item: item.made[way]

    stages = {way: told(way) for way in (AUTO, *STAGES) if way in made}
    if set(DENSITIES) <= set(made):
        stages[COUNT] = lambda item: min((item.made[way] for way in DENSITIES), key=lambda m: _apart(m, item))
    stages[f"{BEST} of {len(proposals)}"] = lambda item: min((item.made[way] for way in proposals), key=lambda m: m.j2j)
    return stages


def _apart(made: Made, item: Assessed) -> float:
    """How far the number of joints is from the artist's: a ratio, 1 when equal."""
    count, truth = max(made.joints, 1), max(item.joints, 1)
    return max(count / truth, truth / count)


def _show_stages(found: Sequence[Assessed], stages: Mapping[str, Callable[[Assessed], Made]]) -> Figures:
    groups = _groups(found)
    table: Figures = {}
    for name, pick in stages.items():
        table[name] = {group: estimate([pick(item).j2j for item in members]) for group, members in groups}
        table[name]["B2B"] = estimate([pick(item).b2b for item in found])
        table[name]["J2J - auto"] = paired([pick(item).j2j for item in found], [item.made[AUTO].j2j for item in found])
    columns = ("J2J - auto", "B2B", ALL, *(group for group, _ in groups if group != ALL))
    rows = [[name, *(_text(line[column]) for column in columns)] for name, line in table.items()]
    show("What each stage costs: J2J when it is told", ("way", *columns), rows)
    return table


def _show_calibration(found: Sequence[Assessed]) -> dict[str, dict[str, Record]]:
    result: dict[str, dict[str, Record]] = {}
    rows: list[list[Cell]] = []
    for what in ("up", "front", "kind"):
        claims = [claim for item in found for claim in item.claims if claim.what == what]
        bins = calibration([claim.certainty for claim in claims], [claim.right for claim in claims])
        result[what] = {f"{bin.low:.1f}": asdict(bin) for bin in bins}
        rows += [_bin_row(what, bin) for bin in bins]
        rows.append([f"{what}: apart by", len(claims), None, None, 100 * calibration_error(bins)])
    show("Certainty and what is observed, percent", ("claim", "count", "certainty", "observed", "apart"), rows)
    return result


def _bin_row(what: str, bin: Bin) -> list[Cell]:
    claimed, held = 100 * bin.certainty, 100 * bin.observed
    return [f"{what} {bin.low:.1f}-{bin.high:.1f}", bin.count, claimed, held, abs(claimed - held)]


def _show_against(found: Sequence[Assessed], earlier: Earlier) -> dict[str, dict[str, Record]]:
    """Paired differences of the way "auto", over the assets that both runs have."""
    result: dict[str, dict[str, Record]] = {AUTO: {}}
    rows: list[list[Cell]] = []
    for name in ("j2j", "b2b", "iou", "up_right", "front_right", "kind_right", "sides_right", "skin_l1", "stretch"):
        pairs = [
            (float(now), float(then))
            for item in found
            if (now := getattr(item.made[AUTO], name)) is not None
            and (then := earlier.get(item.name, {}).get(name)) is not None
        ]
        if not pairs:
            continue
        now, then = zip(*pairs, strict=True)
        change = paired(now, then)
        result[AUTO][name] = asdict(change)
        rows.append([name, change.count, estimate(then).mean, estimate(now).mean, _text(change)])
    show("Beside the earlier release, over the assets of both", ("measure", "assets", "then", "now", "change"), rows)
    return result


def _size(found: Sequence[Assessed], group: str) -> int:
    return sum(group in (ALL, item.kind) for item in found)


def _cells(line: Mapping[str, Estimate], measures: Mapping[str, Measure]) -> list[Cell]:
    return [_text(line[name]) if name in line else None for name in measures]


def _text(figure: Estimate) -> str:
    digits = 2 if abs(figure.mean) < 10 else 1
    return f"{figure.mean:.{digits}f} ±{figure.error:.{digits}f}"


def _plain(table: Figures) -> dict[str, dict[str, Record]]:
    return {row: {name: asdict(figure) for name, figure in line.items()} for row, line in table.items()}
