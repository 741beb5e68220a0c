"""What is left of a mesh once everything useless is gone."""

from typing import cast

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh
from inference.errors import BadMeshError, EmptyMeshError
from inference.geometry.mesh.clean import clean_mesh


def box() -> Mesh:
    shape = trimesh.creation.box([1.0, 2.0, 3.0])
    return Mesh(np.asarray(shape.vertices, np.float64), np.asarray(shape.faces, np.int32))


def test_a_clean_mesh_stays_as_it_is():
    cleaned, new_vertex = clean_mesh(box())
    assert np.array_equal(cleaned.vertices, box().vertices)
    assert np.array_equal(cleaned.triangles, box().triangles)
    assert np.array_equal(new_vertex, np.arange(8))


def test_equal_vertices_become_one_and_the_map_says_which():
    mesh = box()
    apart = Mesh(mesh.vertices[mesh.triangles.ravel()], np.arange(36, dtype=np.int32).reshape(-1, 3))
    cleaned, new_vertex = clean_mesh(apart)
    assert len(cleaned.vertices) == 8
    assert np.array_equal(cleaned.vertices[new_vertex], apart.vertices)


def test_faces_with_missing_or_infinite_corners_go():
    mesh = box()
    vertices = np.vstack([mesh.vertices, [[np.nan, 0, 0], [np.inf, 0, 0]]])
    triangles = np.vstack([mesh.triangles, [[0, 1, 8], [0, 1, 9], [0, 1, 99], [-1, 0, 1]]]).astype(np.int32)
    cleaned, new_vertex = clean_mesh(Mesh(vertices, triangles))
    assert len(cleaned.triangles) == 12
    assert new_vertex[8:].tolist() == [-1, -1]
    assert np.isfinite(cleaned.vertices).all()


def test_faces_without_area_go():
    mesh = box()
    vertices = np.vstack([mesh.vertices, mesh.vertices[0] / 2 + mesh.vertices[1] / 2])
    triangles = np.vstack([mesh.triangles, [[0, 0, 1], [0, 1, 8]]]).astype(np.int32)
    assert len(clean_mesh(Mesh(vertices, triangles))[0].triangles) == 12


def test_doubled_faces_are_kept_once():
    mesh = box()
    doubled = Mesh(mesh.vertices, np.vstack([mesh.triangles, np.roll(mesh.triangles, 1, axis=1)]))
    assert len(clean_mesh(doubled)[0].triangles) == 12


def test_a_shell_drawn_from_both_sides_is_kept_once():
    mesh = box()
    both = Mesh(mesh.vertices, np.vstack([mesh.triangles, mesh.triangles[:, ::-1]]))
    assert np.array_equal(clean_mesh(both)[0].triangles, mesh.triangles)


def test_the_wall_that_two_touching_boxes_share_stays_two_walls():
    left, right = trimesh.creation.box([1, 1, 1]), trimesh.creation.box([1, 1, 1]).apply_translation([1, 0, 0])
    pair = cast(trimesh.Trimesh, trimesh.util.concatenate([left, right]))
    cleaned = clean_mesh(Mesh(np.asarray(pair.vertices), np.asarray(pair.faces, np.int32)))[0]
    assert len(cleaned.vertices) == 12
    assert len(cleaned.triangles) == 24


@pytest.mark.parametrize(("scale", "offset"), [(1e-4, 0.0), (1e6, 0.0), (1.0, 1e6), (1e-4, 100.0)])
def test_size_and_place_do_not_matter(scale: float, offset: float):
    mesh = box()
    cleaned, _ = clean_mesh(Mesh(mesh.vertices * scale + offset, mesh.triangles))
    assert np.array_equal(cleaned.triangles, mesh.triangles)


def test_a_single_triangle_is_enough():
    cleaned, _ = clean_mesh(Mesh(np.eye(3), np.array([[0, 1, 2]], np.int32)))
    assert len(cleaned.triangles) == 1


def test_a_mesh_without_faces_is_refused_with_advice():
    with pytest.raises(EmptyMeshError, match="Select a mesh with faces"):
        clean_mesh(Mesh(np.eye(3), np.zeros((0, 3), np.int32)))


def test_a_collapsed_mesh_is_refused_with_advice():
    with pytest.raises(BadMeshError, match="zero area"):
        clean_mesh(Mesh(box().vertices * 0.0, box().triangles))
    with pytest.raises(BadMeshError, match="zero area"):
        clean_mesh(Mesh(box().vertices * [1, 0, 0], box().triangles))


def test_a_mesh_of_nothing_but_nan_is_refused_with_advice():
    with pytest.raises(BadMeshError, match="not a finite number"):
        clean_mesh(Mesh(box().vertices * np.nan, box().triangles))
