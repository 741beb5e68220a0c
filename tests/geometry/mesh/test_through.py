from __future__ import annotations

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh
from inference.geometry.mesh.through import crossings, middle_near, stretches


def mesh_of(*shapes: trimesh.Trimesh) -> Mesh:
    before = np.cumsum([0, *(len(shape.vertices) for shape in shapes)])
    faces = [np.asarray(shape.faces) + start for shape, start in zip(shapes, before[:-1], strict=True)]
    return Mesh(np.concatenate([shape.vertices for shape in shapes]), np.concatenate(faces).astype(np.int32))


def tube(y: float) -> trimesh.Trimesh:
    found = trimesh.creation.cylinder(radius=0.1, height=2.0, sections=24)
    return found.apply_translation([0, y, 0])


EYE, AHEAD = np.array([0.013, -5.0, 0.007]), np.array([0.0, 3.0, 0.0])


def test_a_ray_goes_in_and_out_of_a_closed_shape():
    place, inward = crossings(mesh_of(tube(0)), EYE, AHEAD)
    np.testing.assert_allclose(place, [4.9, 5.1], atol=0.002)
    assert inward.tolist() == [True, False]


def test_the_middle_is_that_of_the_limb_next_to_where_the_joint_was():
    legs = mesh_of(tube(-0.3), tube(0.3))
    assert middle_near(legs, EYE, AHEAD, 4.0) == pytest.approx(4.7, abs=1e-6)
    assert middle_near(legs, EYE, AHEAD, 5.2) == pytest.approx(5.3, abs=1e-6)


def test_clothes_over_a_limb_are_one_with_it():
    sleeve = trimesh.creation.cylinder(radius=0.15, height=1.0, sections=24)
    assert len(stretches(*crossings(mesh_of(tube(0), sleeve), EYE, AHEAD))) == 1


def test_faces_that_look_inwards_do_no_harm():
    turned = tube(0)
    turned.invert()
    assert middle_near(mesh_of(turned), EYE, AHEAD, 5.0) == pytest.approx(5.0, abs=1e-6)


def test_a_ray_through_an_edge_counts_it_once():
    box = mesh_of(trimesh.creation.box((1, 1, 1)))  # its sides are cut along their diagonals
    place, _ = crossings(box, np.array([0.2, -5.0, 0.2]), AHEAD)
    np.testing.assert_allclose(place, [4.5, 5.5])
    place, _ = crossings(box, np.array([0.0, -5.0, 0.0]), AHEAD)
    np.testing.assert_allclose(place, [4.5, 5.5])


def test_what_lies_behind_the_eye_or_beside_the_ray_is_not_met():
    assert middle_near(mesh_of(tube(-9)), EYE, AHEAD, 1.0) is None
    assert middle_near(mesh_of(tube(0)), EYE + np.array([1.0, 0, 0]), AHEAD, 5.0) is None
