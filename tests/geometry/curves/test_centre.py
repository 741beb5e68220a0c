import numpy as np
import trimesh

from inference.anatomy import Mesh
from inference.geometry.curves.centre import centre_point


def mesh_of(shape: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(shape.vertices, np.float64), np.asarray(shape.faces, np.int32))


def test_a_point_in_a_pipe_comes_to_its_axis_and_keeps_its_height():
    pipe = mesh_of(trimesh.creation.cylinder(radius=1.0, height=10.0, sections=32))
    centre = centre_point(pipe, np.array([0.7, -0.4, 2.3]), np.array([0.0, 0, 1]))
    assert centre is not None
    np.testing.assert_allclose(centre, [0, 0, 2.3], atol=1e-3)


def test_the_middle_of_a_slanted_box_is_found_along_any_direction():
    turn = np.asarray(trimesh.transformations.rotation_matrix(0.6, [1, 2, 3]))
    box = mesh_of(trimesh.creation.box((1, 2, 8), transform=turn))
    start = turn[:3, :3] @ [0.3, 0.8, 1.0]
    centre = centre_point(box, start, turn[:3, :3] @ [0, 0, 1])
    assert centre is not None
    np.testing.assert_allclose(centre, turn[:3, :3] @ [0, 0, 1.0], atol=0.03)


def test_the_other_leg_does_not_pull():
    one = mesh_of(trimesh.creation.cylinder(radius=1.0, height=10.0))
    count = len(one.vertices)
    both = Mesh(
        np.concatenate([one.vertices, one.vertices + np.array([3.0, 0, 0])]),
        np.concatenate([one.triangles, one.triangles + count]),
    )
    centre = centre_point(both, np.array([0.5, 0.2, 0]), np.array([0, 0, 1.0]))
    assert centre is not None
    np.testing.assert_allclose(centre, [0, 0, 0], atol=1e-3)


def test_a_point_just_beside_the_pipe_comes_in():
    pipe = mesh_of(trimesh.creation.cylinder(radius=1.0, height=10.0, sections=32))
    centre = centre_point(pipe, np.array([1.4, 0.5, 2.0]), np.array([0.0, 0, 1]))
    assert centre is not None
    np.testing.assert_allclose(centre, [0, 0, 2], atol=1e-3)


def test_a_point_far_outside_or_in_the_open_has_no_middle():
    pipe = mesh_of(trimesh.creation.cylinder(radius=1.0, height=10.0))
    assert centre_point(pipe, np.array([4.0, 0, 0]), np.array([0, 0, 1.0])) is None
    assert centre_point(pipe, np.array([0.0, 0, 9]), np.array([0, 0, 1.0])) is None
