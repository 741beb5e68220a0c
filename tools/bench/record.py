"""What a benchmark leaves behind: tables for the eye and one JSON file with the circumstances."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

PACKAGES = ("numpy", "scipy", "libigl", "trimesh", "bpy", "compas_cgal", "skeletor", "kimimaro", "scikit-image")

Cell = str | int | float | bool | None
console = Console(width=int(os.environ.get("COLUMNS", "160")), highlight=False)


def circumstances() -> dict[str, Cell | dict[str, str]]:
    """Machine, versions and date."""
    return {
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := installed(name))},
        "date": time.strftime("%Y-%m-%d %H:%M:%S"),
    }


def installed(package: str) -> str:
    """The version of a package, or nothing."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a table; the first column is text, the rest numbers."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", no_wrap=number == 0)
    for row in rows:
        table.add_row(*[_text(cell) for cell in row])
    console.print(table)


def save(path: Path | None, command: str, options: object, results: object) -> None:
    """Write everything as JSON."""
    if path is None:
        return
    content = {"command": command, "options": str(options), "circumstances": circumstances(), "results": results}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, default=str), encoding="utf-8")
    console.print(f"Written to {path}")


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.3g}" if abs(cell) < 10 else f"{cell:.1f}"
    return str(cell)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
