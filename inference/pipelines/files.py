"""From a file to a glTF file with a rig in it; shapes and skeletal latents as files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from ..anatomy import Mesh, Rig, Shape, SkeletalLatent
from ..errors import FileError, WriteError
from ..files import written_whole
from ..gltf.asset import Asset
from ..gltf.fitting.reshape import Reshaping
from ..gltf.fresh import mesh_asset
from ..gltf.open import open_asset
from ..gltf.rig import add_rig
from ..gltf.scene import read_scene
from ..gltf.write import Packed, pack, write_glb, write_packed
from ..progress import SILENT, Progress
from ..requests import FitOptions, RigOptions
from .meshes import rig_mesh
from .refit import STAYS, check_fit, refitted

DEFAULTS = RigOptions()


@dataclass(frozen=True)
class RiggedFile:
    """What was made of a file."""

    rig: Rig
    mesh: Mesh  # all of its meshes as they were, Z up
    names: tuple[str, ...]  # of the meshes
    notes: tuple[str, ...]  # what is different in the result beside the rig


def rig_file(
    source: Path,
    target: Path,
    options: RigOptions = DEFAULTS,
    progress: Progress = SILENT,
    *,
    replace_rig: bool = False,
    fit: FitOptions = STAYS,
    beside: Path | None = None,
) -> RiggedFile:
    """Write `source`, .glb, .gltf, .obj, .ply, .stl or .off, with a rig to `target`, .glb or .gltf: all or nothing.

    Of a glTF file nothing else is changed, save that `fit` may bring the character into another rest pose. A rig that
    it has is replaced only if asked. The result is written to `beside` first, if that is given.
    """
    made, packed = rig_document(source, options, progress, replace_rig=replace_rig, fit=fit)
    write_result(packed, target, beside)
    return made


def rig_document(
    source: Path,
    options: RigOptions = DEFAULTS,
    progress: Progress = SILENT,
    *,
    replace_rig: bool = False,
    fit: FitOptions = STAYS,
) -> tuple[RiggedFile, Packed]:
    """The same, but not written yet: what was made, and the document that `write_result` writes."""
    check_fit(fit)
    asset = open_asset(source)
    scene = read_scene(asset, replace_rig=replace_rig)
    rig = rig_mesh(scene.mesh, options, progress.part(0.05, 0.95))
    made = refitted(rig, scene.mesh, fit)
    moved = None if made.skin is None or made.moves is None else Reshaping.by(made.skin, made.moves)
    add_rig(asset, scene, made.rig, armature_name(source), front=made.front, reshaping=moved)
    progress.step(0.95, "Writing")
    packed = _packed(asset, source)
    told = (*scene.notes, *made.notes, *packed.notes)
    return RiggedFile(made.rig, scene.mesh, tuple(item.name for item in scene.nodes), told), packed


def write_result(packed: Packed, target: Path, beside: Path | None = None) -> None:
    """Write it as .glb or .gltf, as `target` ends. Raises WriteError."""
    with _writing(target):
        write_packed(packed, target, beside)


def _packed(asset: Asset, source: Path) -> Packed:
    try:
        return pack(asset)
    except OSError as error:
        raise FileError(
            f"What '{source.name}' refers to cannot be read: {error.strerror}. Check its folder."
        ) from error


def read_mesh(path: Path) -> Mesh:
    """All triangles that a file shows; what has a rig stands in its bind pose. Z is up."""
    return read_scene(open_asset(path), replace_rig=True).mesh


def armature_name(source: Path) -> str:
    """What the armature for a file is called."""
    return f"{source.stem.removesuffix('_rig')}_rig"


def write_shape(shape: Shape, target: Path) -> None:
    """Write what a network has drawn, with its rig where it has one, to `target`, a .glb."""
    name = target.stem
    asset = mesh_asset(shape.surface, name)
    if shape.rig is not None:
        add_rig(asset, read_scene(asset), shape.rig, f"{name}_rig")
    with _writing(target):
        write_glb(asset, target)


def write_latent(latent: SkeletalLatent, target: Path) -> None:
    """Write a skeletal latent to `target`, a .npz: its arrays by the names of its fields."""
    with _writing(target), written_whole(target) as place, place.open("wb") as file:
        np.savez_compressed(
            file,
            points=latent.points,
            radii=latent.radii,
            features=latent.features,
            origin=latent.origin,
            size=np.float64(latent.size),
        )


def read_latent(path: Path) -> SkeletalLatent:
    """The skeletal latent in a .npz file. Raises FileError."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            found = {field.name: stored[field.name] for field in fields(SkeletalLatent)}
        count = len(found["radii"])
        shapes = {"points": (count, 3), "radii": (count,), "features": (count, found["features"].shape[1])}
        if any(found[name].shape != shape for name, shape in {**shapes, "origin": (3,), "size": ()}.items()):
            raise ValueError("arrays of wrong sizes")
        if not all(np.isfinite(array).all() for array in found.values()) or (found["radii"] <= 0).any():
            raise ValueError("numbers out of range")
    except OSError as error:
        raise FileError(f"'{path.name}' cannot be read: {error.strerror or error}. Check the path.") from error
    except (BadZipFile, ValueError, KeyError, TypeError, IndexError) as error:
        raise FileError(f"'{path.name}' holds no skeletal latent. Write it again by 'encode'.") from error
    return SkeletalLatent(**{**found, "size": float(found["size"])})


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """The folder is there, and what goes wrong becomes a named error."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise WriteError(
            f"'{target}' cannot be written: {error.strerror}. Check the folder and the space left."
        ) from error
