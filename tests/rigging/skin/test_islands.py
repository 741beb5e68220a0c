"""Loose pieces follow what they surround or rest on, and take nothing away from what is inside them."""

from __future__ import annotations

import numpy as np
import trimesh

from inference.anatomy import Armature, Mesh
from inference.geometry.solid.make import make_solid
from inference.rigging.skin.bind import skin_mesh
from tests.rigging.shapes import armature, as_mesh, joined


def weights_on(mesh: Mesh, bones: Armature) -> np.ndarray:
    return skin_mesh(mesh, make_solid(mesh), bones).dense(len(bones.names))


def bent_legs() -> tuple[Mesh, Armature]:
    """A short trunk on two thick legs."""
    trunk = as_mesh(trimesh.creation.box((0.36, 0.2, 0.4)).subdivide().subdivide().apply_translation((0, 0, 0.8)))
    legs = [
        as_mesh(trimesh.creation.cylinder(0.085, segment=[[x, 0, 0], [x, 0, 0.66]], sections=16).subdivide())
        for x in (0.095, -0.095)
    ]
    bones = armature(
        ("hips", -1, (0, 0, 0.75), (0, 0, 0.95)),
        ("thigh.L", 0, (0.09, 0, 0.68), (0.09, 0, 0.05)),
        ("thigh.R", 0, (-0.09, 0, 0.68), (-0.09, 0, 0.05)),
    )
    return joined(trunk, *legs), bones


def test_a_low_belt_around_both_legs_follows_the_hips() -> None:
    body, bones = bent_legs()
    belt = as_mesh(trimesh.creation.annulus(0.2, 0.215, 0.04, sections=32).apply_translation((0, 0, 0.5)))
    belt = Mesh(belt.vertices * [1.0, 0.6, 1.0], belt.triangles)
    on_belt = weights_on(joined(body, belt), bones)[len(body.vertices) :]
    assert np.array_equal(on_belt.argmax(1), np.zeros(len(on_belt), int))
    assert on_belt[:, 0].min() == 1.0


def test_a_band_around_one_leg_follows_that_leg() -> None:
    body, bones = bent_legs()
    band = as_mesh(trimesh.creation.annulus(0.087, 0.095, 0.03, sections=24).apply_translation((0.09, 0, 0.35)))
    assert weights_on(joined(body, band), bones)[len(body.vertices) :, 1].min() == 1.0


def test_a_hat_follows_the_head_and_leaves_the_face_to_it() -> None:
    outline = [(0, -2), *((0.07, z) for z in np.linspace(-2, 0.6, 30)), (0.14, 0.66), (0.19, 0.74)]
    body = trimesh.creation.revolve([*outline, (0.2, 0.8), (0.19, 0.86), (0.14, 0.94), (0, 1.0)], sections=32)
    ball = trimesh.creation.icosphere(4, 0.25).apply_translation((0, 0, 0.8))
    hat = Mesh(ball.vertices, ball.faces[(ball.triangles_center[:, 2] > 0.72)].astype(np.int32))
    bones = armature(("neck", -1, (0, 0, -1.5), (0, 0, 0.7)), ("head", 0, (0, 0, 0.7), (0, 0, 1.0)))
    mesh = joined(as_mesh(body), hat)
    weights = weights_on(mesh, bones)
    cheeks = np.flatnonzero(np.abs(body.vertices[:, 2] - 0.8) < 0.02)
    assert weights[cheeks, 1].min() > 0.5
    worn = len(body.vertices) + np.unique(hat.triangles)
    assert weights[worn, 1].min() == 1.0
