"""ModelsResource-RigNet: 2,703 rigged characters (`ModelResource_RigNetv1_preproccessed`).

    obj/1234.obj                   the mesh                       rig_info/1234.txt          its rig
    obj_remesh/1234.obj            1,000 to 5,000 vertices        rig_info_remesh/1234.txt   with weights for it
    pretrain_attention/1234.txt    a number for each vertex of the remeshed one: near a joint or not
    train_final.txt, val_final.txt, test_final.txt                names, one a line

A rig is lines of text: `joints NAME X Y Z`, `root NAME`, `hier PARENT CHILD`, `skin VERTEX NAME SHARE NAME SHARE ...`,
vertices counted as in the OBJ. Frame: Y up, facing +Z in nearly all of them; where names of joints tell, they decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from inference.anatomy import Mesh
from training.datasets.rigged_glb import RiggedAsset

from .common import NO_SPLIT, Frame, Item, Skipped, by_number, damage_named, need_folder, not_found
from .mesh_files import read_mesh_file
from .rigs import Y_UP, frame_by_joints, parents_of, rigged_asset

NAME = "ModelsResource-RigNet"
LAYOUT = "a folder with obj/*.obj, rig_info/*.txt and train_final.txt, val_final.txt, test_final.txt"
AS_STORED = Frame(up=(0, 0, 1), forward=(0, -1, 0), source="stated")  # turns nothing


def list_items(folder: Path, skipped: list[Skipped], *, remeshed: bool = False) -> Iterator[Item]:
    """The characters, sorted by number; `remeshed` takes the meshes that RigNet itself trains on."""
    need_folder(folder, NAME, LAYOUT)
    meshes, rigs = ("obj_remesh", "rig_info_remesh") if remeshed else ("obj", "rig_info")
    splits = _splits(folder)
    names = {path.stem for path in folder.glob(f"{meshes}/*.obj")} | {
        path.stem for path in folder.glob(f"{rigs}/*.txt")
    }
    if not names:
        raise not_found(folder, NAME, LAYOUT)
    return _listed(folder / meshes, folder / rigs, sorted(names | set(splits), key=by_number), splits, skipped)


def read_attention(folder: Path, name: str) -> np.ndarray:
    """How near a joint each vertex of the remeshed character is, as RigNet counts it; (V,) float64."""
    with damage_named(name):
        return np.loadtxt(folder / "pretrain_attention" / f"{name}.txt", ndmin=1).reshape(-1)


def read_rig_text(
    path: Path,
) -> tuple[list[str], np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Names, places (J, 3) and parents (J,) of the joints, and vertex, joint and share of each weight."""
    rows: dict[str, list[list[str]]] = {"joints": [], "root": [], "hier": [], "skin": []}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        words = line.split()
        if words and words[0] in rows:
            rows[words[0]].append(words[1:])
    names = [row[0] for row in rows["joints"]]
    place = {name: i for i, name in enumerate(names)}
    if len(place) < len(names):
        raise ValueError("two of its joints have the same name")
    if not names:
        raise ValueError("it has no joint")
    joints = np.array([row[1:4] for row in rows["joints"]], dtype=str).astype(np.float64)
    parents = parents_of(len(names), np.array([[place[a], place[b]] for a, b in rows["hier"]], np.int64))
    if [names[i] for i in np.flatnonzero(parents < 0)] != [row[0] for row in rows["root"]]:
        raise ValueError("its root is not the one joint without a parent")
    vertex = [int(row[0]) for row in rows["skin"] for _ in row[1::2]]
    joint = [place[name] for row in rows["skin"] for name in row[1::2]]
    share = [float(number) for row in rows["skin"] for number in row[2::2]]
    return names, joints, parents, (np.array(vertex, np.int64), np.array(joint, np.int64), np.array(share))


def _listed(
    meshes: Path, rigs: Path, names: list[str], splits: dict[str, str], skipped: list[Skipped]
) -> Iterator[Item]:
    for name in names:
        mesh, rig = meshes / f"{name}.obj", rigs / f"{name}.txt"
        missing = [f"'{path.parent.name}/{path.name}' is missing" for path in (mesh, rig) if not path.is_file()]
        if missing:
            skipped.append(Skipped(name, " and ".join(missing)))
            continue
        what = name, splits.get(name, NO_SPLIT), mesh, rig
        yield Item(name, what[1], "character", Y_UP, partial(_read_mesh, *what), partial(_read_rig, *what))


def _read_rig(name: str, split: str, mesh_path: Path, rig_path: Path) -> RiggedAsset:
    with damage_named(name):
        stored = read_mesh_file(mesh_path, AS_STORED, name)
        names, joints, parents, weights = read_rig_text(rig_path)
        frame = frame_by_joints(names, joints, np.stack([stored.vertices.min(0), stored.vertices.max(0)]))
        mesh = Mesh(frame.apply(stored.vertices), stored.triangles)
        return rigged_asset(name, "character", split, mesh, names, frame.apply(joints), parents, weights)


def _read_mesh(name: str, split: str, mesh_path: Path, rig_path: Path) -> Mesh:
    return _read_rig(name, split, mesh_path, rig_path).mesh  # the joints say how it stands


def _splits(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for split in ("train", "val", "test"):
        path = folder / f"{split}_final.txt"
        if path.is_file():
            found.update(dict.fromkeys(path.read_text(encoding="utf-8").split(), split))
    return found
