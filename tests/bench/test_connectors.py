"""The classical ways to join spheres do what their names say."""

import numpy as np

from inference.anatomy import MedialSpheres
from inference.geometry.medial.homology import complex_betti
from tools.bench.skeletons.connectors import delaunay, delaunay_faces, nearest, pivoting, ways


def spheres_at(centres: np.ndarray) -> MedialSpheres:
    return MedialSpheres(np.asarray(centres, float), np.full(len(centres), 0.1), np.zeros(len(centres), bool))


PATCH = np.array([(x + 0.5 * (y % 2), y * 0.75**0.5, 0) for x in range(5) for y in range(5)], float)


def test_a_ball_of_the_right_size_covers_a_patch_once() -> None:
    mesh = pivoting(spheres_at(PATCH), 0.7)
    assert complex_betti(mesh) == (1, 0, 0)
    assert len(mesh.faces) >= 32


def test_a_ball_falls_through_where_it_is_smaller_than_the_gaps() -> None:
    assert len(pivoting(spheres_at(PATCH), 0.5).faces) == 0


def test_a_ball_holds_no_other_centre() -> None:
    centres = np.random.default_rng(0).random((60, 3))
    mesh = pivoting(spheres_at(centres), 0.25)
    assert 0 < len(mesh.faces) < len(delaunay_faces(centres))


def test_long_edges_of_delaunay_go_with_their_faces() -> None:
    apart = np.concatenate([PATCH, PATCH + np.array((20, 0, 0))])
    mesh = delaunay(spheres_at(apart), 1.1)
    assert complex_betti(mesh)[0] == 2
    lengths = np.linalg.norm(apart[mesh.edges[:, 0]] - apart[mesh.edges[:, 1]], axis=1)
    assert lengths.max() < 1.1


def test_every_sphere_has_its_nearest_as_neighbours() -> None:
    mesh = nearest(spheres_at(PATCH), 3)
    assert np.bincount(mesh.edges.ravel(), minlength=len(PATCH)).min() >= 3


def test_few_spheres_are_no_trouble_for_any_way() -> None:
    for way in ways():
        for count in (1, 2, 3, 4):
            for join in way.choices.values():
                assert len(join(spheres_at(0.03 * PATCH[:count])).spheres.radii) == count
