"""Shapes as the facing network learns from them: turned, posed, stretched, cut, each with what is right about it."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from inference.kinds import Kind
from inference.networks.facing.inputs import FORWARD, KINDS, TURNS, UP
from training.datasets.packed.surfaces import STEPS, PackedAsset
from training.loop.recipe import Batch

from .posing import move_flesh, pose_joints, rotations
from .rarity import by_rarity, in_shares
from .surfaces import library

# Ours -> how the data's words for a kind begin, or the names of generated families. Everything else is an object.
KIND_WORDS: dict[Kind, tuple[str, ...]] = {
    "biped": ("biped",),
    "quadruped": ("quadruped",),
    "bird": ("bird",),
    "fish": ("fish",),
    "insect": ("insect",),
    "serpent": ("serpent",),
    "creature": ("monster", "winged", "dragon", "blob"),
    "hand": ("hand",),
    "mech": ("vehicle", "mech", "car", "plane"),
    "plant": ("plant", "tree", "conifer", "palm", "bush", "grass", "flower", "cactus", "mushroom", "leaf"),
}


class Showing(Protocol):
    """How shapes are varied."""

    @property
    def points(self) -> int: ...

    @property
    def pose(self) -> float: ...


@dataclass(frozen=True)
class TurnedCloud:
    """A shape as it is shown to the network."""

    cloud: np.ndarray  # (P, 6) float32, places and normals
    up: np.ndarray  # (3,)
    forward: np.ndarray  # (3,)


def kind_of(asset: PackedAsset) -> Kind:
    """Our word for what an asset is."""
    word = re.split(r"[ /]", asset.kind)[0]
    found: list[Kind] = [ours for ours, words in KIND_WORDS.items() if word in words]
    return found[0] if found else "object"


def has_up(asset: PackedAsset) -> bool:
    """Whether an asset has an up at all: organs and vessels have none."""
    return asset.rigged or asset.faces_front or kind_of(asset) != "object" or asset.kind == "furniture"


def is_held(asset: PackedAsset) -> bool:
    """Whether an asset of the train split is kept back for calibration: about one in ten."""
    return zlib.crc32(asset.name.encode()) % 10 == 0


@lru_cache(maxsize=4)
def lessons(data: tuple[Path, ...], first: float, unrigged: float) -> tuple[tuple[PackedAsset, ...], np.ndarray]:
    """What is learned from, and how often each comes up: within a file a kind by the root of its number of assets."""
    shares = (1.0,) if len(data) == 1 else (first, *((1 - first) / (len(data) - 1),) * (len(data) - 1))
    files = [[a for a in library((path,)) if a.split == "train" and not is_held(a)] for path in data]
    often = [by_rarity([a.kind for a in here]) * [1.0 if a.rigged else unrigged for a in here] for here in files]
    file = np.repeat(np.arange(len(files)), [len(here) for here in files])
    parts = [(file == place, share) for place, share in enumerate(shares)]
    return tuple(a for here in files for a in here), in_shares(np.concatenate(often), parts)


def show(asset: PackedAsset, config: Showing, random: np.random.Generator) -> TurnedCloud:
    """A varied view of an asset: posed, stretched, turned, with noise, cut."""
    chosen = random.choice(len(asset.quantised), min(2 * config.points, len(asset.quantised)), replace=False)
    points, normals = asset.quantised[chosen] / STEPS, asset.directions[chosen] / 127.0
    if asset.rigged and random.random() < 0.5:
        turns = rotations(random.normal(0, config.pose / 3**0.5, (len(asset.names), 3)))
        turns[asset.parents < 0] = np.eye(3)
        moved = pose_joints(asset.heads, asset.parents, turns)
        points, normals = move_flesh(points, normals, asset.bones[chosen], asset.shares[chosen], *moved)
    stretch = np.exp(random.normal(0, 0.12, 3))
    stretch[0] *= random.choice((-1.0, 1.0))
    points, normals = points * stretch, normals / stretch
    if random.random() < 0.2:  # a part is missing
        side = points @ random.normal(size=3)
        kept = side <= np.quantile(side, random.uniform(0.7, 1.0))
        points, normals = points[kept], normals[kept]
    points, normals = points[: config.points], normals[: config.points]
    points = points + random.normal(0, 0.006 * random.random(), points.shape)
    if random.random() < 0.2:  # surfaces of some files are inside out
        normals = -normals
    wide = random.random() < 0.5
    about = random.uniform(-np.pi, np.pi) if wide else random.normal(0, 0.1)
    return turned(points, normals, config.points, about, random.normal(0, 0.06, 3))


def turned(points: np.ndarray, normals: np.ndarray, count: int, about: float, tilt: np.ndarray) -> TurnedCloud:
    """A view of exactly `count` points, turned by `about` around up and then by a small rotation vector."""
    turn = rotations(np.stack([tilt, [0.0, 0.0, about]]))
    turn = turn[0] @ turn[1]
    points = points[np.arange(count) % len(points)] @ turn.T
    normals = normals[np.arange(count) % len(normals)] @ turn.T
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    low, high = points.min(0), points.max(0)
    points = (points - (low + high) / 2) / (high - low).max()
    return TurnedCloud(np.concatenate([points, normals], 1).astype(np.float32), turn @ UP, turn @ FORWARD)


def nearest_turns(up: np.ndarray, onward: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of views with up and forward (N, 3): the turn that rights each best (N,), and which right its up (N, 24)."""
    ups = np.einsum("hij,nj,i->nh", TURNS, up, UP)
    best = np.argmax(ups + np.einsum("hij,nj,i->nh", TURNS, onward, FORWARD), 1)
    return best, ups > ups.max(1, keepdims=True) - 1e-6


def axes_of(views: list[TurnedCloud]) -> tuple[np.ndarray, np.ndarray]:
    """Up and forward of views, (N, 3) each."""
    return np.array([view.up for view in views]), np.array([view.forward for view in views])


def lesson(views: list[TurnedCloud], assets: list[PackedAsset], tried: np.ndarray) -> Batch:
    """Views, the turns that are tried on each (N, H), which of them are right, and what is true after the best turn."""
    up, onward = axes_of(views)
    best, ups = nearest_turns(up, onward)
    known = np.array([asset.faces_front for asset in assets])
    stands = np.take_along_axis(ups, tried, 1) | ~np.array([has_up(asset) for asset in assets])[:, None]
    arrays = {
        "cloud": np.stack([view.cloud for view in views]),
        "turns": TURNS[tried].astype(np.float32),
        "stands": stands,
        "right": (tried == best[:, None]) | (~known[:, None] & stands),
        "kind": np.array([KINDS.index(kind_of(asset)) for asset in assets]),
        "known": known.astype(np.float32),
        "up": np.einsum("nij,nj->ni", TURNS[best], up).astype(np.float32),
        "forward": np.einsum("nij,nj->ni", TURNS[best], onward).astype(np.float32),
    }
    return {name: torch.from_numpy(array) for name, array in arrays.items()}
