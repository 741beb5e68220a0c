"""Write docs/map.md: every file of the house with the first line of its docstring, folder by folder.

python -m tools.pages.map
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "map.md"
FLOORS = ("inference", "addon", "training", "tools")
HEAD = """# Map

Every file and what it is for: the first lines of the docstrings, written by `python -m tools.pages.map`. Click on a
folder to open it. [architecture.md](architecture.md) says how the folders hang together.
"""


def page() -> str:
    """The map: a foldable list a folder, in the order of the floors."""
    parts = [HEAD]
    for floor in FLOORS:
        parts.append(f"\n## {floor}/\n")
        parts += [_room(folder) for folder in folders(ROOT / floor)]
    return "".join(parts)


def folders(floor: Path) -> Iterator[Path]:
    """A folder and all in it that hold code, sorted."""
    yield from sorted({floor, *(path.parent for path in floor.rglob("*.py"))})


def purpose(path: Path) -> str:
    """The first line of a file's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return text.splitlines()[0] if text else ""


def _room(folder: Path) -> str:
    name, own = folder.relative_to(ROOT).as_posix(), folder / "__init__.py"
    about = purpose(own) if own.exists() else ""
    files = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    lines = [f"* [{path.name}](../{name}/{path.name}): {_plain(purpose(path))}\n" for path in files]
    title = f"<b>{name}/</b> {_escaped(about)}".rstrip()
    return f"\n<details><summary>{title}</summary>\n\n{''.join(lines)}\n</details>\n"


def _plain(text: str) -> str:
    """Text that Markdown leaves alone outside of code."""
    return text if "`" in text else _escaped(text).replace("*", "\\*").replace("_", "\\_")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
