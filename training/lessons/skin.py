"""Bound assets as the skin network learns from them."""

from __future__ import annotations

import zlib
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from training.datasets.labels import PACKS, VALID
from training.datasets.packed.priors import SkinLesson, read_lessons
from training.loop.errors import MissingDataError
from training.loop.recipe import Batch

from .rarity import by_rarity, in_shares


@lru_cache(maxsize=2)
def library(data: Path) -> tuple[SkinLesson, ...]:
    """All lessons of a file."""
    if not data.exists():
        raise MissingDataError(f"'{data}' is not there. `python -m tools.build_dataset priors` makes it.")
    return read_lessons(data)


@lru_cache(maxsize=2)
def learned_from(data: Path) -> tuple[tuple[SkinLesson, ...], np.ndarray]:
    """What is learned from, and how often each comes up: by the roots of its kind's and of its artist's number."""
    learned = tuple(lesson for lesson in library(data) if lesson.split == "train")
    kinds, artists = (by_rarity([getattr(lesson, of) for lesson in learned]) for of in ("kind", "by"))
    return learned, in_shares(kinds * artists)


def is_held(lesson: SkinLesson) -> bool:
    """Whether a lesson teaches doubt only: one in six, those of one artist or else of one design together."""
    design = "_".join(lesson.name.split("_")[:3])
    return zlib.crc32((lesson.by if among_many(lesson) else design).encode()) % 6 == 0


def among_many(lesson: SkinLesson) -> bool:
    """Whether the file is by one of the many artists of few files."""
    return lesson.by not in ("", PACKS, VALID)


def some_edges(lesson: SkinLesson, count: int, random: np.random.Generator) -> np.ndarray:
    """Points (2 `count`,) of a lesson, two by two an edge's ends."""
    there = len(lesson.artist) // 2
    edges = random.choice(there, count, replace=there < count)
    return np.stack([2 * edges, 2 * edges + 1], 1).ravel()


def batch_of(lessons: list[tuple[SkinLesson, np.ndarray]]) -> Batch:
    """Chosen points (P,) of each lesson, as many of each, padded to the largest numbers of bones and candidates."""
    bones = max(len(lesson.bones) for lesson, _ in lessons)
    width = max(lesson.near.shape[1] for lesson, _ in lessons)
    made: dict[str, list[np.ndarray]] = defaultdict(list)
    for x, chosen in lessons:
        more = bones - len(x.bones)
        wide = ((0, 0), (0, width - x.near.shape[1]))
        made["bones"].append(np.pad(x.bones, ((0, more), (0, 0))))
        made["hops"].append(np.pad(x.hops, ((0, more), (0, more))))
        made["bone_there"].append(np.pad(np.ones(len(x.bones)), (0, more)))
        made["points"].append(x.points[chosen])
        made["pairs"].append(np.pad(x.pairs[chosen], (*wide, (0, 0))))
        near = x.near[chosen]
        made["near_hops"].append(np.pad(x.hops[near[:, :, None], near[:, None]], (*wide, wide[1])))
        for name, part in (("near", near), ("prior", x.prior[chosen]), ("there", x.there[chosen])):
            made[name].append(np.pad(part, wide))
        made["artist"].append(np.pad(x.artist[chosen], wide))
        made["missed"].append(x.missed[chosen])
        made["gap"].append(x.gap[chosen])
        made["known"].append(np.array(1.0))
        made["held"].append(np.array(float(is_held(x))))
    whole = ("hops", "near", "near_hops")
    return {
        name: torch.from_numpy(np.stack(parts).astype(np.int64 if name in whole else np.float32))
        for name, parts in made.items()
    }
