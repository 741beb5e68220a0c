"""Segmentations (NIfTI) as surfaces in millimetres.

NIfTI's world has +X to the patient's right, +Y to the front and +Z to the head. This project's (Z up, facing -Y, left
at +X) is that turned half around Z, so positions of the scanner are kept: only the signs of x and y change.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.anatomy import Mesh

from .common import Frame, checked_mesh, damage_named

SCANNER = Frame(up=(0, 0, 1), forward=(0, 1, 0), source="stated")
MILLIMETRES = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}


@dataclass(frozen=True)
class LabelVolume:
    """A whole number for each cell of a grid; 0 is nothing."""

    labels: np.ndarray  # (X, Y, Z) integers
    placement: np.ndarray  # (4, 4), takes grid positions (cell centres are whole numbers) to this project's frame in mm


def read_labels(path: Path, name: str = "") -> LabelVolume:
    """The labels of a .nii or .nii.gz file; `name` is what an error calls it."""
    from nibabel.filebasedimages import ImageFileError
    from nibabel.nifti1 import Nifti1Image
    from nibabel.spatialimages import HeaderDataError
    from nibabel.wrapstruct import WrapStructError

    with damage_named(name or path.name):
        try:
            image = Nifti1Image.from_filename(path)
            stored = np.asanyarray(image.dataobj)
        except (ImageFileError, HeaderDataError, WrapStructError, OverflowError) as error:
            raise ValueError(f"it is no sound NIfTI file ({error})") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"its compression is damaged ({error})") from error
        if stored.ndim < 3 or int(np.prod(stored.shape[3:])) != 1:
            raise ValueError(f"it is no single volume: its shape is {stored.shape}")
        stored = stored.reshape(stored.shape[:3])
        labels = stored if stored.dtype.kind in "ui" else np.rint(stored).astype(np.int32)
        scale = MILLIMETRES[str(image.header.get_xyzt_units()[0])]
        placement = np.diag([scale, scale, scale, 1.0]) @ np.asarray(image.affine, np.float64)
        placement[:3] = SCANNER.rotation @ placement[:3]
        if not abs(np.linalg.det(placement[:3, :3])) > 1e-12:
            raise ValueError("it does not say how large its cells are")
        return LabelVolume(labels, placement)


def read_surface(path: Path, name: str) -> Mesh:
    """The surface around every labelled cell of a volume."""
    with damage_named(name):
        return surface_of(read_labels(path, name))


def surface_of(volume: LabelVolume, labels: tuple[int, ...] = ()) -> Mesh:
    """The closed surface around all cells with one of `labels` (none given: any but 0), facing outwards.

    It runs halfway between cells and shows their steps: smoothing is for who needs it. Only the labelled box is
    walked through, so a large scan with a thin tree costs little.
    """
    from skimage.measure import marching_cubes

    inside = np.isin(volume.labels, labels) if labels else volume.labels != 0
    box = _box(inside)
    if box is None:
        raise ValueError(f"no cell has {'the label ' + ' or '.join(map(str, labels)) if labels else 'a label'}")
    padded = np.pad(inside[box], 1).astype(np.float32)
    corners, triangles, _, _ = marching_cubes(padded, 0.5, allow_degenerate=False)
    cells = corners.astype(np.float64) - 1.0 + np.array([side.start for side in box])
    turn, shift = volume.placement[:3, :3], volume.placement[:3, 3]
    if np.linalg.det(turn) > 0:  # the triangles come turned inwards, and a mirrored grid turns them out
        triangles = triangles[:, ::-1]
    return checked_mesh(cells @ turn.T + shift, triangles)


def _box(inside: np.ndarray) -> tuple[slice, slice, slice] | None:
    """The smallest box around what is True."""
    sides = []
    for axis in range(3):
        found = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
        if len(found) == 0:
            return None
        sides.append(slice(int(found[0]), int(found[-1]) + 1))
    return sides[0], sides[1], sides[2]
