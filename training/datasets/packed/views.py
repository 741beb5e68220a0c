"""Pictures of many generated shapes in one file: what the networks that see pictures learn from.

Each view is the crop that a network sees (as PNG, lossless; its alpha is the silhouette) with the camera it was taken
by and where the crop lies in its picture, so that whatever is seen in one view can be drawn in another. Shapes for
evaluation have seeds of their own and carry their true medial spheres.

`python -m training.datasets.packed.views` makes the file; the same options give the same bytes.
"""

from __future__ import annotations

import io
import json
import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from inference.anatomy import MedialSpheres
from inference.images.crop import crop_picture
from training.rendering.cameras import Camera, fit_mesh, fitted, paper_cameras, stack, to_torch
from training.rendering.crop_frames import Frames, frame_of
from training.rendering.looks import random_look
from training.shapes.families import GROUPS, chosen

VERSION = "bonewright views 1"
VAL_SEEDS = 100_000  # the first seed of evaluation
SPHERES = 256  # of a shape for evaluation, at most
FREE_ELEVATIONS = (-20.0, 60.0)


@dataclass(frozen=True)
class Options:
    """What to make."""

    out: Path = Path("out/views.safetensors")
    families: tuple[str, ...] = ("categories", "characters", "people")
    """Families or groups of families."""
    seeds: int = 100
    """Shapes of each family to learn from."""
    val: int = 10
    """Shapes of each family for evaluation."""
    paper: int = 5
    """Views of each shape by cameras of the papers: elevation 0 or 30, azimuth in steps of 15 degrees."""
    free: int = 5
    """Views by cameras at any azimuth and elevations from -20 to 60."""
    size: int = 64
    """Pixels of a crop."""
    processes: int = os.cpu_count() or 1


@dataclass(frozen=True)
class ViewedShape:
    """One shape's views."""

    family: str
    seed: int
    split: str  # train or val
    pictures: tuple[bytes, ...]  # PNG of each view
    places: np.ndarray  # (V, 2) float32 azimuth and elevation in degrees
    paper: np.ndarray  # (V,) bool: by a camera of the papers
    rotation: np.ndarray  # (V, 3, 3) float32, see Frames
    scale: np.ndarray  # (V,) float32
    shift: np.ndarray  # (V, 2) float32
    spheres: np.ndarray  # (S, 4) float32 true centres and radii before the cameras; none for train

    def crops(self, views: np.ndarray) -> np.ndarray:
        """RGB times alpha and alpha of some views, (K, 4, size, size) uint8."""
        made = [np.asarray(Image.open(io.BytesIO(self.pictures[view]))) for view in views]
        return np.stack(made).transpose(0, 3, 1, 2)

    def frames(self, views: np.ndarray) -> Frames[np.ndarray]:
        """What these views see."""
        return Frames(self.rotation[views], self.scale[views], self.shift[views])

    @property
    def truth(self) -> MedialSpheres:
        """The true medial spheres, in the frame before the cameras."""
        return MedialSpheres(self.spheres[:, :3], self.spheres[:, 3], np.zeros(len(self.spheres), bool))


def view_shape(family: str, seed: int, split: str, options: Options) -> ViewedShape:
    """Make a shape, look at it from several places, and crop."""
    import torch

    from training.rendering.raster import pack
    from training.rendering.shading import render

    shape = next(group[family] for group in GROUPS.values() if family in group)(seed)
    random = np.random.default_rng([zlib.crc32(family.encode()), seed])
    cameras = _cameras(options, random)
    looks = [random_look(seed, f"{family}:{view}") for view in range(len(cameras))]
    with torch.no_grad():
        seen = render(pack([fitted(shape.mesh)]), to_torch(stack(cameras)), [0] * len(cameras), looks)
    pictures, frames = [], []
    for camera, rgba in zip(cameras, seen.rgba.numpy(), strict=True):
        crop, place = crop_picture((rgba * 255 + 0.5).astype(np.uint8), options.size)
        pictures.append(_png((crop * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0)))
        frames.append(frame_of(camera, place))
    rotation, scale, shift = (np.array(part, np.float32) for part in zip(*frames, strict=True))
    places = np.array([(camera.azimuth, camera.elevation) for camera in cameras], np.float32)
    spheres = np.zeros((0, 4), np.float32)
    if split == "val":
        fit = fit_mesh(shape.mesh)
        chosen_ones = spread(shape.spheres.centres, SPHERES)
        centres, radii = fit(shape.spheres.centres[chosen_ones]), shape.spheres.radii[chosen_ones] * fit.scale
        spheres = np.concatenate([centres, radii[:, None]], 1).astype(np.float32)
    paper = np.arange(len(cameras)) < options.paper
    return ViewedShape(family, seed, split, tuple(pictures), places, paper, rotation, scale, shift, spheres)


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


