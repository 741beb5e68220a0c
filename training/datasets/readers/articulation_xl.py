"""Articulation-XL 2.0: rigged models of Objaverse-XL in a few large .npz files.

`articulation_xlv2_train.npz` and `..._test.npz` (and the diverse-pose files) each hold one array of dicts:
vertices, faces, normals, joints, bones (pairs of joints), root_index, uuid, pc_w_norm, joint_names and the weights as
skinning_weights_value, _row, _col and _shape. A table with uuid and category_label may lie beside them.

Frame: mixed. Most models have Y up and face +Z, others Z up and face -Y, and nothing in the file says which; names of
joints tell where they can, and an item's `frame.source` says so. Meshes fit a cube of side 1 around the origin.

An item holds the arrays of its model: go through them once and keep what is needed, not the items.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from inference.anatomy import Mesh
from training.datasets.rigged_glb import RiggedAsset

from .common import (
    NO_SPLIT,
    DamagedSourceError,
    Frame,
    Item,
    Skipped,
    checked_mesh,
    damage_named,
    need_folder,
    not_found,
    read_table,
)
from .object_records import stream_records
from .rigs import frame_by_joints, parents_of, rigged_asset

NAME = "Articulation-XL 2.0"
LAYOUT = "a folder with articulation_xlv2_train.npz, articulation_xlv2_test.npz or .npz files of single models"
Record = Mapping[str, object]


def list_items(folder: Path, skipped: list[Skipped]) -> Iterator[Item]:
    """The models of every .npz file below `folder`, file by file, in the files' order."""
    files = sorted(need_folder(folder, NAME, LAYOUT).rglob("*.npz"))
    if not files:
        raise not_found(folder, NAME, LAYOUT)
    categories = _categories(folder)
    return (item for path in files for item in _of_file(path, categories, skipped))


def _of_file(path: Path, categories: dict[str, str], skipped: list[Skipped]) -> Iterator[Item]:
    split = next((word for word in ("train", "test", "val") if word in path.stem.lower()), NO_SPLIT)
    read = 0
    try:
        for record in _records(path):
            name = str(record.get("uuid", f"{path.stem}#{read}"))
            read += 1
            try:
                yield _item(record, name, split, categories.get(name, "unknown"))
            except DamagedSourceError as damage:
                skipped.append(Skipped(name, damage.reason))
    except (ValueError, EOFError, KeyError, OSError, zlib.error, zipfile.BadZipFile) as error:
        skipped.append(Skipped(path.name, f"damaged after {read} models ({error or type(error).__name__})"))


def _records(path: Path) -> Iterator[Record]:
    with zipfile.ZipFile(path) as archive:
        single = "vertices.npy" in archive.namelist()
    if not single:
        yield from stream_records(path, "vertices")
        return
    with np.load(path, allow_pickle=False) as arrays:
        record: dict[str, object] = {key: arrays[key] for key in arrays.files}
    record.setdefault("uuid", path.stem)
    yield record


def _item(record: Record, name: str, split: str, category: str) -> Item:
    with damage_named(name):
        names, joints = _joints(record)
        vertices = _table(record, "vertices", 3)
        if len(vertices) == 0:
            raise ValueError("it has no vertex")
        frame = frame_by_joints(names, joints, np.stack([vertices.min(0), vertices.max(0)]))

    what = name, split, category, record, frame
    return Item(name, split, category, frame, partial(_read_mesh, name, record, frame), partial(_read_rig, *what))


def _read_mesh(name: str, record: Record, frame: Frame) -> Mesh:
    with damage_named(name):
        mesh = checked_mesh(_table(record, "vertices", 3), _table(record, "faces", 3).astype(np.int64))
        return Mesh(frame.apply(mesh.vertices), mesh.triangles)


def _read_rig(name: str, split: str, category: str, record: Record, frame: Frame) -> RiggedAsset:
    mesh = _read_mesh(name, record, frame)
    with damage_named(name):
        names, joints = _joints(record)
        parents = parents_of(len(joints), _table(record, "bones", 2).astype(np.int64))
        root = int(np.asarray(record["root_index"]))
        if not 0 <= root < len(parents) or parents[root] >= 0:
            raise ValueError(f"its root, joint {root}, has a parent or does not exist")
        # Both spellings are in use.
        row, column = (
            record[key if key in record else key + "s"] for key in ("skinning_weights_row", "skinning_weights_col")
        )
        weights = np.asarray(row), np.asarray(column), np.asarray(record["skinning_weights_value"])
        return rigged_asset(name, category, split, mesh, names, frame.apply(joints), parents, weights)


def _joints(record: Record) -> tuple[list[str], np.ndarray]:
    """Names and places of the joints."""
    names = [str(joint) for joint in np.asarray(record["joint_names"]).reshape(-1)]
    joints = _table(record, "joints", 3)
    if len(names) != len(joints):
        raise ValueError(f"it has {len(joints)} joints and {len(names)} names of joints")
    return names, joints


def _table(record: Record, key: str, width: int) -> np.ndarray:
    table = np.asarray(record[key])
    if table.dtype.kind not in "fiu" or table.size % width:
        raise ValueError(f"its {key} are no table of {width} numbers each")
    return table.reshape(-1, width)


def _categories(folder: Path) -> dict[str, str]:
    """uuid -> category, from whichever table has them."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.csv")):
        for row in read_table(path):
            if row.get("uuid") and row.get("category_label"):
                found[row["uuid"]] = row["category_label"]
    return found
