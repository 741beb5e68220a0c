"""Spheres predicted from pictures against true ones and against silhouettes, by family and in the mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from inference.anatomy import MedialSpheres

from .spheres import score_spheres


@dataclass(frozen=True)
class SeenScore:
    """One prediction from one picture."""

    family: str
    cd: float  # x100, see SphereScore; in the frame of the shape before the cameras
    radius: float  # x100
    count: int
    seen: float  # IoU of the picture's silhouette with that of the spheres, joined to their neighbours by cones
    unseen: float  # ... with those of other views of the shape, in the mean
    discs: float  # as `seen`, without the cones


def score(
    family: str, centres: np.ndarray, radii: np.ndarray, truth: MedialSpheres, ious: tuple[float, float, float]
) -> SeenScore:
    """Spheres (N, 3) and (N,) in the frame of the true ones; `ious` are seen, unseen and of discs."""
    found = MedialSpheres(centres.astype(np.float64), radii.astype(np.float64), np.zeros(len(radii), bool))
    against = score_spheres(found, truth)
    return SeenScore(family, against.cd, against.radius, against.count, *ious)


def table(scores: Iterable[SeenScore], main: Mapping[str, object]) -> dict[str, float]:
    """Means by family, and the mean of the families among `main` (of all, if none is): every family counts alike."""
    by_family: dict[str, list[SeenScore]] = defaultdict(list)
    for one in scores:
        by_family[one.family].append(one)
    chosen = [family for family in by_family if family in main] or list(by_family)
    each = {family: _means(some) for family, some in by_family.items()}
    numbers = {name: float(np.mean([each[family][name] for family in chosen])) for name in COLUMNS}
    for name in ("IoU seen", "IoU unseen"):
        numbers[f"{name}, all families"] = float(np.mean([means[name] for means in each.values()]))
    for family, means in each.items():
        numbers |= {f"{name}: {family}": value for name, value in means.items()}
    return numbers


def iou(drawn: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Of silhouettes (B, H, W) where more than half of a pixel counts; (B,)."""
    one, other = drawn > 0.5, true > 0.5
    return (one & other).sum((1, 2)) / np.maximum((one | other).sum((1, 2)), 1)


COLUMNS = ("CD", "R", "IoU seen", "IoU unseen", "IoU of discs")


def _means(scores: list[SeenScore]) -> dict[str, float]:
    rows = [(one.cd, one.radius, one.seen, one.unseen, one.discs) for one in scores]
    return dict(zip(COLUMNS, np.mean(rows, 0).tolist(), strict=True))
