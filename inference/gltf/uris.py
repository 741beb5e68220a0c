"""What URIs in a document stand for: data within it, or files of its own folder. Nothing else is ever opened."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import FileError


def is_data(uri: str) -> bool:
    """Whether the URI holds the bytes itself."""
    return uri[:5].lower() == "data:"


def data_of(uri: str) -> bytes:
    """The bytes of a data URI. Raises ValueError where it holds none."""
    head, comma, content = uri.partition(",")
    if not comma:
        raise ValueError("a data URI without a comma")
    if not head.lower().endswith(";base64"):
        return unquote(content).encode("latin-1")
    try:
        return base64.b64decode(unquote(content), validate=True)
    except binascii.Error as error:
        raise ValueError("a data URI that is no base64") from error


def file_of(uri: str, folder: Path) -> Path | None:
    """The file that a relative URI names; None where it leads out of the folder, through a link too, or elsewhere."""
    parts = urlsplit(uri)
    if parts.scheme or parts.netloc or "\0" in uri or "\\" in uri:
        return None
    root = folder.resolve()
    try:
        path = (root / unquote(parts.path)).resolve()
    except (OSError, RuntimeError, ValueError):
        return None
    return path if path.is_relative_to(root) and path != root else None


def bytes_of(uri: str, folder: Path, name: str) -> bytes:
    """The bytes that a URI of the file `name` stands for."""
    if is_data(uri):
        return data_of(uri)
    path = file_of(uri, folder)
    if path is None:
        raise FileError(f"'{name}' refers to '{uri[:200]}', outside of its folder. Put all of its files beside it.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(
            f"'{path.name}', which '{name}' refers to, cannot be read: {error.strerror}. Put it beside '{name}'."
        ) from error
