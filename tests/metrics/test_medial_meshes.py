"""Envelopes are measured by asking places, without a surface of their own."""

import igl
import numpy as np
import pytest
import trimesh

from inference.anatomy import MedialMesh, MedialSpheres, Mesh
from inference.geometry.medial.envelope import envelope
from training.metrics.medial_meshes import edges_outside, inside_medial, medial_iou, places_iou, random_places
from training.metrics.skeleton import is_inside
from training.metrics.volumes import mesh_iou


def made(centres: list[tuple[float, float, float]], radii: list[float], edges: list, faces: list) -> MedialMesh:
    spheres = MedialSpheres(np.array(centres, float).reshape(-1, 3), np.array(radii, float), np.zeros(len(radii), bool))
    return MedialMesh(spheres, np.array(edges, np.int32).reshape(-1, 2), np.array(faces, np.int32).reshape(-1, 3))


@pytest.fixture(scope="module")
def slab() -> MedialMesh:
    return made([(0, 0, 0), (0.4, 0, 0), (0, 0.4, 0)], [0.05, 0.08, 0.06], [(0, 1), (0, 2), (1, 2)], [(0, 1, 2)])


@pytest.fixture(scope="module")
def capsule() -> Mesh:
    shape = trimesh.creation.capsule(0.6, 0.1)
    return Mesh(np.array(shape.vertices), np.array(shape.faces, np.int32))


def test_places_are_inside_where_the_drawn_envelope_has_them(slab: MedialMesh) -> None:
    points = np.random.default_rng(0).uniform(-0.2, 0.6, (3000, 3)) * [1, 1, 0.3]
    drawn = envelope(slab, resolution=96)
    gap = np.sqrt(igl.point_mesh_squared_distance(points, drawn.vertices, drawn.triangles.astype(np.int64))[0])
    inside = is_inside(drawn, points)
    clear = gap > 0.005
    assert (inside_medial(slab, points)[clear] == inside[clear]).all()


def test_a_capsule_is_the_cone_of_two_spheres(capsule: Mesh) -> None:
    cone = made([(0, 0, -0.3), (0, 0, 0.3)], [0.1, 0.1], [(0, 1)], [])
    assert places_iou(cone, random_places(capsule, 4000)) > 0.96
    assert medial_iou(cone, capsule, 32) > 0.93
    alone = made([(0, 0, -0.3), (0, 0, 0.3)], [0.1, 0.1], [], [])
    assert places_iou(alone, random_places(capsule, 4000)) < 0.45


def test_the_figure_is_that_of_the_drawn_envelope(slab: MedialMesh, capsule: Mesh) -> None:
    assert medial_iou(slab, capsule, 32) == pytest.approx(
        mesh_iou(envelope(slab, resolution=96), capsule, 32), abs=0.02
    )


def test_nothing_is_inside_of_nothing() -> None:
    assert not inside_medial(made([], [], [], []), np.zeros((3, 3))).any()


def test_edges_that_leave_the_solid_are_counted(capsule: Mesh) -> None:
    inside, outside = (0, 0, -0.3), (0.5, 0, 0)
    mesh = made([inside, (0, 0, 0.3), outside], [0.1, 0.1, 0.1], [(0, 1), (1, 2)], [])
    assert edges_outside(mesh, capsule) == 0.5
    assert edges_outside(made([inside], [0.1], [], []), capsule) == 0
