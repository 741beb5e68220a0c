"""ShapeNetCore v1 and v2, and the renderings of 3D-R2N2.

    SYNSET/MODEL/model.obj                                          version 1: Y up, facing +X
    SYNSET/MODEL/models/model_normalized.obj                        version 2: Y up, facing -Z
    taxonomy.json                                                   names of the synsets
    ShapeNetRendering/SYNSET/MODEL/rendering/00.png ... 23.png      137 pixels, made from version 1
    ShapeNetRendering/SYNSET/MODEL/rendering/rendering_metadata.txt a line for each: azimuth, elevation, roll, share of
                                                                    the distance 1.75, and a field of view (see below)
    all.csv (synsetId, modelId, split), *split*.json (split -> synset -> model), or SYNSET/train.lst, val.lst, test.lst

The field of view in the metadata, 25 degrees, is not the one that was rendered with: that was Blender's lens of 35 mm
before a sensor of 32 mm. Version 2 is scaled and centred differently, so its views have no camera. Some models of
version 1 are known to be mirrored; nothing in the files says which.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from .common import (
    NO_SPLIT,
    SPLIT_WORDS,
    CameraView,
    Frame,
    Item,
    Pinhole,
    Skipped,
    look_at,
    need_folder,
    not_found,
    read_json,
    read_table,
)
from .mesh_files import read_mesh_file

NAME = "ShapeNet"
LAYOUT = "a folder with SYNSET/MODEL/model.obj (v1) or SYNSET/MODEL/models/model_normalized.obj (v2), or one with \
ShapeNetCore.v1 or ShapeNetCore.v2 and ShapeNetRendering in it"
VERSION_1 = Frame(up=(0, 1, 0), forward=(1, 0, 0), source="stated")
VERSION_2 = Frame(up=(0, 1, 0), forward=(0, 0, -1), source="stated")
CATEGORIES = {
    "02691156": "plane",
    "02828884": "bench",
    "02933112": "cabinet",
    "02958343": "car",
    "03001627": "chair",
    "03211117": "monitor",
    "03636649": "lamp",
    "03691459": "speaker",
    "04090263": "rifle",
    "04256520": "sofa",
    "04379243": "table",
    "04401088": "phone",
    "04530566": "vessel",
}
FARTHEST = 1.75  # what the metadata's shares of the distance are shares of
LENS, SENSOR = 35.0, 32.0  # millimetres


def list_items(folder: Path, skipped: list[Skipped]) -> Iterator[Item]:
    """All models, sorted by synset and name; an item's name is SYNSET/MODEL."""
    need_folder(folder, NAME, LAYOUT)
    inner = [folder, folder / "ShapeNetCore.v1", folder / "ShapeNetCore.v2"]
    renderings = next(
        (
            path
            for path in (folder / "ShapeNetRendering", folder.parent / "ShapeNetRendering", folder)
            if path.name == "ShapeNetRendering" and _synsets(path)
        ),
        None,
    )
    models = next((path for path in inner if path != renderings and _synsets(path)), None)
    if models is None and renderings is None:
        raise not_found(folder, NAME, LAYOUT)
    return _listed(models, renderings, _names(folder, models), _splits(folder, models), skipped)


def _listed(
    models: Path | None,
    renderings: Path | None,
    names: dict[str, str],
    splits: dict[str, str],
    skipped: list[Skipped],
) -> Iterator[Item]:
    roots = [root for root in (models, renderings) if root is not None]
    for synset in sorted({path.name for root in roots for path in _synsets(root)}):
        known = {path.name for root in roots for path in (root / synset).glob("*/")}
        for model in sorted(known):
            name = f"{synset}/{model}"
            item = _item(name, models, renderings, names.get(synset, synset), splits.get(model, NO_SPLIT), skipped)
            if item is not None:
                yield item


def _item(
    name: str, models: Path | None, renderings: Path | None, category: str, split: str, skipped: list[Skipped]
) -> Item | None:
    if models is None:
        views = _views(name, renderings, VERSION_1, skipped)
        return Item(name, split, category, VERSION_1, views=views) if views else None
    for path, frame in (
        (models / name / "model.obj", VERSION_1),
        (models / name / "models" / "model_normalized.obj", VERSION_2),
    ):
        if path.is_file():
            views = _views(name, renderings or models, frame, skipped)
            return Item(name, split, category, frame, partial(read_mesh_file, path, frame, name), views=views)
    skipped.append(Skipped(name, "neither 'model.obj' nor 'models/model_normalized.obj' is there"))
    return None


