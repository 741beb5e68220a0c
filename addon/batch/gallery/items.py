"""What a gallery is of: a record, and the result that can be drawn."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..facts import Record

SHOWN = (".glb", ".gltf")


@dataclass(frozen=True)
class Item:
    """A record of the gallery."""

    id: str  # names its files
    source: str
    record: Record
    result: Path | None  # what is drawn


def item_of(source: str, record: Record) -> Item:
    """The item of one record."""
    outputs = record.get("outputs")
    found = [Path(str(path)) for path in outputs] if isinstance(outputs, list) and record["status"] == "ok" else []
    shown = next((path for path in found if path.suffix.lower() in SHOWN and path.is_file()), None)
    return Item(hashlib.sha256(source.encode()).hexdigest()[:16], source, record, shown)
