"""Readers of what researchers have on disk, one file for each data set. What they share is in common.py.

Each `list_items(folder, skipped)` gives the items in a fixed order and adds to `skipped`, by name, what is missing;
an item whose files are damaged says so when it is read (`read_parts` collects those too).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from . import articulation_xl, cow, imagecas, medshapenet, pix3d, rignet, shapenet
from .common import Item, Reader, Skipped, named_once

READERS: dict[str, Reader] = {
    "shapenet": shapenet.list_items,
    "rignet": rignet.list_items,
    "articulation-xl": articulation_xl.list_items,
    "medshapenet": medshapenet.list_items,
    "cow": cow.list_items,
    "imagecas": imagecas.list_items,
    "pix3d": pix3d.list_items,
}


def list_items(name: str, folder: Path, skipped: list[Skipped]) -> Iterator[Item]:
    """The items of a data set of the format `name`, no two of one name."""
    return named_once(READERS[name](folder, skipped), skipped)


FORMATS: dict[str, Reader] = {name: partial(list_items, name) for name in READERS}
