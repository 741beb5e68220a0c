"""Packed pictures with skeletons as lessons: some views of a shape, mirrored at times, and what is true of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from inference.images.camera import DISTANCE
from inference.networks.skeletonnet.pose import camera_matrix
from training.datasets.builders.build import build_file
from training.datasets.packed.skeletal import SkeletalItem, SkeletalViews, read_skeletal
from training.datasets.packed.views import views_source
from training.loop.errors import MissingDataError
from training.rendering.crop_frames import TANGENT, Frames, mirrored
from training.shapes.families import chosen

SKELETAL = Path("out/skeletal.safetensors")
SEEDS, VAL = range(92), 8  # of each family
EDGES = 5.0  # what a surface point near an edge counts
MIRROR = np.array([-1.0, 1.0, 1.0], np.float32)


@dataclass(frozen=True)
class Shown:
    """Some views of a shape, and whether all of it is mirrored left to right."""

    item: SkeletalItem
    views: np.ndarray  # (V,) which
    crops: np.ndarray  # (V, 4, S, S) float32
    frames: Frames[np.ndarray]
    is_mirrored: bool

    def as_shown(self, points: np.ndarray) -> np.ndarray:
        """Points or normals (N, 3) of the shape."""
        return points * MIRROR if self.is_mirrored else points

    def cells(self, volume: np.ndarray) -> np.ndarray:
        """A volume (R, R, R) of the shape."""
        return volume[::-1] if self.is_mirrored else volume

    @property
    def cameras(self) -> np.ndarray:
        """Of the views, (V, 3, 4) float32."""
        frames = (self.frames.rotation, self.frames.scale, self.frames.shift)
        rotation, scale, shift = (torch.from_numpy(np.array(part, np.float32)) for part in frames)
        return camera_matrix(rotation, scale, shift, DISTANCE, TANGENT).numpy()


def make_skeletal(path: Path, families: tuple[str, ...], size: int, resolutions: Iterable[int]) -> None:
    """What recipes learn from, where it is not there yet."""
    if not path.exists():
        build_file(
            path, views_source(families, SEEDS, VAL), SkeletalViews(size=size, volumes=tuple(sorted(resolutions)))
        )


@lru_cache(maxsize=2)
def skeletal_library(path: Path) -> tuple[SkeletalItem, ...]:
    """A packed file; loader processes share what was read before they started."""
    if not path.exists():
        raise MissingDataError(f"'{path}' is not there. `python -m tools.build_dataset skeletal-views` makes it.")
    return read_skeletal(path)


@lru_cache(maxsize=8)
def skeletal_lessons(path: Path, families: tuple[str, ...], split: str) -> dict[str, tuple[SkeletalItem, ...]]:
    """The shapes of some families by family."""
    wanted, found = set(chosen(families)), defaultdict(list)
    for item in skeletal_library(path):
        if item.views.split == split and item.views.family in wanted:
            found[item.views.family].append(item)
    if not found:
        raise MissingDataError(f"'{path}' has no {split} shapes of {', '.join(families)}. Make it again with them.")
    return {family: tuple(items) for family, items in found.items()}


def need_volumes(path: Path, resolutions: Iterable[int]) -> None:
    """Refuse a file that lacks volumes of these resolutions."""
    for missing in set(resolutions) - set(skeletal_library(path)[0].known_resolutions):
        raise MissingDataError(f"'{path}' has no volumes of {missing}^3. Delete it; it is made again with them.")


def draw_shown(
    lessons: dict[str, tuple[SkeletalItem, ...]], most_views: int, colours: float, random: np.random.Generator
) -> Shown:
    """A shape of any family, each as likely as the others, from 1 to `most_views` sides."""
    families = list(lessons)
    items = lessons[families[random.integers(len(families))]]
    item = items[random.integers(len(items))]
    views = random.permutation(len(item.views.lengths))[:most_views]
    crops = item.views.crops(views).astype(np.float32) / 255
    gain = np.exp(random.normal(0, colours, (3, 1, 1))).astype(np.float32)
    coloured = np.minimum(crops[:, random.permutation(3)] * gain, crops[:, 3:])
    crops, frames = np.concatenate([coloured, crops[:, 3:]], 1), item.views.frames(views)
    if random.random() < 0.5:
        turned = mirrored(frames, np.full(len(views), -1.0, np.float32))
        return Shown(item, views, np.ascontiguousarray(crops[..., ::-1]), turned, is_mirrored=True)
    return Shown(item, views, crops, frames, is_mirrored=False)


def plainly(item: SkeletalItem, views: np.ndarray) -> Shown:
    """Some views as they are."""
    return Shown(
        item, views, item.views.crops(views).astype(np.float32) / 255, item.views.frames(views), is_mirrored=False
    )


def true_points(shown: Shown, count: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    """`count` points each of the curves, the sheets, and the whole skeleton.

    A shape that is all curves or all sheets has those of its one kind for the other: primitives that have nothing of
    their own to lie on have to lie somewhere on the skeleton.
    """
    curves, sheets = shown.as_shown(shown.item.shape.curves), shown.as_shown(shown.item.shape.sheets)
    both = np.concatenate([curves, sheets])
    parts = {"curves": curves if len(curves) else both, "sheets": sheets if len(sheets) else both, "skeleton": both}
    return {name: each[random.integers(len(each), size=count)] for name, each in parts.items()}


def true_volume(shown: Shown, resolution: int) -> np.ndarray:
    """The skeletal volume, (R, R, R) bool."""
    return shown.cells(shown.item.volume(resolution))


def true_surface(shown: Shown, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points of the surface (count, 3) and what each of them counts: more near edges."""
    points, _ = shown.item.shape.surface
    some = random.integers(len(points), size=count)
    weights = np.where(shown.item.shape.sharp[some], EDGES, 1.0)
    return shown.as_shown(points[some]), weights.astype(np.float32)


def true_samples(shown: Shown, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places (count, 3) and their signed distances (count,)."""
    places, distances = shown.item.shape.samples
    some = random.integers(len(places), size=count)
    return shown.as_shown(places[some]), distances[some]


def stacked(parts: list[dict[str, np.ndarray]]) -> dict[str, torch.Tensor]:
    """Lessons as a batch."""
    return {name: torch.from_numpy(np.ascontiguousarray(np.stack([part[name] for part in parts]))) for name in parts[0]}
