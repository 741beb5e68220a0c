"""Pix3D: photographs with masks, the model that is in them, and how it stands before the camera.

    pix3d.json                          a list; of each entry: img, mask, model, category, img_size, rot_mat, trans_mat,
                                        focal_length, bbox, truncated, occluded, slightly_occluded
    img/bed/0001.png, mask/bed/0001.png, model/bed/IKEA_BEDDINGE/model.obj
    pix3d_s1_train.json, pix3d_s1_test.json (or s2)       Mesh R-CNN's splits, where they lie beside it

A model has Y up and is seen from -Z, so it faces -Z. The camera stands at the origin with a sensor 32 mm wide; its
x and y point left and up: rot_mat and trans_mat bring the model before it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from .common import (
    NO_SPLIT,
    CameraView,
    DamagedSourceError,
    Frame,
    Item,
    NoSourceError,
    Pinhole,
    Skipped,
    damage_named,
    need_folder,
    not_found,
    read_json,
)
from .mesh_files import read_mesh_file

NAME = "Pix3D"
LAYOUT = "a folder with pix3d.json, img/, mask/ and model/"
FRAME = Frame(up=(0, 1, 0), forward=(0, 0, -1), source="stated")
SENSOR = 32.0  # millimetres
TAGS = ("truncated", "occluded", "slightly_occluded")


def list_items(folder: Path, skipped: list[Skipped], splits: str = "s1") -> Iterator[Item]:
    """The photographs in the order of pix3d.json, each with its model; `splits` is Mesh R-CNN's s1 or s2."""
    table = need_folder(folder, NAME, LAYOUT) / "pix3d.json"
    if not table.is_file():
        raise not_found(folder, NAME, LAYOUT)
    entries = read_json(table)
    if not isinstance(entries, list) or not entries:
        raise NoSourceError(f"'{table}' is no list of photographs. Download it again.")
    return _listed(folder, entries, _splits(folder, splits), skipped)


def _listed(folder: Path, entries: list[object], splits: dict[str, str], skipped: list[Skipped]) -> Iterator[Item]:
    seen: Counter[str] = Counter()
    for i, entry in enumerate(entries):
        picture = entry.get("img") if isinstance(entry, dict) else None
        name = str(Path(picture).with_suffix("")).removeprefix("img/") if isinstance(picture, str) else f"entry {i}"
        seen[name] += 1
        name = name if seen[name] == 1 else f"{name}#{seen[name]}"
        try:
            with damage_named(name):
                if not isinstance(entry, dict):
                    raise ValueError("its entry in pix3d.json is no record")
                item = _item(folder, name, entry, splits.get(str(picture), NO_SPLIT))
        except DamagedSourceError as damage:
            skipped.append(Skipped(damage.name, damage.reason))
            continue
        yield item


def _item(folder: Path, name: str, entry: dict[str, object], split: str) -> Item:
    image, mask, model = (folder / str(entry[key]) for key in ("img", "mask", "model"))
    missing = [str(path.relative_to(folder)) for path in (image, mask, model) if not path.is_file()]
    if missing:
        raise ValueError(f"'{', '.join(missing)}' is missing")
    left, top, right, bottom = (float(side) for side in np.asarray(entry["bbox"], np.float64))
    view = CameraView(image, mask, _camera(entry), (left, top, right, bottom))
    return Item(
        name,
        split,
        str(entry["category"]),
        FRAME,
        load_mesh=partial(read_mesh_file, model, FRAME, name),
        views=(view,),
        tags=frozenset(tag.replace("_", " ") for tag in TAGS if str(entry.get(tag, "false")).lower() == "true"),
    )


def _camera(entry: dict[str, object]) -> Pinhole:
    width, height = (int(side) for side in np.asarray(entry["img_size"]))
    turn = np.asarray(entry["rot_mat"], np.float64)
    shift = np.asarray(entry["trans_mat"], np.float64).reshape(-1)
    focal = float(np.asarray(entry["focal_length"], np.float64)) / SENSOR * width
    if turn.shape != (3, 3) or shift.shape != (3,) or not np.allclose(turn @ turn.T, np.eye(3), atol=1e-3):
        raise ValueError("its rot_mat and trans_mat are no placement")
    if not (math.isfinite(focal) and focal > 0):
        raise ValueError("its focal_length is not above 0")
    flip = np.diag([-1.0, -1.0, 1.0])  # left and up become right and down
    pose = np.concatenate([flip @ turn @ FRAME.rotation.T, (flip @ shift)[:, None]], 1)
    return Pinhole(width, height, focal, (width / 2, height / 2), pose)


def _splits(folder: Path, which: str) -> dict[str, str]:
    """Photograph -> split; Mesh R-CNN's files list the photographs as COCO does."""
    found: dict[str, str] = {}
    for split in ("train", "val", "test"):
        path = folder / f"pix3d_{which}_{split}.json"
        document = read_json(path) if path.is_file() else {}
        for picture in document.get("images", ()) if isinstance(document, dict) else ():
            found[picture["file_name"]] = split
    return found
