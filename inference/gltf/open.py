"""Open a file as glTF, whatever it is: what is no glTF is read by trimesh, where that is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import IO

import numpy as np

from ..errors import FileError
from .asset import BROKEN, Asset
from .read import parse_asset, read_asset, referenced_uris
from .uris import file_of, is_data

GLTF = (".glb", ".gltf")
Z_UP = (".off", ".ply", ".stl")  # formats whose files mostly stand on Z; the others, as glTF, on Y
BY_TRIMESH = (".obj", *Z_UP)
_MAPS = (b"map_", b"bump", b"disp", b"norm", b"refl")  # lines of a material that name a picture


def open_asset(path: Path) -> Asset:
    """The file as a glTF document. Raises FileError."""
    suffix = path.suffix.lower()
    if suffix in GLTF:
        return read_asset(path)
    if suffix not in BY_TRIMESH:
        known = ", ".join(name[1:] for name in GLTF + BY_TRIMESH)
        raise FileError(f"'{path.name}' is in no format that is read without Blender ({known}).")
    if find_spec("trimesh") is None:
        raise FileError(f"'{path.name}' is read by trimesh, which is not installed. Install bonewright[formats].")
    return parse_asset(_as_glb(path), path.name, path.absolute().parent)


def referenced_files(path: Path) -> list[Path]:
    """The files of its folder that a file refers to, as far as they are there: buffers, materials, pictures."""
    found: list[Path] = []
    waiting = [path]
    while waiting:
        item = waiting.pop()
        try:
            with item.open("rb") as file:
                uris = references(file, item.suffix.lower())
        except OSError:  # whoever reads it says what is the matter
            continue
        places = [file_of(uri, path.absolute().parent) for uri in uris]
        new = [place for place in places if place is not None and place.is_file() and place not in found]
        found += new
        waiting += new
    return found


def references(file: IO[bytes], suffix: str) -> list[str]:
    """What an open file of this kind refers to by relative URIs; nothing where it is damaged."""
    try:
        if suffix in GLTF:
            return [uri for uri in referenced_uris(file) if not is_data(uri)]
        if suffix == ".obj":
            return [_words(line[7:]) for line in file if line.startswith(b"mtllib ")]
        if suffix == ".mtl":
            lines = [line.strip() for line in file if line.strip().lower().startswith(_MAPS)]
            return [_words(line.split(maxsplit=1)[-1].split()[-1]) for line in lines]
    except BROKEN:  # whoever reads it says what is the matter
        pass
    return []


def _words(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip().replace("\\", "/")


def _as_glb(path: Path) -> bytes:
    """The bytes of a GLB with what trimesh finds in a file: vertices in the file's own order, materials, pictures."""
    import trimesh
    from trimesh.resolvers import Resolver
    from trimesh.transformations import rotation_matrix

    class Beside(Resolver):
        """Materials and pictures in the folder of the file, and nothing else."""

        def __init__(self) -> None:
            pass

        def get(self, key: str) -> bytes:
            found = file_of(key.strip().replace("\\", "/"), path.absolute().parent)
            if found is None:
                raise FileNotFoundError(key)
            return found.read_bytes()

        def namespaced(self, namespace: str) -> Resolver:
            return self

        def write(self, name: str, data: bytes) -> None:
            raise OSError(f"{name} would be written")

        def keys(self) -> list[str]:
            return []

    try:
        scene = trimesh.load_scene(str(path), process=False, resolver=Beside())
        if path.suffix.lower() in Z_UP:
            scene.apply_transform(rotation_matrix(-np.pi / 2, (1, 0, 0)))
        content = scene.export(file_type="glb")
    except OSError as error:
        raise FileError(f"'{path.name}' cannot be read: {error.strerror or error}. Check the path.") from error
    except Exception as error:  # its readers raise whatever goes wrong inside them
        raise FileError(f"'{path.name}' cannot be read ({type(error).__name__} {error}). Export it again.") from error
    if not isinstance(content, bytes):
        raise FileError(f"'{path.name}' holds no mesh. Export it again.")
    return content
