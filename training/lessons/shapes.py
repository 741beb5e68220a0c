"""Packed shapes as lessons: clouds with their skeletons, and places with distances; some turned or mirrored.

The skeletonisation has no parameters and turns with the shape, so it is done once for each cloud and kept beside the
packed file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from inference.files import write_whole
from inference.networks.skeldiff.skeletonise import skeletonise
from training.datasets.builders.build import build_file
from training.datasets.packed.shapes import PackedShape, Shapes, read_shapes, shapes_source
from training.loop.errors import MissingDataError

PACKED = Path("out/shapes.safetensors")
AT_ONCE = 16  # clouds that are skeletonised together
PLAIN = 0.5  # share of the lessons that are shown as they are
MIRROR = np.array([-1.0, 1.0, 1.0], np.float32)


@dataclass(frozen=True)
class Lesson:
    """One shape as it is shown."""

    cloud: np.ndarray  # (P, 3)
    skeleton: np.ndarray  # (S, 4) places and radii
    points: np.ndarray  # (Q, 3)
    distances: np.ndarray  # (Q,)


def make_packed(path: Path) -> None:
    """The shapes that recipes learn from, where they are not there yet."""
    if not path.exists():
        build_file(path, shapes_source(), Shapes())


@lru_cache(maxsize=2)
def packed_shapes(path: Path, split: str) -> tuple[PackedShape, ...]:
    """One split of a packed file, read once."""
    if not path.exists():
        raise MissingDataError(f"'{path}' is not there. `python -m tools.build_dataset shapes` makes it.")
    return tuple(shape for shape in read_shapes(path) if shape.split == split)


@lru_cache(maxsize=4)
def skeletons(path: Path, split: str, points: int, count: int) -> np.ndarray:
    """Skeleton points and radii (shapes, clouds, count, 4) of one split, made once and kept beside the packed file."""
    kept = path.with_name(f"{path.stem}-{split}-{points}-{count}.npy")
    if not kept.exists():
        shapes = packed_shapes(path, split)
        clouds = [shape.cloud(which, points) for shape in shapes for which in range(len(shape.surfaces))]
        made = []
        with torch.no_grad():
            for start in range(0, len(clouds), AT_ONCE):
                x_s, r = skeletonise(torch.from_numpy(np.stack(clouds[start : start + AT_ONCE])), count)
                made.append(torch.cat([x_s, r[..., None]], 2).numpy())
        whole = np.concatenate(made).reshape(len(shapes), -1, count, 4)
        write_whole(kept, _as_file(whole))
    return np.load(kept)


def _as_file(array: np.ndarray) -> bytes:
    import io

    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def show(shape: PackedShape, skeleton: np.ndarray, points: int, places: int, random: np.random.Generator) -> Lesson:
    """A shape and its skeletons (K, S, 4), as it is or turned about z, at times mirrored, and normalised again."""
    which = int(random.integers(len(shape.surfaces)))
    cloud = shape.cloud(which, points)
    some = random.choice(len(shape.distances), places, replace=places > len(shape.distances))
    at, distances = shape.samples(some)
    bones = skeleton[which]
    if random.random() < PLAIN:
        return Lesson(cloud, bones, at, distances)
    turn = a_turn(random)
    cloud, at, axis = cloud @ turn, at @ turn, bones[:, :3] @ turn
    low, high = cloud.min(0), cloud.max(0)
    middle, size = (low + high) / 2, float((high - low).max()) / 2
    bones = np.concatenate([(axis - middle) / size, bones[:, 3:] / size], 1)
    return Lesson((cloud - middle) / size, bones, (at - middle) / size, distances / size)


def turned(cloud: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A cloud (P, 3) alone, as lessons show it."""
    if random.random() < PLAIN:
        return cloud
    cloud = cloud @ a_turn(random)
    low, high = cloud.min(0), cloud.max(0)
    return (cloud - (low + high) / 2) / (float((high - low).max()) / 2)


def a_turn(random: np.random.Generator) -> np.ndarray:
    """About z in half of the cases, mirrored in half of them, (3, 3)."""
    angle = random.uniform(-np.pi, np.pi) if random.random() < 0.5 else 0.0
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)
    return turn * MIRROR if random.random() < 0.5 else turn
