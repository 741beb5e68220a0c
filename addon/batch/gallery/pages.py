"""The pages of a gallery: one document, its script and style, and the records in pieces that load when they are needed.

A page that is opened from a disk may run scripts and show pictures, but read no files: all data are scripts.
"""

from __future__ import annotations

import html
import json
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from string import Template
from urllib.parse import quote

from ....inference.files import write_whole
from ..facts import Record
from .items import Item

HERE = Path(__file__).resolve().parent / "site"
VIEWER = HERE / "model-viewer-umd.min.js"  # put there by tools/viewer; part of the wheel
_BONES = re.compile(r"'[^']*'(, '[^']*')*( …)?")
A_PIECE = 200  # records of which the details are in one file


def write_pages(items: Sequence[Item], notes: dict[str, str], out: Path, site: Path) -> Path:
    """Everything but pictures and models; the first page."""
    rows = [_row(item, site) for item in items]
    has_viewer = VIEWER.is_file()
    for old in (site / "data").glob("details-*.js"):
        old.unlink()
    _write(site / "data" / "index.js", f"bonewright.index({_js(_columns(rows))});\n")
    for piece in range(0, len(items), A_PIECE):
        details = [_details(item, notes.get(item.id, ""), out, site) for item in items[piece : piece + A_PIECE]]
        _write(site / "data" / f"details-{piece // A_PIECE}.js", f"bonewright.details({piece}, {_js(details)});\n")
    for name in ("gallery.js", "gallery.css"):
        write_whole(site / name, (HERE / name).read_bytes())
    if has_viewer:
        write_whole(site / VIEWER.name, VIEWER.read_bytes())
    words = {
        "title": out.name or str(out),
        "rigged": sum(item.record["status"] == "ok" for item in items),
        "failed": sum(item.record["status"] != "ok" for item in items),
        "made": time.strftime("%Y-%m-%d %H:%M"),
        "a_piece": A_PIECE,
        "has_viewer": "true" if has_viewer else "false",
    }
    page = Template((HERE / "index.html").read_text(encoding="utf-8"))
    page = page.substitute({name: html.escape(str(word)) for name, word in words.items()})
    _write(site / "index.html", page)
    return site / "index.html"


def _row(item: Item, site: Path) -> Record:
    """What cards, filters and charts need of a record."""
    record, warnings = item.record, item.record.get("warnings")
    messages = [str(warning["message"]) for warning in warnings] if isinstance(warnings, list) else []
    status = "ok" if record["status"] == "ok" else "quarantined" if record.get("quarantined") else "failed"
    bones = record.get("bones")
    return {
        "id": item.id,
        "name": Path(item.source).name,
        "status": status,
        "kind": record.get("kind") or "",
        "verdict": record.get("verdict") or "",
        "certainty": record.get("certainty"),
        "score": record.get("score"),
        "seconds": record.get("seconds"),
        "bones": len(bones) if isinstance(bones, list) else 0,
        "vertices": record.get("vertices") or 0,
        "error": str(record.get("error_type") or ""),
        "warnings": [_subject(message) for message in messages],
        "strip": int((site / "strips" / f"{item.id}.png").is_file()),
        "model": int((site / "models" / f"{item.id}.js").is_file()),
    }


def _columns(rows: Sequence[Record]) -> dict[str, list]:
    names = list(rows[0]) if rows else []
    return {name: [row[name] for row in rows] for name in names}


def _subject(message: str) -> str:
    """What a warning is about, without names and numbers: warnings of one sort are counted together."""
    nameless = _BONES.sub("a bone", message)
    return re.sub(r"\d+", "N", nameless.partition(". ")[0].rstrip("."))[:100].capitalize()


def _details(item: Item, note: str, out: Path, site: Path) -> Record:
    """What the side panel shows: everything of the record but what is there for later runs."""
    kept = {key: value for key, value in item.record.items() if key not in ("key", "outputs", "picture")}
    outputs = item.record.get("outputs")
    links = [_link(str(path), site) for path in outputs] if isinstance(outputs, list) else []
    return {
        **kept,
        "input": item.source,
        "source": _link(item.source.partition("#")[0], site),
        "results": links,
        "note": note,
    }


def _link(path: str, site: Path) -> dict[str, str]:
    """A name and where it leads from the site; a folder that is moved with its results keeps its links."""
    if "://" in path:
        return {"name": path, "href": path}
    relative = os.path.relpath(path, site)
    return {"name": Path(path).name, "href": quote(relative.replace(os.sep, "/"))}


def _js(value: object) -> str:
    """JSON that may stand in a script."""
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/").replace("\u2028", "\\u2028")
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())
