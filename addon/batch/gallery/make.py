"""The gallery of a folder of results: pictures and models for what has changed, then the pages over all records."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from ....inference.engine.channels import Facts, Program
from ....inference.engine.killable import Killable, Limits
from ....inference.engine.pool import Pool
from ....inference.errors import BadRequestError, BonewrightError
from ..facts import Record
from .items import Item, item_of
from .pages import write_pages

MARK = "bonewright-gallery.json"  # in a folder that is a gallery: what of it is up to date
DRAWING = 1  # raised when pictures or models of the same result would come out otherwise
SECONDS = 300.0  # for one result


def make_gallery(
    records: dict[str, Record], out: Path, site: Path, worker: Sequence[str], processes: int, memory_mib: float
) -> Path:
    """Write the gallery of `records`, whose results lie in `out`, to the folder `site`; its first page."""
    made = _made_before(site)
    items = [item_of(source, record) for source, record in sorted(records.items())]
    try:
        site.mkdir(parents=True, exist_ok=True)
        notes = _draw_all(items, made, site, worker, processes, memory_mib)
        _remove_others(site, {item.id for item in items})
        (site / MARK).write_text(json.dumps(made), encoding="utf-8")
        return write_pages(items, notes, out, site)
    except OSError as error:
        raise BonewrightError(f"The gallery cannot be written to '{site}': {error.strerror or error}.") from error


def _made_before(site: Path) -> dict[str, str]:
    """Item -> stamp of what was drawn of it. Refuses a folder that is something else."""
    if site.exists() and not (site / MARK).exists() and any(site.iterdir()):
        raise BadRequestError(f"'{site}' is a folder of something else. Name another with --site.")
    with contextlib.suppress(OSError, ValueError):
        return json.loads((site / MARK).read_text(encoding="utf-8"))
    return {}


def _draw_all(
    items: Sequence[Item], made: dict[str, str], site: Path, worker: Sequence[str], processes: int, memory_mib: float
) -> dict[str, str]:
    """Draw what is new or has changed; item -> why there is nothing to see of it."""
    wanted = [item for item in items if item.result is not None and made.get(item.id) != _stamp(item)]
    notes = {item.id: "Only .glb files can be looked at here." for item in items if item.result is None}
    if not wanted:
        return notes

    def draw(process: Killable[Facts, Facts], item: Item) -> tuple[Item, str]:
        strip, model = site / "strips" / f"{item.id}.png", site / "models" / f"{item.id}.js"
        request = {"result": str(item.result), "strip": str(strip), "model": str(model)}
        outcome = process.ask({**request, "facing": item.record.get("facing") or [0.0, -1.0, 0.0]})
        if outcome.value is None:
            return item, f"It could not be drawn: {outcome.reason}"
        return item, "" if outcome.value["model"] else "It is too large to be turned about in a browser."

    limits = Limits(SECONDS, memory_mib=memory_mib)
    with Pool[Facts, Facts](Program(tuple(worker), "The process"), min(processes, len(wanted)), limits) as pool:
        for item, note in pool.run(wanted, draw, ordered=False):
            if note:
                notes[item.id] = note
            else:
                made[item.id] = _stamp(item)
    return notes


def _stamp(item: Item) -> str:
    assert item.result is not None, "there is something to draw"
    state = os.stat(item.result)
    return f"{DRAWING} {state.st_mtime_ns} {state.st_size}"


def _remove_others(site: Path, ids: set[str]) -> None:
    """Pictures and models of what is no longer there."""
    for folder in ("strips", "models"):
        for path in (site / folder).glob("*"):
            if path.stem not in ids:
                path.unlink(missing_ok=True)
