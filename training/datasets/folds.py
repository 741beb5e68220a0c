"""Which artists a method that is trained may not see: every file in one of a few folds, an artist wholly in one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .labels import attributed_files, read_artists

FOLDS = 5


def artist_folds(artists: Mapping[str, str], count: int = FOLDS, seed: int = 0) -> dict[str, int]:
    """The fold in which each file is held out, from who made each file. Folds hold about as many files each."""
    files = Counter(artists.values())
    names = np.random.default_rng(seed).permutation(sorted(files)).tolist()
    held = [0] * count
    fold_of: dict[str, int] = {}
    for artist in sorted(names, key=lambda name: -files[name]):  # stable: those of equal many files stay shuffled
        fold_of[artist] = int(np.argmin(held))
        held[fold_of[artist]] += files[artist]
    return {name: fold_of[artist] for name, artist in artists.items()}


def folds_of(folder: Path, count: int = FOLDS, seed: int = 0) -> dict[str, int]:
    """The same for the files of a library that many artists made (its ATTRIBUTION.csv), by name without ending."""
    artists, many = read_artists(folder), attributed_files(folder)
    return artist_folds({name: artists[name] for name in sorted(many)}, count, seed)
