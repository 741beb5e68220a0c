"""Medial meshes have their solid's components and loops, and their edges lie in the flesh."""

import numpy as np
import pytest

from inference.anatomy import MedialMesh, MedialSpheres
from inference.geometry.medial.connect import medial_mesh
from inference.geometry.medial.homology import Span, complex_betti
from tests.geometry.known_solids import MAKERS, known_solid, known_spheres


def spheres_at(centres: np.ndarray, radius: float = 0.1, *, sheet: bool = False) -> MedialSpheres:
    return MedialSpheres(centres, np.full(len(centres), radius), np.full(len(centres), sheet))


def inside_share(name: str, mesh: MedialMesh) -> np.ndarray:
    solid = known_solid(name)
    ends = mesh.spheres.centres[mesh.edges]
    points = ends[:, None, 0] + np.linspace(0, 1, 21)[:, None] * (ends[:, None, 1] - ends[:, None, 0])
    return (solid.cells_at(points.reshape(-1, 3)) >= 0).reshape(-1, 21).mean(1)


@pytest.mark.parametrize("name", list(MAKERS))
def test_components_loops_and_hollows_are_the_solids_own(name: str) -> None:
    mesh = medial_mesh(known_solid(name), known_spheres(name))
    assert complex_betti(mesh) == MAKERS[name][1]


@pytest.mark.parametrize("name", ["creature", "ladder", "mug", "near-touching ends"])
def test_edges_run_inside_the_solid(name: str) -> None:
    share = inside_share(name, medial_mesh(known_solid(name), known_spheres(name)))
    assert share.mean() > 0.98
    assert share.min() > 0.7


@pytest.mark.parametrize("name", ["torus"])
def test_loops_through_fewer_than_three_spheres_survive(name: str) -> None:
    known = known_spheres(name)
    for count in (1, 2, 3):
        few = MedialSpheres(known.centres[:count], known.radii[:count], known.sheet[:count])
        mesh = medial_mesh(known_solid(name), few)
        assert complex_betti(mesh)[:2] == MAKERS[name][1][:2]


def test_sides_of_faces_are_edges_and_edges_are_unique() -> None:
    mesh = medial_mesh(known_solid("table"), known_spheres("table"))
    edges = {tuple(edge) for edge in mesh.edges.tolist()}
    assert len(edges) == len(mesh.edges)
    assert all(a < b for a, b in edges)
    assert all({(a, b), (b, c), (a, c)} <= edges for a, b, c in mesh.faces.tolist())
    assert mesh.edges.max() < len(mesh.spheres.radii)


def test_betti_numbers_of_a_hollow_tetrahedron_and_a_ring() -> None:
    corners = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], float)
    edges = np.array([(a, b) for a in range(4) for b in range(a + 1, 4)], np.int32)
    faces = np.array([(0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)], np.int32)
    assert complex_betti(MedialMesh(spheres_at(corners), edges, faces)) == (1, 0, 1)
    assert complex_betti(MedialMesh(spheres_at(corners), edges, faces[:3])) == (1, 0, 0)
    assert complex_betti(MedialMesh(spheres_at(corners), edges[:1], faces[:0])) == (3, 0, 0)


def test_cocycles_vanish_on_the_span_and_only_there() -> None:
    span = Span()
    assert [span.add(row) for row in (0b0111, 0b1101, 0b1010)] == [True, True, False]
    values = span.cocycles(4)
    for row in (0b0111, 0b1101, 0b1010):
        total = 0
        for bit in range(4):
            total ^= values[bit] if row >> bit & 1 else 0
        assert total == 0
    assert len({value for value in values if value}) == 3  # two free bits and their sum
