"""The weights file: networks too large for the extension's zip, in one file that is installed whole or not at all.

It is a zip: `contents.json` lists every other file with its size and checksum; each network is an .onnx file and its
card, beside them lie the licence and the attribution. It is unpacked into a folder of its own in the user's folder for
weights. A build of the extension knows its weights file by `FACTS`; a checkout and the wheel have all networks and no
such list.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TypedDict

from ..errors import WeightsError
from ..files import write_whole
from ..progress import SILENT, Progress
from .loader import FOLDER, Card, Value, card_from, read_network

LARGER = ("skeldiff-", "skeletonnet-")  # how the names of its networks begin
CONTENTS = "contents.json"
FACTS = "weights-file.json"
PAPERS = {"LICENSE": "", "ATTRIBUTION.md": "docs"}  # and the folder of the checkout that has them
HOW_TO_GET = (
    "Install it in Preferences > Add-ons > Bonewright, or by the command `bonewright weights install`: it is one file, "
    "from disk or from the network."
)
FORMAT = 1
_PLACE = "weights-file"
_MOST = 1 << 28  # bytes of one of its files: it is read into memory
_CHUNK = 1 << 18
_NETWORK = re.compile(rf"(?:{'|'.join(LARGER)})[a-z0-9-]+\.(?:onnx|json)")


class _Entry(TypedDict):
    """What `contents.json` says of a file."""

    size: int
    sha256: str


@dataclass(frozen=True)
class WeightsFile:
    """What is to be known of a weights file before it is fetched or installed."""

    name: str
    version: str  # of the program that it was built with
    size: int  # bytes
    sha256: str
    address: str  # where it can be fetched; nothing: wherever the extension comes from
    cards: tuple[Card, ...]

    @property
    def licences(self) -> tuple[str, ...]:
        """Of what the networks learned from."""
        return tuple(dict.fromkeys(card.licence for card in self.cards))

    def told(self) -> list[str]:
        """What whoever is to fetch or install it should know, a line each."""
        lines = [f"{self.name}, {self.megabytes}", f"SHA-256 {self.sha256}", f"Licence: {', '.join(self.licences)}"]
        return lines + [f"{card.name}: learned from {card.data}" for card in self.cards]

    @property
    def megabytes(self) -> str:
        """Its size, to be read."""
        return f"{self.size / 1e6:.1f} MB"


def is_larger(name: str) -> bool:
    """Whether the network `name` is in the weights file instead of in the extension's zip."""
    return name.startswith(LARGER)


def place_in(root: Path) -> Path:
    """Where a weights file is unpacked in the user's folder."""
    return root / _PLACE


def expected(folder: Path = FOLDER) -> WeightsFile | None:
    """The weights file that belongs to this build; None where the networks need none: in a checkout, in a wheel."""
    path = folder / FACTS
    return _facts_from(_json(path.read_bytes(), path), path) if path.is_file() else None


def installed(root: Path) -> str | None:
    """The version of the weights file that is installed below `root`; None where there is none."""
    path = place_in(root) / CONTENTS
    return _version_and_entries(_json(path.read_bytes(), path), path)[0] if path.is_file() else None


def look_into(path: Path) -> WeightsFile:
    """What is in the weights file at `path`. Nothing of it is installed."""
    size, digest = _measure(path)
    with _opened(path) as archive:
        version, entries = _contents(archive, path)
        names = sorted(name for name in entries if _NETWORK.fullmatch(name) and name.endswith(".json"))
        cards = tuple(card_from(_json(_read(archive, name, entries[name], path), path), path) for name in names)
    return WeightsFile(path.name, version, size, digest, "", cards)


