"""Gaps that a ball cannot enter are closed where flesh may be; the rest of the surface stays where it is."""

import numpy as np
import pytest

from inference.anatomy import MedialMesh, MedialSpheres
from inference.geometry.medial.envelope import envelope
from inference.geometry.solid.gaps import Gaps
from training.shapes.making.union import components_and_genus

RADIUS = 0.12


def everywhere(points: np.ndarray) -> np.ndarray:
    return np.ones(len(points), bool)


def balls(centres: np.ndarray, radius: float = RADIUS) -> MedialMesh:
    spheres = MedialSpheres(centres, np.full(len(centres), radius), np.zeros(len(centres), bool))
    return MedialMesh(spheres, np.zeros((0, 2), np.int32), np.zeros((0, 3), np.int32))


def slab_of_balls() -> MedialMesh:
    """A plate of balls that touch: between any four is a hole."""
    x, y = np.meshgrid(*(2 * RADIUS * np.arange(5),) * 2)
    return balls(np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], 1), 1.02 * RADIUS)


def volume(mesh) -> float:
    one, two, three = mesh.vertices[mesh.triangles].transpose(1, 0, 2)
    return float((one * np.cross(two, three)).sum() / 6)


def test_holes_between_balls_are_closed_and_the_outside_stays() -> None:
    plate = slab_of_balls()
    before = envelope(plate, resolution=96)
    after = envelope(plate, resolution=96, gaps=Gaps(0.1, everywhere))
    assert components_and_genus(before) == (1, 16)
    assert components_and_genus(after) == (1, 0)
    np.testing.assert_allclose(after.vertices.min(0), before.vertices.min(0), atol=1e-9)
    np.testing.assert_allclose(after.vertices.max(0), before.vertices.max(0), atol=1e-9)


def test_where_nothing_may_be_a_hole_stays_open() -> None:
    plate = slab_of_balls()
    after = envelope(plate, resolution=96, gaps=Gaps(0.1, lambda points: points[:, 0] > 4 * RADIUS))
    assert components_and_genus(after) == (1, 8)
    assert components_and_genus(envelope(plate, resolution=96, gaps=Gaps(0.1, lambda p: p[:, 0] > 99))) == (1, 16)


def test_a_gap_wider_than_the_ball_stays_open() -> None:
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ring = balls(np.stack([np.cos(angle), np.sin(angle), 0 * angle], 1))
    assert components_and_genus(envelope(ring, resolution=96, gaps=Gaps(0.1, everywhere))) == (1, 1)


def test_a_hollow_inside_is_filled_whatever_its_size() -> None:
    height, angle = np.linspace(-1, 1, 800), np.arange(800) * np.pi * (3 - np.sqrt(5))
    wide = np.sqrt(1 - height**2)
    shell = np.stack([wide * np.cos(angle), wide * np.sin(angle), height], 1)
    hollow, full = (envelope(balls(shell, 0.15), resolution=64, gaps=g) for g in (None, Gaps(0.05, everywhere)))
    assert components_and_genus(hollow)[0] == 2
    assert components_and_genus(full) == (1, 0)
    assert volume(full) == pytest.approx(4 / 3 * np.pi * 1.14**3, rel=0.05)
