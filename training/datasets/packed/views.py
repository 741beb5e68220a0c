"""Pictures of generated shapes: what the networks that see pictures learn from.

Each view is the crop that a network sees (as PNG, lossless; its alpha is the silhouette) with the camera it was taken
by and where the crop lies in its picture, so that whatever is seen in one view can be drawn in another. Shapes for
evaluation have seeds of their own and carry their true medial spheres. Made by `python -m tools.build_dataset views`.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from PIL import Image

from inference.anatomy import MedialSpheres
from inference.images.crop import crop_picture
from training.rendering.cameras import Camera, fit_mesh, fitted, paper_cameras, stack, to_torch
from training.rendering.crop_frames import Frames, frame_of
from training.rendering.looks import random_look
from training.shapes.families import chosen
from training.shapes.shape import KnownShape

from ..builders.build import Recipe, Records
from ..builders.sources import Generated, Source
from ..store.records import Array, Record, read_all

FAMILIES = ("categories", "characters", "people")
VAL_SEEDS = 100_000  # the first seed of evaluation
SPHERES = 256  # of a shape for evaluation, at most
FREE_ELEVATIONS = (-20.0, 60.0)


@dataclass(frozen=True)
class ViewedShape(Record):
    """One shape's views."""

    PREFIX: ClassVar[str] = "views"
    family: str
    seed: int
    split: str  # train or val
    png: Annotated[np.ndarray, Array("u1", ("B",))]  # the pictures, one after the other
    lengths: Annotated[np.ndarray, Array("<i4", ("V",))]  # of the pictures, bytes
    places: Annotated[np.ndarray, Array("<f4", ("V", 2))]  # azimuth and elevation in degrees
    paper: Annotated[np.ndarray, Array("?", ("V",))]  # by a camera of the papers
    rotation: Annotated[np.ndarray, Array("<f4", ("V", 3, 3))]  # see Frames
    scale: Annotated[np.ndarray, Array("<f4", ("V",))]
    shift: Annotated[np.ndarray, Array("<f4", ("V", 2))]
    spheres: Annotated[np.ndarray, Array("<f4", ("S", 4))]  # true centres and radii before the cameras; none for train

    def crops(self, views: np.ndarray) -> np.ndarray:
        """RGB times alpha and alpha of some views, (K, 4, size, size) uint8."""
        ends = np.cumsum(self.lengths)
        files = [io.BytesIO(self.png[ends[view] - self.lengths[view] : ends[view]].tobytes()) for view in views]
        return np.stack([np.asarray(Image.open(file)) for file in files]).transpose(0, 3, 1, 2)

    def frames(self, views: np.ndarray) -> Frames[np.ndarray]:
        """What these views see."""
        return Frames(self.rotation[views], self.scale[views], self.shift[views])

    @property
    def truth(self) -> MedialSpheres:
        """The true medial spheres, in the frame before the cameras."""
        return MedialSpheres(self.spheres[:, :3], self.spheres[:, 3], np.zeros(len(self.spheres), bool))


@dataclass(frozen=True)
class Views(Recipe):
    """Each shape from several places, cropped as a network sees it."""

    paper: int = 5
    """Views of each shape by cameras of the papers: elevation 0 or 30, azimuth in steps of 15 degrees."""
    free: int = 5
    """Views by cameras at any azimuth and elevations from -20 to 60."""
    size: int = 64
    """Pixels of a crop."""

    kind: ClassVar[str] = "views"

    def make(self, source: Source, name: str) -> Records:
        """The record of one shape."""
        family, _, seed = name.rpartition("/")
        with one_thread():
            return [(view_shape(source.known(name), family, int(seed), self), None)]


def views_source(families: tuple[str, ...] = FAMILIES, seeds: range = range(100), val: int = 10) -> Generated:
    """Families or groups of them: the seeds to learn from, and so many shapes of each family for evaluation."""
    return Generated(tuple(chosen(families)), (*seeds, *range(VAL_SEEDS, VAL_SEEDS + val)))


def read_views(path: Path) -> tuple[ViewedShape, ...]:
    """All shapes of a dataset, in order."""
    return tuple(shape for _, shape in read_all(ViewedShape, path))


def view_shape(shape: KnownShape, family: str, seed: int, options: Views) -> ViewedShape:
    """Look at a shape from several places, and crop."""
    import torch

    from training.rendering.raster import pack
    from training.rendering.shading import render

    cameras = _cameras(options, np.random.default_rng([zlib.crc32(family.encode()), seed]))
    looks = [random_look(seed, f"{family}:{view}") for view in range(len(cameras))]
    with torch.no_grad():
        seen = render(pack([fitted(shape.mesh)]), to_torch(stack(cameras)), [0] * len(cameras), looks)
    pictures, frames = [], []
    for camera, rgba in zip(cameras, seen.rgba.numpy(), strict=True):
        crop, place = crop_picture((rgba * 255 + 0.5).astype(np.uint8), options.size)
        pictures.append(_png((crop * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0)))
        frames.append(frame_of(camera, place))
    rotation, scale, shift = (np.array(part, np.float32) for part in zip(*frames, strict=True))
    for_evaluation = seed >= VAL_SEEDS
    return ViewedShape(
        family,
        seed,
        "val" if for_evaluation else "train",
        np.frombuffer(b"".join(pictures), np.uint8),
        np.array([len(picture) for picture in pictures], np.int32),
        np.array([(camera.azimuth, camera.elevation) for camera in cameras], np.float32),
        np.arange(len(cameras)) < options.paper,
        rotation,
        scale,
        shift,
        _true_spheres(shape) if for_evaluation else np.zeros((0, 4), np.float32),
    )


def _true_spheres(shape: KnownShape) -> np.ndarray:
    """Centres and radii (S, 4) of spheres all over the shape, in the frame before the cameras."""
    fit, some = fit_mesh(shape.mesh), spread(shape.spheres.centres, SPHERES)
    centres, radii = fit(shape.spheres.centres[some]), shape.spheres.radii[some] * fit.scale
    return np.concatenate([centres, radii[:, None]], 1).astype(np.float32)


def spread(points: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of points (N, 3), each the farthest from those before it."""
    if len(points) <= count:
        return np.arange(len(points))
    chosen_ones = [int(np.argmin(points.sum(1)))]
    away = np.full(len(points), np.inf)
    while len(chosen_ones) < count:
        away = np.minimum(away, ((points - points[chosen_ones[-1]]) ** 2).sum(1))
        chosen_ones.append(int(away.argmax()))
    return np.array(chosen_ones)


def _cameras(options: Views, random: np.random.Generator) -> list[Camera]:
    size = 2 * options.size + 16  # small objects in the picture are not much coarser than the crop
    fixed = paper_cameras(size)
    made = [fixed[place] for place in random.permutation(len(fixed))[: options.paper]]
    for _ in range(options.free):
        made.append(Camera(float(random.uniform(0, 360)), float(random.uniform(*FREE_ELEVATIONS)), size))
    return made


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return file.getvalue()


@contextmanager
def one_thread() -> Iterator[None]:
    """Where several processes work, several threads in each only stand in each other's way."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
