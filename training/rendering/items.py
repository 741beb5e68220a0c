"""What can be rendered: mesh files and generated shapes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.anatomy import Mesh
from inference.errors import BadMeshError, BadRequestError, EmptyMeshError

BY_BLENDER = (".blend", ".glb", ".gltf", ".fbx", ".usd", ".usda", ".usdc", ".usdz")
BY_TRIMESH = (".obj", ".ply", ".stl", ".off", ".3mf", ".dae")
WITH_MATERIALS = (*BY_BLENDER, ".obj")  # what Blender also reads of the others, when materials are to be kept


@dataclass(frozen=True)
class Item:
    """A file, or a family and a seed."""

    name: str  # folder below the output
    path: Path | None = None
    family: str = ""
    seed: int = 0

    @property
    def source(self) -> str:
        """For messages."""
        return f"{self.family}, seed {self.seed}" if self.path is None else str(self.path)


def plan_items(inputs: Sequence[Path], families: Sequence[str], seeds: range) -> list[Item]:
    """Files, the files of folders, and shapes. Raises BadRequestError where two would share a folder."""
    items = [item for path in inputs for item in _files(path)]
    if families:
        from training.shapes.families import chosen

        for family in chosen(families):
            folder = family.replace(" ", "_")
            items += [Item(f"{folder}/{seed:06d}", family=family, seed=seed) for seed in seeds]
    if not items:
        raise BadRequestError("There is nothing to render. Name mesh files, folders or families.")
    taken: dict[str, Item] = {}
    for item in items:
        other = taken.setdefault(item.name, item)
        if other is not item:
            raise BadRequestError(f"'{item.source}' and '{other.source}' would share a folder. Render them apart.")
    return items


def source_of(item: Item) -> str:
    """What the item is made from; another value makes its views stale."""
    if item.path is None:
        return f"{item.family}:{item.seed}"
    try:
        return "sha256:" + hashlib.sha256(item.path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadMeshError(f"It cannot be read: {error.strerror}.") from error


def arrays_of(item: Item, *, keep_materials: bool) -> Mesh | None:
    """The item's mesh, or None if Blender is to read the file itself. Raises a named error for a bad file."""
    if item.path is None:
        from training.shapes.families import FAMILIES

        try:
            return FAMILIES[item.family](item.seed).mesh
        except (ArithmeticError, ValueError, LookupError, RuntimeError, AssertionError) as error:
            raise BadMeshError(f"The shape cannot be made: {type(error).__name__}: {error}") from error
    suffix = item.path.suffix.lower()
    if suffix in BY_BLENDER or (keep_materials and suffix in WITH_MATERIALS):
        return None
    return _read(item.path)


def _files(path: Path) -> list[Item]:
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in BY_BLENDER + BY_TRIMESH)
        return [Item(file.relative_to(path).with_suffix("").as_posix(), file.absolute()) for file in found]
    if not path.is_file():
        raise BadRequestError(f"There is no file '{path}'.")
    if path.suffix.lower() not in BY_BLENDER + BY_TRIMESH:
        known = " ".join(BY_BLENDER + BY_TRIMESH)
        raise BadRequestError(f"'{path}' is not of a known format. Known are: {known}.")
    return [Item(path.stem, path.absolute())]


def _read(path: Path) -> Mesh:
    import trimesh

    try:
        loaded = trimesh.load_mesh(path, process=False)
    except Exception as error:  # its readers stumble over broken files in every possible way
        raise BadMeshError(f"It cannot be read: {type(error).__name__}: {error}") from error
    if not isinstance(loaded, trimesh.Trimesh) or len(loaded.faces) == 0:
        raise EmptyMeshError("It has no faces. Export a mesh with faces.")
    vertices, triangles = np.asarray(loaded.vertices, np.float64), np.asarray(loaded.faces, np.int32)
    if triangles.min() < 0 or triangles.max() >= len(vertices):
        raise BadMeshError("Its faces name vertices that it does not have. Export it again.")
    return Mesh(vertices, triangles)
