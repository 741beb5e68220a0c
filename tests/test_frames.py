"""Frames: every noun goes in and comes back, and turns as a whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import CurveSkeleton, MedialMesh, MedialSpheres, Mesh, Pose, Symmetry
from inference.axes import bone_axes
from inference.frames import SAME, Frame

from .rigging.shapes import two_bones

QUARTER = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # the inner x looks along the outer y
FRAME = Frame(QUARTER, 4.0, np.array([1.0, 2.0, 3.0]))
POINTS = np.random.default_rng(3).normal(size=(5, 3))
SPHERES = MedialSpheres(POINTS, np.linspace(1, 2, 5), np.zeros(5, bool))
EDGES = np.array([[0, 1], [1, 2]], np.int32)
NOUNS = {
    "mesh": Mesh(POINTS, np.array([[0, 1, 2]], np.int32)),
    "spheres": SPHERES,
    "medial mesh": MedialMesh(SPHERES, EDGES, np.zeros((0, 3), np.int32)),
    "curves": CurveSkeleton(POINTS, np.linspace(1, 2, 5), EDGES, np.zeros(5, np.int32)),
    "armature": two_bones(),
    "plane": Symmetry(np.array([0.6, 0.8, 0.0]), 0.7),
    "pose": Pose(np.array([0.0, 0, 1]), np.array([0.0, -1, 0]), np.array([1.0, 0, 0]), 0.5),
}


def numbers_of(noun: object) -> list[np.ndarray]:
    """Every number in a noun, in the order of its fields."""
    found = []
    for value in vars(noun).values():
        if isinstance(value, (np.ndarray, float)):
            found.append(np.asarray(value, float))
        elif hasattr(value, "__dataclass_fields__"):
            found += numbers_of(value)
    return found


@pytest.mark.parametrize("name", NOUNS)
def test_what_goes_into_a_frame_comes_out_the_same(name: str) -> None:
    noun = NOUNS[name]
    for before, after in zip(numbers_of(noun), numbers_of(FRAME.out(FRAME.into(noun))), strict=True):
        np.testing.assert_allclose(after, before, atol=1e-12)


@pytest.mark.parametrize("name", NOUNS)
def test_the_outer_frame_itself_changes_nothing(name: str) -> None:
    for before, after in zip(numbers_of(NOUNS[name]), numbers_of(SAME.into(NOUNS[name])), strict=True):
        np.testing.assert_allclose(after, before, atol=1e-12)


def test_the_origin_becomes_zero_and_lengths_shrink_by_the_size() -> None:
    np.testing.assert_allclose(FRAME.points_in(np.array([[1.0, 2, 3], [1.0, 6, 3]])), [[0, 0, 0], [1, 0, 0]])
    np.testing.assert_allclose(FRAME.into(SPHERES).radii, SPHERES.radii / 4)


def test_a_mirror_plane_mirrors_the_same_points_in_both_frames() -> None:
    plane = Symmetry(np.array([0.6, 0.8, 0.0]), 0.7)
    inside = FRAME.into(plane)
    np.testing.assert_allclose(inside.mirror(FRAME.points_in(POINTS)), FRAME.points_in(plane.mirror(POINTS)))
    np.testing.assert_allclose(inside.side(FRAME.points_in(POINTS)), plane.side(POINTS) / FRAME.size)


def test_bones_keep_their_hinges_in_the_shape_when_it_turns() -> None:
    bones = replace(two_bones(), rolls=np.array([0.3, -1.1]))
    inside = FRAME.into(bones)
    before = bone_axes(bones.heads, bones.tails, bones.rolls)
    np.testing.assert_allclose(bone_axes(inside.heads, inside.tails, inside.rolls), before @ FRAME.axes.T, atol=1e-12)
