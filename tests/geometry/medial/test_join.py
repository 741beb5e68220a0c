"""Spheres alone are joined to what is near and what they touch, and the holes that leaves are filled."""

import numpy as np

from inference.anatomy import MedialMesh, MedialSpheres
from inference.geometry.medial.holes import faces_at_edges, fill_holes
from inference.geometry.medial.homology import complex_betti
from inference.geometry.medial.join import ALGORITHM_1, Rule, join_spheres, nearest_edges, triangles_of

PLAIN = Rule(k_fine=4, k_coarse=4, p=1.2, touching=0.0, fill=False)


def spheres_at(centres: np.ndarray, radius: float = 0.1, *, sheet: bool = False) -> MedialSpheres:
    return MedialSpheres(np.asarray(centres, float), np.full(len(centres), radius), np.full(len(centres), sheet))


def grid(rows: int, columns: int) -> np.ndarray:
    return np.array([(x, y, 0) for y in range(rows) for x in range(columns)], float)


def ring(count: int, radius: float = 1.0) -> MedialMesh:
    turn = 2 * np.pi * np.arange(count) / count
    spheres = spheres_at(radius * np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1))
    edges = np.unique(np.sort(np.stack([np.arange(count), (np.arange(count) + 1) % count], 1), axis=1), axis=0)
    return MedialMesh(spheres, edges.astype(np.int32), np.zeros((0, 3), np.int32))


def papers_edges(spheres: MedialSpheres, rule: Rule) -> list[list[int]]:
    """Algorithm 1, word for word: the nearest, and those of the K nearest that are nearer than p times the nearest."""
    pairs: set[tuple[int, int]] = set()
    for here, (centre, sheet) in enumerate(zip(spheres.centres, spheres.sheet, strict=True)):
        away = np.linalg.norm(spheres.centres - centre, axis=1)
        others = [int(k) for k in np.argsort(away) if k != here][: rule.k_coarse if sheet else rule.k_fine]
        near = [k for k in others if k == others[0] or away[k] < rule.p * away[others[0]]]
        pairs |= {(min(here, k), max(here, k)) for k in near}
    return sorted(map(list, pairs))


def test_without_touching_and_filling_the_rule_is_the_papers_algorithm() -> None:
    random = np.random.default_rng(1)
    spheres = MedialSpheres(random.random((150, 3)), np.full(150, 0.01), random.random(150) < 0.5)
    rule = Rule(k_fine=3, k_coarse=7, p=1.6, touching=0.0, fill=False)
    mesh = join_spheres(spheres, rule)
    assert mesh.edges.tolist() == papers_edges(spheres, rule)
    joined = set(map(tuple, mesh.edges.tolist()))
    assert len(mesh.faces) > 0
    assert all({(a, b), (b, c), (a, c)} <= joined for a, b, c in mesh.faces.tolist())


def test_nearest_neighbours_join_a_row_of_fine_spheres_into_a_line() -> None:
    row = np.column_stack([np.arange(6.0), np.zeros((6, 2))])
    mesh = join_spheres(spheres_at(row), Rule(k_fine=2, k_coarse=6, p=1.5, touching=0.0, fill=False))
    assert mesh.edges.tolist() == [[k, k + 1] for k in range(5)]
    assert len(mesh.faces) == 0


def test_coarse_spheres_look_for_more_neighbours_than_fine_ones() -> None:
    patch = np.array([(x + 0.5 * (y % 2), y * 0.75**0.5, 0) for x in range(4) for y in range(4)], float)
    rule = Rule(k_fine=2, k_coarse=6, p=1.2, touching=0.0, fill=False)
    fine, coarse = join_spheres(spheres_at(patch), rule), join_spheres(spheres_at(patch, sheet=True), rule)
    assert len(coarse.edges) > len(fine.edges)
    assert complex_betti(coarse)[:2] == (1, 0)


def test_pairs_that_almost_coincide_are_still_joined_to_others_that_they_touch() -> None:
    line = np.array([(0, 0, 0), (0.01, 0, 0), (0.2, 0, 0), (0.21, 0, 0)], float)
    assert complex_betti(join_spheres(spheres_at(line), ALGORITHM_1))[0] == 2
    assert complex_betti(join_spheres(spheres_at(line), Rule()))[0] == 1


