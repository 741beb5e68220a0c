"""ImageCAS: coronary arteries of 1,000 CT angiographies.

    1.img.nii.gz, 1.label.nii.gz     in any folder below; the label is 1 in the arteries
    imageCAS_data_split.csv          the workbook of the download, saved as CSV: FileName (or id), Split-1 ... Split-4

Frame: the scanner's, as the NIfTI headers say it, in millimetres.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .common import NO_SPLIT, SPLIT_WORDS, Item, Skipped, by_number, need_folder, not_found, read_table
from .label_volumes import SCANNER, read_surface

NAME = "ImageCAS"
LAYOUT = "a folder with NUMBER.label.nii.gz files, the scans NUMBER.img.nii.gz beside them or not"
LABEL, IMAGE = ".label.nii.gz", ".img.nii.gz"


def list_items(folder: Path, skipped: list[Skipped], fold: int = 1) -> Iterator[Item]:
    """The trees, sorted by number, with the split of the given fold (1 to 4) where a table says it."""
    need_folder(folder, NAME, LAYOUT)
    labels: dict[str, Path] = {}
    for path in sorted(folder.rglob(f"*{LABEL}")):
        if labels.setdefault(path.name.removesuffix(LABEL), path) is not path:
            skipped.append(Skipped(str(path.relative_to(folder)), f"there is another '{path.name}' before it"))
    scans = {path.name.removesuffix(IMAGE) for path in folder.rglob(f"*{IMAGE}")}
    if not labels and not scans:
        raise not_found(folder, NAME, LAYOUT)
    names = sorted(labels.keys() | scans, key=by_number)
    return _listed(names, labels, _splits(folder, fold), skipped)


def _listed(
    names: list[str], labels: dict[str, Path], splits: dict[str, str], skipped: list[Skipped]
) -> Iterator[Item]:
    for name in names:
        if name not in labels:
            skipped.append(Skipped(name, f"'{name}{LABEL}' is missing"))
            continue
        load_mesh = partial(read_surface, labels[name], name)
        yield Item(name, splits.get(name, NO_SPLIT), "coronary arteries", SCANNER, load_mesh=load_mesh)


def _splits(folder: Path, fold: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*split*.csv")):
        for row in read_table(path):
            name = row.get("FileName") or row.get("id") or ""
            word = row.get(f"Split-{fold}") or row.get(f"fold_{fold}") or ""
            if name and word.lower() in SPLIT_WORDS:
                found[name] = SPLIT_WORDS[word.lower()]
    return found
