"""The benchmark of SkeletonNet: what it measures of surfaces, and what it says where nothing is trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.anatomy import Mesh
from tools.bench.skeletonnet.measures import Whole, measured
from tools.bench.skeletonnet.nets import Asked
from tools.bench.skeletonnet.run import skeletonnet
from training.metrics.surfaces import sampled
from training.metrics.volumes import occupancy


def tube(middle: np.ndarray, radius: float, *, closed: bool) -> Mesh:
    """A round tube along points (N, 3)."""
    count, around = len(middle), 12
    ahead = np.roll(middle, -1, 0) - np.roll(middle, 1, 0) if closed else np.gradient(middle, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    aside = np.cross(ahead, [0.0, 0.0, 1.0]) if closed else np.tile([1.0, 0.0, 0.0], (count, 1))
    up = np.cross(aside, ahead)
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    ring = np.cos(angle)[None, :, None] * aside[:, None] + np.sin(angle)[None, :, None] * up[:, None]
    vertices = (middle[:, None] + radius * ring).reshape(-1, 3)
    last = count if closed else count - 1
    faces = []
    for row in range(last):
        for place in range(around):
            a, b = row * around + place, row * around + (place + 1) % around
            c, d = ((row + 1) % count) * around + place, ((row + 1) % count) * around + (place + 1) % around
            faces += [(a, b, c), (b, d, c)]
    if not closed:
        ends = len(vertices)
        vertices = np.concatenate([vertices, middle[[0]], middle[[-1]]])
        for place in range(around):
            following = (place + 1) % around
            faces += [(ends, following, place)]
            faces += [(ends + 1, (count - 1) * around + place, (count - 1) * around + following)]
    made = np.array(faces, np.int32)
    a, b, c = (vertices[made[:, k]] for k in range(3))
    outward = np.einsum("nj,nj->", a, np.cross(b, c)) > 0
    return Mesh(vertices, made if outward else made[:, ::-1])


@pytest.fixture(scope="module")
def ring() -> Whole:
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    middle = 0.4 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], 1)
    mesh = tube(middle, 0.03, closed=True)
    return Whole(mesh, sampled(mesh, 10_000, 1)[0], occupancy(mesh), 1, 1, middle)


def test_the_true_surface_is_right_in_every_way(ring: Whole) -> None:
    found = measured(ring.mesh, ring)
    assert found.iou == 100
    assert found.cd < 0.3
    assert (found.shells, found.handles) == (1, 1)
    assert found.has_thin


def test_half_of_a_ring_has_no_hole_and_lacks_thin_parts(ring: Whole) -> None:
    half = tube(ring.thin[:24], 0.03, closed=False)
    found = measured(half, ring)
    assert (found.shells, found.handles) == (1, 0)
    assert found.thin == pytest.approx(0.55, abs=0.1)
    assert not found.has_thin
    assert found.iou < 60
    assert found.cd > 10


def test_nothing_is_a_point_and_a_shape_without_thin_parts_lacks_none(ring: Whole) -> None:
    nothing = Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    assert measured(nothing, ring).iou == 0
    assert not measured(nothing, ring).has_thin
    assert measured(ring.mesh, replace(ring, thin=ring.thin[:3])).thin is None


def test_what_is_not_trained_is_named_and_nothing_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = skeletonnet(Asked(tmp_path, "small", 0, 1, 64, None, 1, None))
    text = capsys.readouterr().out
    assert found["trainings"] == {}
    assert "not trained" in text
    assert "skeletonnet_field-small-0" in text.replace("\n", "")
