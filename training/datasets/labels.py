"""What people found out about the files of the library: what each joint is, the body plan, and who made the file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

VALID = "VALID"
OWN_PACKS = {"valid-avatars-glb": VALID}  # the end of a repository's name -> its one artist
LICENCES = "CC-BY-4.0 (the artists in docs/ATTRIBUTION.md), CC0-1.0 (Quaternius and others), MIT (VALID avatars)"
PACKS = "Quaternius"  # who made every other file that owes no attribution


FIGURES = "figures"  # the generators, as an artist


@dataclass(frozen=True)
class Known:
    """A line of labels/joints.csv."""

    plan: str  # biped, quadruped, bird, ...: see the library's README
    front: bool  # whether it has one; then it faces +Z in the file
    pose: str  # of the bind
    labels: tuple[str, ...]  # (J,) in the order of the skin's joints


@lru_cache(maxsize=4)
def read_known(folder: Path) -> dict[str, Known]:
    """By the file's name without its ending; empty where the folder has no labels."""
    table = folder / "labels" / "joints.csv"
    if not table.exists():
        return {}
    with table.open(newline="", encoding="utf-8") as lines:
        return {
            Path(row["file"]).stem: Known(row["plan"], row["front"] == "+Z", row["pose"], tuple(row["labels"].split()))
            for row in csv.DictReader(lines)
        }


@lru_cache(maxsize=4)
def read_artists(folder: Path) -> dict[str, str]:
    """Who made each file, by its name without its ending. An unnamed artist is called after the repository."""
    artists: dict[str, str] = {}
    for table, column in (("SOURCES.csv", "repo"), ("ATTRIBUTION.csv", "author")):
        if not (folder / table).exists():
            continue
        with (folder / table).open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                name = Path(row["file"]).stem
                artists[name] = row[column] or f"of {artists.get(name, name)}"
    named = attributed_files(folder)
    return {
        name: artist if name in named else OWN_PACKS.get(artist.rpartition("/")[2], PACKS)
        for name, artist in artists.items()
    }


@lru_cache(maxsize=4)
def attributed_files(folder: Path) -> frozenset[str]:
    """Names, without ending, of the files whose artists are named in ATTRIBUTION.csv: what many artists made."""
    table = folder / "ATTRIBUTION.csv"
    if not table.exists():
        return frozenset()
    with table.open(newline="", encoding="utf-8") as lines:
        return frozenset(Path(row["file"]).stem for row in csv.DictReader(lines))
