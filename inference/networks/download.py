"""A file from the network: whole and as its checksum says, or not at all."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

from ..errors import FetchError
from ..files import written_whole
from ..progress import SILENT, Progress

_CHUNK = 1 << 16
_PATIENCE = 20.0  # seconds without a byte
_MOST = 1 << 30  # bytes of a file whose size nobody has told
_KINDS = ("https://", "http://", "file://")


def download(address: str, target: Path, size: int = 0, sha256: str = "", progress: Progress = SILENT) -> None:
    """Fetch what lies at `address` into the file `target`. `size` and `sha256` are held against it where they are told.

    Raises `FetchError` or `Cancelled`; then nothing of it is left.
    """
    if not address.startswith(_KINDS):
        raise FetchError(f"'{address}' is no address. It begins with https://.")
    digest, done = hashlib.sha256(), 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            urllib.request.urlopen(address, timeout=_PATIENCE) as source,
            written_whole(target) as part,
            part.open("wb") as file,
        ):
            whole = size or int(source.headers.get("Content-Length") or 0)
            while chunk := source.read(_CHUNK):
                done += len(chunk)
                digest.update(chunk)
                file.write(chunk)
                progress.step(done / whole if whole else 0.0, f"Fetching, {done / 1e6:.1f} MB{_of(whole)}")
                if done > (size or _MOST):
                    raise FetchError(f"What lies at {address} is not the file that was looked for: it is larger.")
            if (size and done != size) or (sha256 and digest.hexdigest() != sha256):
                raise FetchError(f"What came from {address} is not the file that was looked for. Try again later.")
    except urllib.error.HTTPError as error:
        raise FetchError(
            f"{address} answers {error.code} ({error.reason}). Check the address, or use a file."
        ) from error
    except OSError as error:  # URLError is one
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise FetchError(f"{address} cannot be fetched: {reason}. Check the connection, or use a file.") from error


def _of(whole: int) -> str:
    return f" of {whole / 1e6:.1f}" if whole else ""
