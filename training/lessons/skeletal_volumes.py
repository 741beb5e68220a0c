"""Skeletal volumes as a trained SkeletonNet draws them, of all views that are learned from: made once and kept."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from inference.networks.skeletonnet.apply import FULL
from training.datasets.packed.skeletal import PackedVolume, SkeletalItem
from training.datasets.store.records import read_all, write_file
from training.loop.errors import MissingDataError

from .skeletal import Shown, skeletal_lessons

AT_ONCE = 4  # pictures that are looked at together
Drawer = Callable[[Path], Callable[[np.ndarray], np.ndarray]]
"""By a checkpoint, what draws chances (N, r, r, r) from crops (N, 4, S, S)."""


def view_key(item: SkeletalItem, view: int) -> str:
    """Names one view of a shape."""
    return f"{item.views.family}/{item.views.seed:06d}/{view}"


@lru_cache(maxsize=2)
def drawn_volumes(data: Path, families: tuple[str, ...], checkpoint: Path, drawer: Drawer) -> dict[str, PackedVolume]:
    """By `view_key`, of every view of every shape of both splits, kept beside the checkpoint."""
    if not checkpoint.exists():
        raise MissingDataError(
            f"'{checkpoint}' is not there: `python -m training.train skeletonnet` makes it. With --true-skeletons "
            "the true ones are learned from."
        )
    mark = zlib.crc32(checkpoint.read_bytes() + f"{data} {families}".encode())
    kept = checkpoint.with_name(f"volumes-{mark:08x}.safetensors")
    if not kept.exists():
        draw, found = drawer(checkpoint), {}
        splits = [skeletal_lessons(data, families, split) for split in ("train", "val")]
        for item in (item for lessons in splits for items in lessons.values() for item in items):
            views = np.arange(len(item.views.lengths))
            for start in range(0, len(views), AT_ONCE):
                some = views[start : start + AT_ONCE]
                chances = draw(item.views.crops(some).astype(np.float32) / 255)
                for view, full in zip(some.tolist(), chances > FULL, strict=True):
                    found[view_key(item, view)] = PackedVolume.of(full)
        write_file(kept, "skeletal-volumes", found)
    return dict(read_all(PackedVolume, kept))


def volume_shown(shown: Shown, resolution: int, drawn: dict[str, PackedVolume] | None) -> np.ndarray:
    """The skeletal volume (R, R, R) bool as it is drawn from a lesson's first view; the true one where none is."""
    if drawn is None:
        return shown.cells(shown.item.volume(resolution))
    return shown.cells(drawn[view_key(shown.item, int(shown.views[0]))].cells)