def test_spheres_with_room_between_them_stay_apart() -> None:
    bars = np.concatenate([grid(1, 12) * 0.05, grid(1, 12) * 0.05 + [0, 0.3, 0]])
    assert complex_betti(join_spheres(spheres_at(bars, 0.02)))[0] == 2


def test_squares_of_a_grid_are_filled() -> None:
    mesh = join_spheres(spheres_at(grid(4, 5), sheet=True), PLAIN)
    assert complex_betti(mesh) == (1, 12, 0)
    assert complex_betti(fill_holes(mesh)) == (1, 0, 0)


def test_a_hole_among_triangles_is_filled_too() -> None:
    centres = grid(4, 4)
    edges = np.array([(a, b) for a in range(16) for b in range(a + 1, 16) if _in_reach(centres, a, b)], np.int32)
    mesh = MedialMesh(spheres_at(centres), edges, triangles_of(edges, 16))
    assert complex_betti(mesh) == (1, 1, 0)
    assert complex_betti(fill_holes(mesh)) == (1, 0, 0)


def _in_reach(centres: np.ndarray, a: int, b: int) -> bool:
    """Side by side, or across one diagonal of every square but the middle one."""
    step = centres[b] - centres[a]
    middle = ((centres[a] + centres[b]) / 2).tolist() == [1.5, 1.5, 0]
    return abs(step).sum() == 1 or (step.tolist() == [1, 1, 0] and not middle)


def test_wide_rings_stay_open_unless_a_picture_shows_the_shape_there() -> None:
    frame = ring(8)
    assert fill_holes(frame) is frame
    assert complex_betti(fill_holes(frame, lambda points: np.ones(len(points), bool))) == (1, 0, 0)
    assert fill_holes(frame, lambda points: np.linalg.norm(points, axis=1) > 0.5) is frame


def test_rings_of_nine_are_never_filled() -> None:
    frame = ring(9)
    assert fill_holes(frame, lambda points: np.ones(len(points), bool)) is frame


def test_a_fan_is_not_covered_a_second_time() -> None:
    rim = ring(6)
    centres = np.concatenate([rim.spheres.centres, np.zeros((1, 3))])
    edges = np.concatenate([rim.edges, [[k, 6] for k in range(6)]])
    edges = np.unique(edges, axis=0).astype(np.int32)
    fan = MedialMesh(spheres_at(centres), edges, triangles_of(edges, 7))
    assert len(fan.faces) == 6
    assert fill_holes(fan) is fan


def test_sides_of_filled_faces_are_edges_in_order() -> None:
    random = np.random.default_rng(0)
    flat = np.column_stack([random.random((120, 2)), np.zeros(120)])
    mesh = join_spheres(spheres_at(flat, 0.02, sheet=True))
    edges = {tuple(edge) for edge in mesh.edges.tolist()}
    assert len(edges) == len(mesh.edges)
    assert all(a < b for a, b in edges)
    assert all({(a, b), (b, c), (a, c)} <= edges for a, b, c in mesh.faces.tolist())
    assert faces_at_edges(mesh).sum() == 3 * len(mesh.faces)


def test_no_sphere_one_sphere_and_spheres_in_one_place_are_no_trouble() -> None:
    for centres in (np.zeros((0, 3)), np.zeros((1, 3)), np.zeros((5, 3))):
        mesh = join_spheres(spheres_at(centres))
        assert len(mesh.spheres.radii) == len(centres)
        assert (nearest_edges(mesh.spheres, Rule())[:, 0] < len(centres)).all()


def test_the_same_spheres_give_the_same_mesh() -> None:
    spheres = spheres_at(np.random.default_rng(3).random((200, 3)), 0.05)
    one, two = join_spheres(spheres), join_spheres(spheres)
    assert one.edges.tobytes() == two.edges.tobytes()
    assert one.faces.tobytes() == two.faces.tobytes()
