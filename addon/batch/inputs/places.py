"""Where files are: paths of this machine, or URLs of whatever fsspec reaches (s3, gs, http, zip, memory ...)."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ....inference.errors import BadRequestError

if TYPE_CHECKING:
    from upath import UPath

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)")  # two letters at least: 'C:' is a drive
_WILD = re.compile(r"[*?\[]")
_STAMPS = (
    "ETag",
    "etag",
    "md5Hash",
    "checksum",
    "content_md5",
    "CRC",
    "mtime",
    "LastModified",
    "last_modified",
    "created",
)


def place_of(text: str) -> Path:
    """A path, or a URL that can be used like one: it has the methods of `Path` that are used here."""
    if text.startswith("file://"):
        return Path(text.removeprefix("file://"))
    if not _SCHEME.match(text):
        return Path(text)
    try:
        from upath import UPath
    except ImportError:
        raise BadRequestError(f"'{text}' is a URL, which takes fsspec. Install bonewright[remote].") from None
    try:
        return cast(Path, UPath(text))
    except (ImportError, ValueError) as error:  # a protocol whose own package is missing, or that nobody knows
        raise BadRequestError(f"'{text}' cannot be reached: {error}.") from error


def is_remote(path: Path) -> bool:
    """Whether it is no path of this machine."""
    return not isinstance(path, Path)


def is_pattern(path: Path) -> bool:
    """Whether it stands for many files: it has wildcards and is no file itself."""
    return _WILD.search(str(path)) is not None and not path.exists()


def absolute(path: Path) -> Path:
    """As seen from anywhere."""
    return path if is_remote(path) else path.absolute()


def true_place(path: Path) -> str:
    """The same for two names of one file."""
    return str(path) if is_remote(path) else os.path.realpath(path)


def digest_of(path: Path) -> bytes:
    """SHA-256 of the file; of a remote one what the store says of its state, if it says enough, to spare the way."""
    try:
        if is_remote(path) and (stamp := _stamp(path)):
            return hashlib.sha256(stamp.encode()).digest()
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:  # whoever reads it says what is the matter
        return b""


def _stamp(path: Path) -> str:
    remote = cast("UPath", path)
    info = remote.fs.info(remote.path)
    told = {key: str(info[key]) for key in _STAMPS if info.get(key)}
    return f"{path} {info.get('size')} {sorted(told.items())}" if told else ""
