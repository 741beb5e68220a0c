"""What every reader gives: items whose parts are read when they are asked for, and a list of what was left out and why.

Everything an item gives is in this project's frame: Z up, facing -Y, left at +X, in the file's own units (nothing is
centred or scaled). How a data set's axes point is said by the item's `frame`.
"""

from __future__ import annotations

import binascii
import csv
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from inference.anatomy import CurveSkeleton, Mesh
from training.datasets.rigged_glb import RiggedAsset
from training.datasets.store.errors import DatasetError, SkippedError
from training.datasets.store.shards import Skipped

NO_SPLIT = "none"  # the data set does not say what an item is for
SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
Part = TypeVar("Part")


class NoSourceError(DatasetError):
    """The folder does not hold what the reader expects."""


class DamagedSourceError(SkippedError):
    """One item of a foreign data set cannot be used; `name` says which, `reason` why. A build goes on without it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"'{name}' cannot be read: {reason}.")
        self.name = name
        self.reason = reason


@dataclass(frozen=True)
class Frame:
    """Which way a file's axes point."""

    up: tuple[int, int, int]
    forward: tuple[int, int, int]  # where the front is
    source: Literal["stated", "joints", "assumed"]  # by the data set, by the names of joints, by what is usual

    @property
    def rotation(self) -> np.ndarray:
        """Turns the file's points into this project's frame, (3, 3)."""
        up, forward = np.array(self.up, np.float64), np.array(self.forward, np.float64)
        return np.stack([np.cross(up, forward), -forward, up])

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) of the file in this project's frame."""
        return points.astype(np.float64) @ self.rotation.T


@dataclass(frozen=True)
class Pinhole:
    """A camera of any picture, with the axes and pixels of training/rendering: x right, y down, z forward; the middle
    of the upper left pixel is (0.5, 0.5)."""

    width: int
    height: int
    focal: float  # pixels
    centre: tuple[float, float]  # pixels, where the axis meets the image
    pose: np.ndarray  # (3, 4), takes points of this project's frame to camera axes

    @property
    def intrinsics(self) -> np.ndarray:
        """Camera to homogeneous pixels, (3, 3)."""
        return np.array([[self.focal, 0, self.centre[0]], [0, self.focal, self.centre[1]], [0, 0, 1]])

    @property
    def to_world(self) -> np.ndarray:
        """Camera to world (4, 4) for a camera that looks along its own -Z with +Y up, as datasets store it."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.pose[:, :3].T * np.array([1.0, -1.0, -1.0])
        matrix[:3, 3] = -self.pose[:, :3].T @ self.pose[:, 3]
        return matrix

    def project(self, points: np.ndarray) -> np.ndarray:
        """Where points (N, 3) appear: column, row and depth, (N, 3)."""
        seen = points @ self.pose[:, :3].T + self.pose[:, 3]
        return np.concatenate([seen[:, :2] * self.focal / seen[:, 2:] + np.array(self.centre), seen[:, 2:]], 1)


@dataclass(frozen=True)
class CameraView:
    """A picture of an item."""

    image: Path
    mask: Path | None = None  # without one, the picture's own transparency is the mask
    camera: Pinhole | None = None
    box: tuple[float, float, float, float] | None = None  # left, top, right, bottom, in pixels

    def pixels(self) -> np.ndarray:
        """Colour and coverage, (H, W, 4) uint8."""
        with damage_named(self.image.name):
            colour = _picture(self.image, "RGBA")
            if self.mask is not None:
                cover = _picture(self.mask, "L")
                if cover.shape != colour.shape[:2]:
                    raise ValueError(f"its mask is {cover.shape[::-1]} pixels, the image {colour.shape[1::-1]}")
                colour[:, :, 3] = cover
            return colour

    def silhouette(self) -> np.ndarray:
        """Where the item is, (H, W) bool."""
        return self.pixels()[:, :, 3] > 127


@dataclass(frozen=True)
class Item:
    """One thing of a data set. A part that the data set does not have is None; what is damaged raises when read.

    Items can be sent to other processes.
    """

    name: str
    split: str  # train, val, test, or none
    category: str
    frame: Frame
    load_mesh: Callable[[], Mesh] | None = None
    load_rig: Callable[[], RiggedAsset] | None = None
    load_curve: Callable[[], CurveSkeleton] | None = None
    views: tuple[CameraView, ...] = ()
    tags: frozenset[str] = field(default_factory=frozenset)  # "occluded", "truncated", ...


def read_parts(
    items: Iterable[Item], load: Callable[[Item], Part], skipped: list[Skipped]
) -> Iterator[tuple[Item, Part]]:
    """`load` of each item; an item that is damaged goes to `skipped` and the rest goes on."""
    for item in items:
        try:
            part = load(item)
        except DamagedSourceError as damage:
            part_name = "" if damage.name == item.name else f"{damage.name}: "
            skipped.append(Skipped(item.name, part_name + damage.reason))
            continue
        yield item, part


Reader = Callable[[Path, list[Skipped]], Iterator[Item]]


def named_once(items: Iterable[Item], skipped: list[Skipped]) -> Iterator[Item]:
    """The first item of each name; every other of that name goes to `skipped`. Holds the names, not the items."""
    seen: set[str] = set()
    for item in items:
        if item.name in seen:
            skipped.append(Skipped(item.name, "there is another item of this name before it; only that one is taken"))
            continue
        seen.add(item.name)
        yield item


@contextmanager
def damage_named(name: str) -> Iterator[None]:
    """What goes wrong with a file is told with the item's name."""
    try:
        yield
    except DamagedSourceError as damage:
        raise damage if damage.name == name else DamagedSourceError(name, f"{damage.name}: {damage.reason}") from damage
    except KeyError as missing:
        raise DamagedSourceError(name, f"it has no {missing}") from missing
    except FileNotFoundError as missing:
        raise DamagedSourceError(name, f"'{Path(str(missing.filename)).name}' is missing") from missing
    except EOFError as ended:
        raise DamagedSourceError(name, "it ends too early") from ended
    except (
        OSError,
        ValueError,
        IndexError,
        TypeError,
        binascii.Error,
        struct.error,
        zlib.error,
        zipfile.BadZipFile,
    ) as error:
        raise DamagedSourceError(name, str(error).rstrip(".") or type(error).__name__) from error


