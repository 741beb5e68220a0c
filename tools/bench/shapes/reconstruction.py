"""Clouds of shapes that nobody learned from, made again by each way: how far the surface is from the true one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import Mesh
from tools.bench.record import Cell, show
from training.datasets.builders.sdf import normalised
from training.datasets.packed.shapes import PackedShape
from training.metrics.clouds import RECONSTRUCTION_POINTS, CloudScore, earth_movers, farthest_points, score_cloud
from training.shapes.families import FAMILIES

from .made import Reconstruct, cloud_on

MATCHED = 1024  # points of a cloud whose earth mover's distance is measured: it grows with the cube
VESSELS = ("aorta", "cerebral arteries", "coronary arteries")
COLUMNS = ("CD x100", "EMD x10", "HD x10", "F1 %", "vessels' F1 %")


def true_mesh(shape: PackedShape) -> Mesh:
    """The shape itself, in the frame of what was packed."""
    return normalised(FAMILIES[shape.family](shape.seed).mesh, 0, "all")[0]


def some_of_each(shapes: Sequence[PackedShape], count: int) -> list[PackedShape]:
    """The first `count` of each family."""
    kept: list[PackedShape] = []
    for shape in shapes:
        if sum(other.family == shape.family for other in kept) < count:
            kept.append(shape)
    return kept


def score(points: np.ndarray, truth: np.ndarray) -> CloudScore:
    """CD, HD and F1 of all points, EMD of the first MATCHED of both."""
    near, back = KDTree(truth).query(points)[0], KDTree(points).query(truth)[0]
    whole = score_cloud(points[: len(points) - 1], truth)  # clouds of unlike size: no EMD of all points
    fewer = (cloud[farthest_points(cloud, MATCHED)] for cloud in (points, truth))
    return CloudScore(float(50 * (near.mean() + back.mean())), 10 * earth_movers(*fewer), whole.hd, whole.f1)


def reconstructions(ways: Mapping[str, Reconstruct], shapes: Sequence[PackedShape]) -> dict[str, dict[str, float]]:
    """The mean scores of each way, printed."""
    scores: dict[str, list[CloudScore]] = {name: [] for name in ways}
    for shape in shapes:
        truth = cloud_on(true_mesh(shape), RECONSTRUCTION_POINTS, seed=1)
        cloud = shape.cloud(0, 1024)
        for name, reconstruct in ways.items():
            scores[name].append(score(reconstruct(cloud, RECONSTRUCTION_POINTS), truth))
    found: dict[str, dict[str, float]] = {}
    vessels = [place for place, shape in enumerate(shapes) if shape.family in VESSELS]
    for name, each in scores.items():
        numbers = [float(np.mean([getattr(one, field) for one in each])) for field in ("cd", "emd", "hd", "f1")]
        numbers.append(float(np.mean([each[place].f1 for place in vessels])) if vessels else float("nan"))
        found[name] = dict(zip(COLUMNS, numbers, strict=True))
    rows: list[list[Cell]] = [[name, *numbers.values()] for name, numbers in found.items()]
    show(f"Reconstruction of {len(shapes)} shapes", ["", *COLUMNS], rows)
    return found
