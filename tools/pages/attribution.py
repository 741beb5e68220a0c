"""Write docs/ATTRIBUTION.md: whose models the shipped networks learned from, as their licences ask.

python -m tools.pages.attribution LIBRARY
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "ATTRIBUTION.md"
LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "MIT": "https://opensource.org/license/mit",
}
HEAD = """# Attribution

Bonewright's networks learned from 3D models that other people made and gave away. This page names those whose licence,
or whose courtesy, asks for it. No model is part of Bonewright; what was learned from them is. For training, models were
decimated, welded and turned to face one way, and their skeletons and weights were read as examples. The card beside
each network in `inference/weights/` says which models it learned from.

Besides those below: models by [Quaternius](https://quaternius.com) (CC0-1.0) and the avatars of "VALID: Virtual Avatar
Library for Inclusion and Diversity", (c) 2022 Tiffany Do (MIT).
"""


@dataclass(frozen=True)
class Attribution:
    """Write the page of attributions from a library's ATTRIBUTION.csv."""

    folder: Annotated[Path, tyro.conf.Positional] = Path("../shared/data")
    """The library."""
    out: Path = PAGE
    """The page."""


def page(folder: Path) -> str:
    """The page, from ATTRIBUTION.csv: by licence, then by author. Who is not named there stands by his repository."""
    rows = _table(folder / "ATTRIBUTION.csv")
    repositories = {row["file"]: row["repo"] for row in _table(folder / "SOURCES.csv")}
    by_licence: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        work = _link(row["title"].strip() or Path(row["file"]).stem, row["source_page"].strip())
        author = row["author"].strip() or _of_repository(repositories[row["file"]])
        by_licence[row["licence"]][_author(author)].append(work)
    parts = [HEAD]
    for licence in sorted(by_licence):
        authors = by_licence[licence]
        parts.append(f"\n## {_link(licence, LICENCES.get(licence, ''))}\n\n")
        for author in sorted(authors, key=str.casefold):
            parts.append(f"* {author}: {', '.join(sorted(authors[author], key=str.casefold))}\n")
    return "".join(parts)


def _author(text: str) -> str:
    """A name with a link; the table has them as "Name (https://...)"."""
    found = re.fullmatch(r"(.*) \((https?://[^)]+)\)", text)
    if found:
        return _link(found[1], found[2])
    return _plain(text)


def _of_repository(name: str) -> str:
    return f"the authors of {name} (https://github.com/{name})"


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _link(text: str, address: str) -> str:
    return f"[{_plain(text)}](<{address}>)" if address.startswith("http") else _plain(text)


def _plain(text: str) -> str:
    """Text that Markdown leaves alone."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))


def main(asked: Attribution) -> None:
    """Write the page."""
    asked.out.write_text(page(asked.folder), encoding="utf-8")
    print(asked.out)


if __name__ == "__main__":
    main(tyro.cli(Attribution, description=__doc__))
