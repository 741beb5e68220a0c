"""Render views of mesh files and generated shapes with headless Blender. See docs/training/views.md.

    python -m tools.render_views chair.obj meshes/ --out out/views
    python -m tools.render_views --family vessels --seeds 0:100 --out out/views --engine cycles --size 137

Run it again after it was stopped: what is there is kept.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from inference.errors import BadRequestError, BonewrightError
from training.rendering.blender_process import why_not
from training.rendering.items import Item, plan_items
from training.rendering.views import Machine, Record, Settings, check, chosen_cameras, claim, render_items, write_json

INTERRUPTED = 130  # what a shell reports for a program stopped by Ctrl-C


@dataclass(frozen=True)
class Options:
    """What to render, and where to."""

    out: Path
    """Folder for the views."""
    inputs: Annotated[tuple[Path, ...], tyro.conf.Positional] = ()
    """Mesh files, or folders of them."""
    family: tuple[str, ...] = ()
    """Families of generated shapes, or their groups."""
    seeds: str = "0:10"
    """Which of the families' shapes: FIRST:END, or one number."""
    address: str | None = None
    """Ray cluster to render on: auto, or ray://machine:10001. All machines must see the same folders."""
    settings: tyro.conf.OmitArgPrefixes[Settings] = field(default_factory=Settings)
    """What decides the pictures."""
    machine: tyro.conf.OmitArgPrefixes[Machine] = field(default_factory=Machine)
    """How the work is spread."""


def render(options: Options) -> int:
    """Render and tell; 0 only if every item has all its views."""
    items = plan_items(options.inputs, options.family, _seeds(options.seeds))
    if options.machine.processes < 1 or options.machine.threads < 0:
        raise BadRequestError("At least one process is needed, and threads are counted from 1 (0: shared).")
    check(options.settings)
    settings = _with_engine(options.settings, options.machine.blender)
    views = len(chosen_cameras(settings))
    claim(options.out, settings)
    started = time.perf_counter()
    records: list[Record] = []
    told: set[str] = set()
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("views", total=views * len(items))
        for record in _records(items, settings, options):
            records.append(record)
            progress.advance(bar, views)
            if record.note and record.note not in told:
                console.print(record.note, style="yellow", markup=False, soft_wrap=True)
                told.add(record.note)
            if record.error:
                console.print(f"failed: {record.error}", style="red", markup=False, soft_wrap=True)
    return _close(options.out, records, time.perf_counter() - started)


def _records(items: Sequence[Item], settings: Settings, options: Options) -> Iterator[Record]:
    if options.address is None:
        return render_items(items, settings, options.out, options.machine)
    from training.rendering.cluster import render_on_cluster

    return render_on_cluster(items, settings, options.out, options.machine, options.address)


def _with_engine(settings: Settings, blender: str) -> Settings:
    """Cycles where Workbench cannot draw, said aloud. Raises BonewrightError where neither can."""
    reason = why_not(settings.engine, blender)
    if not reason:
        return settings
    if settings.engine == "workbench":
        print(f"Workbench cannot draw here ({reason}). Cycles is used instead.", file=sys.stderr)
        return _with_engine(replace(settings, engine="cycles"), blender)
    raise BonewrightError(f"Blender cannot render with {settings.engine} here: {reason}")


def _close(out: Path, records: Sequence[Record], seconds: float) -> int:
    """Write the report, say how it went and give the exit code."""
    failed = {record.name: record.error for record in records if record.error}
    rendered, kept = sum(record.rendered for record in records), sum(record.kept for record in records)
    write_json(out / "report.json", {"items": len(records), "rendered": rendered, "kept": kept, "failed": failed})
    speed = f" in {seconds:.1f} s ({rendered / seconds:.1f} a second)" if rendered else ""
    print(f"{rendered} views rendered{speed}, {kept} kept, {len(failed)} of {len(records)} items failed. {out}")
    return 1 if failed else 0


def _seeds(text: str) -> range:
    try:
        first, mark, end = text.partition(":")
        return range(int(first), int(end) if mark else int(first) + 1)
    except ValueError:
        raise BadRequestError(f"'{text}' does not say which seeds. Write FIRST:END, such as 0:100.") from None


def main() -> int:
    """The command."""
    options = tyro.cli(Options, description=__doc__)
    try:
        return render(options)
    except BonewrightError as error:
        print(f"python -m tools.render_views: {error}", file=sys.stderr)
        return 2 if isinstance(error, BadRequestError) else 1
    except KeyboardInterrupt:
        print("python -m tools.render_views: stopped. The same command goes on.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
