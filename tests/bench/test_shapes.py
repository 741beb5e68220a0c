"""What the benchmark of shapes counts and draws: solids have known pieces and loops, and surfaces face outwards."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from inference.networks.skeldiff.field import grid_axis
from tools.bench.shapes.generation import copies, few, topology
from tools.bench.shapes.made import contoured
from training.datasets.packed.shapes import STEPS, PackedShape


def grid(resolution: int) -> np.ndarray:
    axis = grid_axis(resolution)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)


def ring(places: np.ndarray, middle: float = 0.0) -> np.ndarray:
    across = np.linalg.norm(places[..., :2] - [middle, 0], axis=-1) - 0.5
    return 0.15 - np.hypot(across, places[..., 2])


def test_a_surface_is_closed_faces_outwards_and_lies_where_it_should() -> None:
    places = grid(32) - [0.1, 0.0, -0.2]
    mesh = contoured((0.6 - np.linalg.norm(places * [1, 2, 1], axis=-1)).astype(np.float32))
    solid = trimesh.Trimesh(mesh.vertices, mesh.triangles)
    assert solid.is_watertight
    assert solid.volume == pytest.approx(4 / 3 * np.pi * 0.6**3 / 2, rel=0.03)
    assert solid.centroid == pytest.approx([0.1, 0, -0.2], abs=0.01)


def test_pieces_and_loops_are_counted() -> None:
    places = grid(40)
    assert topology(ring(places) > 0) == (1, 1)
    assert topology(np.maximum(ring(places, 0.4), ring(places, -0.4)) > 0)[0] == 1
    assert topology(np.linalg.norm(places, axis=-1) < 0.5) == (1, 0)
    two = (np.abs(places[..., 0]) > 0.5) & (np.linalg.norm(places, axis=-1) < 0.9)
    assert topology(two) == (2, 0)


def test_copies_are_noticed() -> None:
    random = np.random.default_rng(0)
    clouds = random.uniform(-1, 1, (8, 300, 3)) * random.uniform(0.2, 1, (8, 1, 3))
    clouds /= np.abs(clouds).max((1, 2), keepdims=True)
    nothing = np.zeros((0, 3), np.int16), np.zeros(0, np.int16)
    learned = [
        PackedShape("a", k, "train", (cloud[None] * STEPS).astype(np.int16), *nothing)
        for k, cloud in enumerate(clouds[:6])
    ]
    share, nearest = copies({"a": np.stack([few(clouds[2], 256), few(clouds[7], 256)])}, learned)
    assert share == 0.5
    assert nearest["a"][0] == 2
