"""Remote files: fetched with all they refer to, and stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ....inference.errors import FetchError, FileError, WriteError
from ....inference.gltf.open import references
from ....inference.gltf.uris import file_of

PIECE = 1 << 20  # bytes copied at once
MOST_BYTES = 1 << 32  # of one file: what no glTF file can exceed; a packed one may claim anything


def remote_references(path: Path) -> list[Path]:
    """What a remote file refers to in its folder, materials' pictures too; nothing where it cannot be read."""
    return [item for _, item in _beside(path)]


def fetch_with_all(path: Path, folder: Path, most_bytes: int) -> Path:
    """A remote file and what it refers to, copied into `folder`; where it is now. Raises FileError."""
    place = folder / path.name
    _fetch(path, place, most_bytes)
    for uri, item in _beside(path):
        inside = file_of(uri, folder)
        if inside is not None:
            _fetch(item, inside, most_bytes)
    return place


def store(made: Path, wanted: Path) -> None:
    """Whole or not at all, as stores do it: an object is there once it was sent. Raises WriteError."""
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.write_bytes(made.read_bytes())
    except Exception as error:  # each store has errors of its own
        raise WriteError(f"'{wanted}' cannot be written ({type(error).__name__} {error}).") from error


def _beside(path: Path) -> Iterator[tuple[str, Path]]:
    """(relative URI, place) of each file that a remote one refers to and that is there."""
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        item = waiting.pop()
        try:
            with item.open("rb") as file:
                uris = references(file, item.suffix.lower())
        except Exception:  # each store has errors of its own; whoever fetches the file says what is the matter
            continue
        for uri in uris:
            parts = urlsplit(uri)
            relative = unquote(parts.path)
            if parts.scheme or parts.netloc or relative.startswith("/") or ".." in relative.split("/") or uri in seen:
                continue
            seen.add(uri)
            place = path.parent.joinpath(relative)
            if place.is_file():
                yield uri, place
                waiting.append(place)


def _fetch(source: Path, target: Path, most_bytes: int) -> None:
    """Copy, but no more than `most_bytes`: what a packed file says of its size need not be so."""
    count = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as file, target.open("wb") as copy:
            while piece := file.read(PIECE):
                count += len(piece)
                if count > most_bytes:
                    raise FileError(f"'{source.name}' holds more than {most_bytes >> 20} MiB. Split it.")
                copy.write(piece)
    except FileError:
        raise
    except FileNotFoundError as error:
        raise FileError(f"'{source}' does not exist. Check the URL.") from error
    except Exception as error:  # each store has errors of its own
        raise FetchError(f"'{source}' cannot be fetched ({type(error).__name__} {error}).") from error
