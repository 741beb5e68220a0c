"""Rigs as Cortex learns from them: posed, stretched, bent, mirrored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from inference.networks.cortex.inputs import JOINTS, Inputs, graph_inputs
from inference.networks.joints.inputs import Surface
from training.datasets.packed.surfaces import PackedAsset

from .posing import move_flesh, pose_joints, rotations
from .rarity import by_rarity, in_shares
from .surfaces import library
from .warp import Warp

FLIP = np.array([-1.0, 1.0, 1.0])


class Showing(Protocol):
    """How rigs are varied."""

    @property
    def points(self) -> int: ...

    @property
    def pose(self) -> float: ...

    @property
    def limbs(self) -> float: ...

    @property
    def posed(self) -> float: ...


@lru_cache(maxsize=4)
def lessons(data: tuple[Path, ...], generated: float) -> tuple[tuple[PackedAsset, ...], np.ndarray]:
    """The rigs of the train split and how often each comes up: kinds by the root of their number."""
    learned = tuple(a for a in library(data) if a.rigged and a.split == "train" and len(a.names) <= JOINTS)
    made = {a.name for path in data[1:] for a in library((path,))}
    ours = np.array([a.name in made for a in learned])
    parts = [(ours, generated), (~ours, 1 - generated)] if ours.any() else []
    return learned, in_shares(by_rarity([a.kind for a in learned]), parts)


@dataclass(frozen=True)
class Example:
    """A rig as it is shown once."""

    inputs: Inputs
    joints: np.ndarray  # (J, 3)
    parents: np.ndarray  # (J,)


def show(asset: PackedAsset, config: Showing, random: np.random.Generator) -> Example:
    """A varied view of a rig: posed, stretched, bent, turned a little, mirrored, with noise, some joints deleted."""
    chosen = random.permutation(len(asset.quantised))[: config.points]
    points, normals = asset.points[chosen].astype(np.float64), asset.normals[chosen].astype(np.float64)
    joints, parents = asset.heads.astype(np.float64), asset.parents.astype(np.int64)
    if random.random() < config.posed:
        turns = rotations(random.normal(0, config.pose / 3**0.5, (len(joints), 3)))
        turns *= np.exp(random.normal(0, config.limbs, len(joints)))[:, None, None]
        turns[parents < 0] = np.eye(3)
        turn, shift = pose_joints(joints, parents, turns)
        points, normals = move_flesh(points, normals, asset.bones[chosen], asset.shares[chosen], turn, shift)
        joints = np.einsum("bij,bj->bi", turn, joints) + shift
    warp = Warp(random)
    points, joints, normals = warp(points), warp(joints), warp.normals(normals)
    low, high = points.min(0), points.max(0)
    points, joints = ((array - (low + high) / 2) / (high - low).max() for array in (points, joints))
    if random.random() < 0.3:
        points = points + random.normal(0, 0.003 * random.random(), points.shape)
    if random.random() < 0.5:
        points, normals, joints = points * FLIP, normals * FLIP, joints * FLIP
    surface = Surface(points.astype(np.float32), normals.astype(np.float32))
    return Example(graph_inputs(surface), joints.astype(np.float32), parents)
