"""The frame a rig stands in: on the ground, under its middle, left at +X."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Mesh, Pose, Report, Rig, Symmetry
from inference.rigging.standing.ground import ground_frame

from ..shapes import two_bones

UP = np.array([0.0, 0.0, 1.0])


def box(middle: tuple[float, float, float], size: tuple[float, float, float]) -> Mesh:
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    faces = np.array([[0, 1, 2], [3, 4, 5], [5, 6, 7]], np.int32)
    stray = [[50.0, 50.0, -50.0], [np.nan] * 3]  # in no face
    return Mesh(np.concatenate([corners * size + middle, stray]), faces)


def rig(forward: np.ndarray, names: tuple[str, ...], symmetry: Symmetry | None = None) -> Rig:
    report = Report(1.0, 1.0, 1.0, 0.0, valid=True, score=1.0)
    pose = Pose(UP, forward, np.cross(UP, forward), 1.0)
    return Rig(replace(two_bones(), names=names, symmetry=symmetry), None, report, pose)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 37])
def test_left_becomes_x_and_the_origin_lies_below_the_middle(degrees: float):
    turn = np.radians(degrees)
    forward = np.array([np.sin(turn), -np.cos(turn), 0.0])
    frame = ground_frame(rig(forward, ("thigh.L", "thigh.R")), box((3, 2, 1), (1, 1, 2)))
    np.testing.assert_allclose(frame.axes, [np.cross(UP, forward), -forward, UP], atol=1e-9)
    np.testing.assert_allclose(frame.origin, [3, 2, 0], atol=1e-9)


def test_the_origin_lies_on_the_mirror_plane():
    lopsided = box((0.3, 0, 0.5), (2, 1, 1))
    plane = Symmetry(np.array([1.0, 0.0, 0.0]), 0.1)
    frame = ground_frame(rig(np.array([0.0, -1.0, 0.0]), ("spine", "spine.001"), plane), lopsided)
    np.testing.assert_allclose(frame.origin, [0.1, 0, 0], atol=1e-9)


def test_what_has_no_left_and_right_keeps_the_axes_of_the_mesh():
    frame = ground_frame(rig(np.array([1.0, 0.0, 0.0]), ("trunk", "chain1")), box((0, 0, 0), (1, 1, 1)))
    np.testing.assert_array_equal(frame.axes, np.eye(3))