def _views(name: str, renderings: Path | None, frame: Frame, skipped: list[Skipped]) -> tuple[CameraView, ...]:
    """The pictures that are there; each that is missing or unreadable is told."""
    folder = None if renderings is None else renderings / name / "rendering"
    if folder is None or not folder.is_dir():
        return ()
    try:
        lines = (folder / "rendering_metadata.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        skipped.append(Skipped(f"{name}/rendering", "'rendering_metadata.txt' is missing or unreadable"))
        return ()
    there = {path.name for path in folder.iterdir()}
    size: tuple[int, int] | None = None
    views = []
    for i, line in enumerate(line for line in lines if line.strip()):
        picture = f"{i:02d}.png"
        try:
            if picture not in there:
                raise ValueError("it is missing")
            size = size or _png_size(folder / picture)
            camera = r2n2_camera(line, *size) if frame is VERSION_1 else None
        except (OSError, ValueError, struct.error) as error:
            skipped.append(Skipped(f"{name}/rendering/{picture}", str(error)))
            continue
        views.append(CameraView(folder / picture, camera=camera))
    return tuple(views)


def r2n2_camera(line: str, width: int, height: int) -> Pinhole:
    """A line of rendering_metadata.txt as a camera around version 1's model in this project's frame."""
    words = line.split()
    if len(words) != 5:
        raise ValueError(f"its line of metadata has {len(words)} numbers instead of 5")
    azimuth, elevation, _, share, _ = (float(word) for word in words)
    a, e = np.radians(azimuth), np.radians(elevation)
    # At azimuth 0 the camera is in front of the model; it then goes round to the model's right.
    position = FARTHEST * share * np.array([-np.cos(e) * np.sin(a), -np.cos(e) * np.cos(a), np.sin(e)])
    if not 0 < float(np.linalg.norm(position)) < np.inf or abs(elevation) >= 90:
        raise ValueError("its line of metadata is no viewpoint")
    return Pinhole(
        width, height, LENS / SENSOR * max(width, height), (width / 2, height / 2), look_at(position, np.zeros(3))
    )


def _png_size(path: Path) -> tuple[int, int]:
    with path.open("rb") as file:
        start = file.read(24)
    if start[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("it is no PNG")
    width, height = struct.unpack(">II", start[16:24])
    return width, height


def _synsets(root: Path) -> list[Path]:
    return [path for path in root.glob("*/") if re.fullmatch(r"\d{8}", path.name)] if root.is_dir() else []


def _places(folder: Path, models: Path | None) -> list[Path]:
    return list(dict.fromkeys([folder, models or folder, folder.parent]))


def _names(folder: Path, models: Path | None) -> dict[str, str]:
    """Synset -> category; outside the 13 the first of the taxonomy's words."""
    names: dict[str, str] = {}
    for place in _places(folder, models):
        if (place / "taxonomy.json").is_file():
            document = read_json(place / "taxonomy.json")
            entries = document if isinstance(document, list) else []
            names = {entry["synsetId"]: entry["name"].split(",")[0] for entry in entries if "synsetId" in entry}
            break
    return names | CATEGORIES


def _splits(folder: Path, models: Path | None) -> dict[str, str]:
    """Model -> split, from the first place where there is a list of any kind."""
    for place in _places(folder, models):
        found: dict[str, str] = {}
        for path in [place / "all.csv", *sorted(place.glob("*split*.csv"))]:
            rows = read_table(path) if path.is_file() else []
            found |= {
                row["modelId"]: SPLIT_WORDS.get(row.get("split", ""), NO_SPLIT) for row in rows if "modelId" in row
            }
        for path in sorted(place.glob("*split*.json")):
            found |= _splits_of_json(read_json(path))
        for synset in _synsets(place):
            for word, split in SPLIT_WORDS.items():
                if (synset / f"{word}.lst").is_file():
                    found |= dict.fromkeys((synset / f"{word}.lst").read_text(encoding="utf-8").split(), split)
        if found:
            return found
    return {}


def _splits_of_json(document: object) -> dict[str, str]:
    """split -> synset -> models, or model -> views. A few models have views in two splits: most views decide."""
    best: dict[str, tuple[int, str]] = {}
    for word, synsets in document.items() if isinstance(document, dict) else ():
        for models in synsets.values() if isinstance(synsets, dict) and word in SPLIT_WORDS else ():
            for model in models:
                count = len(models[model]) if isinstance(models, dict) else 1
                if model not in best or count > best[model][0]:
                    best[model] = count, SPLIT_WORDS[word]
    return {model: split for model, (_, split) in best.items()}
