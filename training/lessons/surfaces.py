"""Packed surfaces, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from training.datasets.packed.surfaces import PackedAsset, read_packed
from training.loop.errors import MissingDataError


@lru_cache(maxsize=4)
def read_once(path: Path) -> tuple[PackedAsset, ...]:
    """A packed file; the loader's processes share what was read before they started."""
    if not path.exists():
        raise MissingDataError(f"'{path}' is not there. `python -m tools.build_dataset surfaces` makes it.")
    return read_packed(path)


def library(data: tuple[Path, ...]) -> tuple[PackedAsset, ...]:
    """All assets of some packed files."""
    return tuple(asset for path in data for asset in read_once(path))