def _cameras(options: Options, random: np.random.Generator) -> list[Camera]:
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


def _work(task: tuple[str, int, str, Options]) -> ViewedShape:
    import torch

    torch.set_num_threads(1)
    return view_shape(*task)


def make_views(options: Options) -> Iterator[ViewedShape]:
    """All shapes of the options, in order."""
    tasks = []
    for family in chosen(options.families):
        tasks += [(family, seed, "train", options) for seed in range(options.seeds)]
        tasks += [(family, VAL_SEEDS + seed, "val", options) for seed in range(options.val)]
    if options.processes <= 1:
        yield from map(_work, tasks)
        return
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        yield from pool.map(_work, tasks, chunksize=8)


def write_views(path: Path, shapes: list[ViewedShape]) -> None:
    """All shapes into one file; a killed writer leaves none."""
    from safetensors.numpy import save_file

    pictures = [picture for shape in shapes for picture in shape.pictures]
    arrays = {
        "pictures": np.frombuffer(b"".join(pictures), np.uint8),
        "lengths": np.array([len(picture) for picture in pictures], np.int32),
        **{name: np.concatenate([getattr(shape, name) for shape in shapes]) for name in ARRAYS},
    }
    about = [
        {
            "family": shape.family,
            "seed": shape.seed,
            "split": shape.split,
            "views": len(shape.pictures),
            "spheres": len(shape.spheres),
        }
        for shape in shapes
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".half")
    check = str(_check(arrays))
    # One entry: the library writes several in any order, and equal data should be equal bytes.
    save_file(arrays, half, {"head": json.dumps({"format": VERSION, "crc32": check, "shapes": about})})
    half.replace(path)


ARRAYS = ("places", "paper", "rotation", "scale", "shift", "spheres")


def read_views(path: Path) -> tuple[ViewedShape, ...]:
    """What `write_views` wrote. A damaged file is a ValueError that names it."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            head = json.loads((file.metadata() or {}).get("head", "{}"))
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except SafetensorError as error:
        raise ValueError(f"'{path}' is damaged ({error}). Make it again.") from error
    if head.get("format") != VERSION:
        raise ValueError(f"'{path}' is not a file of {VERSION}. Make it again.")
    if head["crc32"] != str(_check(arrays)):
        raise ValueError(f"'{path}' is damaged. Make it again.")
    return tuple(_shapes(head["shapes"], arrays))


def _shapes(about: list[dict[str, str | int]], arrays: dict[str, np.ndarray]) -> Iterator[ViewedShape]:
    ends = np.concatenate([[0], np.cumsum(arrays["lengths"], dtype=np.int64)])
    view = sphere = 0
    for entry in about:
        views, spheres = slice(view, view + int(entry["views"])), slice(sphere, sphere + int(entry["spheres"]))
        view, sphere = views.stop, spheres.stop
        places = range(views.start, views.stop)
        yield ViewedShape(
            str(entry["family"]),
            int(entry["seed"]),
            str(entry["split"]),
            tuple(arrays["pictures"][ends[k] : ends[k + 1]].tobytes() for k in places),
            *(arrays[name][views] for name in ARRAYS[:-1]),
            spheres=arrays["spheres"][spheres],
        )


def _check(arrays: dict[str, np.ndarray]) -> int:
    return zlib.crc32(b"".join(arrays[name].tobytes() for name in sorted(arrays)))


def main(options: Options) -> None:
    """Make the file."""
    shapes = list(make_views(options))
    write_views(options.out, shapes)
    views = sum(len(shape.pictures) for shape in shapes)
    print(f"{options.out}: {len(shapes)} shapes, {views} views, {options.out.stat().st_size / 2**20:.1f} MB")


if __name__ == "__main__":
    import tyro

    main(tyro.cli(Options))
