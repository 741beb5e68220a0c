"""Put zips into a folder and have Blender write the list of them, which is all that a repository is."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

INDEX = "index.json"
_NAME = re.compile(r"(?P<id>[a-z_]+)-(?P<version>\d+\.\d+\.\d+)(?P<platform>(-[a-z0-9-]+)?)\.zip")


def publish(zips: Sequence[Path], beside: Iterable[Path], folder: Path, blender: str) -> Path:
    """A repository of these zips in `folder`, with the files `beside` them; returns its list, index.json.

    An older version of the same zip goes: Blender offers whatever is listed, and there is one newest version. The list
    is replaced when all it names is there, and nothing is when Blender finds a zip wanting.
    """
    folder.mkdir(parents=True, exist_ok=True)
    beside = list(beside)
    older = [path for path in folder.glob("*.zip") if _is_older(path, zips)]
    new = _names([*zips, *beside])
    others = [path for path in sorted(folder.glob("*.zip")) if path not in older and path.name not in new]
    others = [path for path in others if _is_extension(path)]
    with TemporaryDirectory(prefix=".list-", dir=folder) as name:
        place = Path(name)
        for path in zips:
            shutil.copyfile(path, place / path.name)
        for path in others:
            _link(path, place / path.name)
        _list(place, blender)
        _check(place, zips)
        for path in beside:
            shutil.copyfile(path, place / path.name)
        for page in (*new, "index.html", INDEX):
            (place / page).replace(folder / page)
    for path in older:
        path.unlink()
    return folder / INDEX


def _names(files: Iterable[Path]) -> list[str]:
    return [path.name for path in files]


def _is_extension(path: Path) -> bool:
    """Not the weights file, or whatever else lies there."""
    with zipfile.ZipFile(path) as archive:
        return "blender_manifest.toml" in archive.namelist()


def _is_older(path: Path, zips: Sequence[Path]) -> bool:
    """Another version of one of `zips`, for the same system."""
    found = _NAME.fullmatch(path.name)
    if found is None or path.name in _names(zips):
        return False
    new = [_NAME.fullmatch(item.name) for item in zips]
    return any(item and (item["id"], item["platform"]) == (found["id"], found["platform"]) for item in new)


def _link(path: Path, place: Path) -> None:
    """The same file in another place, without another copy where that is possible."""
    try:
        os.link(path, place)
    except OSError:
        shutil.copyfile(path, place)


def _list(place: Path, blender: str) -> None:
    """Blender's own generator reads the manifest of each zip and writes index.json, and a page for browsers."""
    command = [*shlex.split(blender), "--command", "extension", "server-generate", "--repo-dir", str(place), "--html"]
    if subprocess.run(command).returncode:
        raise SystemExit("Blender could not list the zips. What it said stands above.")


def _check(folder: Path, zips: Sequence[Path]) -> None:
    """Refuse a list that does not name what was put there: who installs from it would get something else."""
    listed = {Path(entry["archive_url"]).name for entry in json.loads((folder / INDEX).read_text())["data"]}
    if missing := {path.name for path in zips} - listed:
        raise SystemExit(f"Blender's list lacks {', '.join(sorted(missing))}. What it said stands above.")
