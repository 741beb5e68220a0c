"""MedShapeNet: organs, bones and vessels as STL files named ID_ORGAN.

    s0001_liver.nii.g_1.stl, s0238_femur_right.nii.g_1.stl, 000000_tumoredbrain.stl     flat or in folders by organ

The category is the organ, without its side and number. Where a file's name holds no organ, its folder does.
Frame: Z towards the head, in millimetres, in those that stem from scans; whether x and y follow NIfTI (assumed here:
+X right, +Y front) differs between the collection's sources and no file says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .common import NO_SPLIT, Frame, Item, Skipped, need_folder, not_found
from .mesh_files import mesh_paths, read_mesh_file

NAME = "MedShapeNet"
LAYOUT = "a folder with STL or OBJ files named ID_ORGAN, flat or in one folder for each organ"
FRAME = Frame(up=(0, 0, 1), forward=(0, 1, 0), source="assumed")


def list_items(folder: Path, skipped: list[Skipped]) -> Iterator[Item]:
    """Every mesh below `folder`, sorted by path; a name is the path without its ending."""
    need_folder(folder, NAME, LAYOUT)
    paths = mesh_paths(folder)
    if not paths:
        raise not_found(folder, NAME, LAYOUT)
    return _listed(folder, paths, skipped)


def organ_of(stem: str) -> str:
    """The organ in a file's name, or nothing: "s0238_femur_right.nii.g_1" -> "femur"."""
    plain = re.sub(r"\.nii(\.gz?)?(_\d+)?$", "", stem)
    found = re.fullmatch(r"(?:s?\d+)_(.*[A-Za-z].*)", plain)
    if not found:
        return ""
    return re.sub(r"_(left|right|l|r|\d+)$", "", found[1], flags=re.IGNORECASE).lower()


def _listed(folder: Path, paths: list[Path], skipped: list[Skipped]) -> Iterator[Item]:
    for path in paths:
        name = str(path.relative_to(folder).with_suffix(""))
        if path.stat().st_size == 0:
            skipped.append(Skipped(name, "the file is empty"))
            continue
        split = next(
            (part for part in path.relative_to(folder).parts[:-1] if part in ("train", "val", "test")), NO_SPLIT
        )
        inner = path.parent.name if path.parent not in (folder, folder / split) else ""
        category = organ_of(path.stem) or inner.lower() or "unknown"
        yield Item(name, split, category, FRAME, load_mesh=partial(read_mesh_file, path, FRAME, name))