def install(path: Path, root: Path, progress: Progress = SILENT) -> str:
    """Unpack the weights file at `path` below `root` and return its version; what was installed before is replaced.

    Every file is held against its checksum first. Raises `WeightsError` or `Cancelled`; then all is as it was.
    """
    place = place_in(root)
    partial = place.with_name(f"{_PLACE}.{time.time_ns()}.partial")
    try:
        _clear_remains(root)
        partial.mkdir(parents=True)
        with _opened(path) as archive:
            version, entries = _contents(archive, path)
            whole, done = sum(entry["size"] for entry in entries.values()), 0
            for name, entry in entries.items():
                progress.step(done / max(whole, 1), f"Unpacking {name}")
                write_whole(partial / name, _read(archive, name, entry, path))
                done += entry["size"]
            write_whole(partial / CONTENTS, archive.read(CONTENTS))
        _put_in_place(partial, place)
    except OSError as error:
        raise WeightsError(f"The weights file cannot be unpacked into '{root}': {error}. Check its rights.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        _clear_remains(root)
    read_network.cache_clear()
    progress.step(1.0, "Installed")
    return version


def remove(root: Path) -> None:
    """Delete what `install` has unpacked."""
    place = place_in(root)
    try:
        if place.exists():
            place.rename(place.with_name(f"{_PLACE}.{time.time_ns()}.removed"))
    except OSError as error:
        raise WeightsError(f"'{place}' cannot be removed: {error}. Restart Blender, then try again.") from error
    _clear_remains(root)
    read_network.cache_clear()


def contents_of(files: Mapping[str, bytes], version: str) -> bytes:
    """The `contents.json` of these files."""
    entries = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    return _as_json({"format": FORMAT, "version": version, "files": entries})


def facts_of(file: WeightsFile) -> bytes:
    """What a build of the extension keeps to know its weights file by: the content of `FACTS`."""
    return _as_json({"format": FORMAT, **asdict(file)})


def _as_json(values: Mapping[str, object]) -> bytes:
    return (json.dumps(values, indent=1) + "\n").encode()


def _put_in_place(partial: Path, place: Path) -> None:
    """What was there comes back when the new one cannot take its place."""
    before = place.with_name(f"{_PLACE}.{time.time_ns()}.removed")
    if place.exists():
        place.rename(before)
    try:
        partial.rename(place)
    except OSError:
        if before.exists():
            before.rename(place)
        raise


def _clear_remains(root: Path) -> None:
    """Delete what an earlier run, which was ended in the middle, has left."""
    for state in ("partial", "removed"):
        for old in root.glob(f"{_PLACE}.*.{state}"):
            shutil.rmtree(old, ignore_errors=True)


def _measure(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise WeightsError(f"'{path}' cannot be read: {error.strerror}. Choose the weights file.") from error
    return size, digest.hexdigest()


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except OSError as error:
        raise WeightsError(f"'{path}' cannot be read: {error.strerror}. Choose the weights file.") from error
    except zipfile.BadZipFile as error:
        raise WeightsError(f"'{path.name}' is no weights file, or not all of it. Fetch it again.") from error


def _contents(archive: zipfile.ZipFile, path: Path) -> tuple[str, dict[str, _Entry]]:
    """The version and the files of an opened one, every name of which is harmless."""
    try:
        listed = _read_at_most(archive.open(CONTENTS), 1 << 20)
    except (KeyError, zipfile.BadZipFile) as error:
        raise WeightsError(f"'{path.name}' is no weights file of Bonewright. Choose another.") from error
    version, entries = _version_and_entries(_json(listed, path), path)
    names = {PurePosixPath(name).stem for name in entries if _NETWORK.fullmatch(name)}
    pairs = {f"{name}.{ending}" for name in names for ending in ("onnx", "json")}
    strange = set(entries) - pairs - set(PAPERS)
    if strange or pairs - set(entries) or not names or set(entries) - set(archive.namelist()):
        raise WeightsError(f"'{path.name}' is not put together as a weights file is. Fetch it again.")
    return version, entries


def _version_and_entries(values: Value, path: Path) -> tuple[str, dict[str, _Entry]]:
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise WeightsError(f"'{path.name}' is of another version of Bonewright. Fetch the one for this version.")
    entries: dict[str, _Entry] = {}
    listed = values.get("files")
    for name, entry in (listed if isinstance(listed, dict) else {}).items():
        size, digest = (entry.get("size"), entry.get("sha256")) if isinstance(entry, dict) else (None, None)
        if not isinstance(size, int) or not isinstance(digest, str) or not 0 <= size <= _MOST:
            raise WeightsError(f"'{path.name}' is damaged: it does not say what '{name}' is. Fetch it again.")
        entries[name] = {"size": size, "sha256": digest}
    return str(values.get("version", "")), entries


def _facts_from(values: Value, path: Path) -> WeightsFile:
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise WeightsError(f"'{path}' is of another version of Bonewright. Install Bonewright again.")
    cards, size = values.get("cards"), values.get("size")
    return WeightsFile(
        str(values.get("name")),
        str(values.get("version")),
        size if isinstance(size, int) else 0,
        str(values.get("sha256")),
        str(values.get("address", "")),
        tuple(card_from(card, path) for card in cards) if isinstance(cards, list) else (),
    )


def _read(archive: zipfile.ZipFile, name: str, entry: _Entry, path: Path) -> bytes:
    """A file of the archive, byte for byte what was listed."""
    try:
        with archive.open(name) as file:
            data = _read_at_most(file, entry["size"])
    except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
        raise WeightsError(f"'{name}' in '{path.name}' is damaged ({error}). Fetch it again.") from error
    if len(data) != entry["size"] or hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise WeightsError(f"'{name}' in '{path.name}' is damaged. Fetch it again.")
    return data


def _read_at_most(file: IO[bytes], size: int) -> bytes:
    """No more than was promised, and one byte that tells that there is more."""
    return file.read(size + 1)


def _json(data: bytes, path: Path) -> Value:
    try:
        return json.loads(data)
    except ValueError as error:
        raise WeightsError(f"'{path.name}' is damaged ({error}). Fetch it again.") from error