def checked_mesh(vertices: np.ndarray, triangles: np.ndarray) -> Mesh:
    """A mesh that can be computed with: some triangles, all indices in range, all coordinates finite."""
    if len(triangles) == 0:
        raise ValueError("it has no triangle")
    if triangles.min() < 0 or triangles.max() >= len(vertices):
        raise ValueError(f"a face refers to vertex {int(triangles.max()) + 1} of {len(vertices)}")
    if not np.isfinite(vertices).all():
        raise ValueError("some coordinates are not finite")
    return Mesh(vertices.astype(np.float64), triangles.astype(np.int32))


def need_folder(folder: Path, name: str, layout: str) -> Path:
    """`folder`, or a named error that says what it should hold."""
    if not folder.is_dir():
        raise NoSourceError(f"'{folder}' is not a folder. {name} is expected as {layout}.")
    return folder


def not_found(folder: Path, name: str, layout: str) -> NoSourceError:
    """The error for a folder in which nothing of the data set was found."""
    return NoSourceError(f"'{folder}' holds nothing of {name}. It is expected as {layout}.")


def by_number(name: str) -> tuple[int, str]:
    """What to sort names by that are numbers in most cases; others come last."""
    return (int(name) if name.isdigit() else 1 << 60), name


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, whatever marks its start."""
    with path.open(newline="", encoding="utf-8-sig") as lines:
        return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(lines)]


def read_json(path: Path) -> object:
    """A JSON document; one that is broken is a named error, for nothing can be listed without it."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise NoSourceError(f"'{path}' is not a JSON file ({error}). Download it again.") from error


def fold_splits(names: Sequence[str], folds: int = 5) -> dict[str, str]:
    """A split where the data set gives none: of five folds three to train, one to validate, one to test.

    Names are dealt to the folds in sorted order, so that the same names always get the same split.
    """
    fates = ["train"] * (folds - 2) + ["val", "test"]
    return {name: fates[i % folds] for i, name in enumerate(sorted(names))}


def look_at(position: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The pose of a camera at `position` that looks at `target` with Z up in its image; (3, 4)."""
    inwards = np.subtract(target, position) / np.linalg.norm(target - position)
    right = np.cross(inwards, np.array([0.0, 0.0, 1.0]))
    right = right / np.linalg.norm(right)
    turn: np.ndarray = np.stack([right, np.cross(inwards, right), inwards])
    return np.concatenate([turn, -(turn @ position)[:, None]], 1)


def _picture(path: Path, mode: str) -> np.ndarray:
    from PIL import Image  # only who looks at pictures needs it

    with Image.open(path) as picture:
        return np.array(picture.convert(mode))
