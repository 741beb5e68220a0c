"""The contour of a field is closed, looks outwards, and is the same where only what matters of the field is known."""

import numpy as np
import pytest
import trimesh

from inference.anatomy import Grid, Mesh
from inference.geometry.contour import contour, count_pieces, without_crumbs

SIDE = 48
SPACING = 2.2 / SIDE
ORIGIN = np.full(3, -1.1 + SPACING / 2)
X, Y, Z = (ORIGIN[0] + SPACING * places for places in np.indices((SIDE,) * 3))


def grid(values: np.ndarray, known: np.ndarray | None = None) -> Grid:
    return Grid(ORIGIN, SPACING, values, known)


def ball(x: float, radius: float) -> np.ndarray:
    return radius - np.sqrt((X - x) ** 2 + Y**2 + Z**2)


def torus() -> np.ndarray:
    return 0.25 - np.sqrt((np.sqrt(X**2 + Y**2) - 0.7) ** 2 + Z**2)


def solid_of(mesh: Mesh) -> trimesh.Trimesh:
    made = trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False)
    assert made.is_watertight
    assert made.is_winding_consistent
    return made


def same(one: Mesh, other: Mesh) -> bool:
    return np.array_equal(one.vertices, other.vertices) and np.array_equal(one.triangles, other.triangles)


def test_a_ball_has_its_place_its_volume_and_looks_outwards() -> None:
    made = solid_of(contour(grid(ball(0.2, 0.7))))
    assert made.volume == pytest.approx(4 / 3 * np.pi * 0.7**3, rel=0.01)  # negative if it looked inwards
    assert np.allclose(np.linalg.norm(made.vertices - [0.2, 0, 0], axis=1), 0.7, atol=0.1 * SPACING)


def test_a_torus_has_one_loop_and_two_balls_are_two_pieces() -> None:
    assert solid_of(contour(grid(torus()))).euler_number == 0
    two = grid(np.maximum(ball(-0.5, 0.4), ball(0.6, 0.3)))
    assert solid_of(contour(two)).body_count == 2
    assert count_pieces(two) == 2


def test_any_field_gives_a_closed_surface() -> None:
    noise = np.random.default_rng(0).standard_normal((20, 18, 16))
    solid_of(contour(Grid(np.zeros(3), 1.0, noise)))
    coarse = np.round(noise)  # exact zeros too
    solid_of(contour(Grid(np.zeros(3), 1.0, coarse)))


def test_what_reaches_the_end_of_the_grid_is_closed_there() -> None:
    assert solid_of(contour(grid(np.full((SIDE,) * 3, 0.1)))).volume == pytest.approx(2.2**3, rel=0.1)


def test_nothing_inside_is_no_surface() -> None:
    assert len(contour(grid(np.full((SIDE,) * 3, -0.1))).triangles) == 0


@pytest.mark.parametrize("field", [ball(0.1, 0.8), torus(), np.maximum(ball(-0.5, 0.4), ball(0.6, 0.3))])
def test_a_field_known_around_its_surface_alone_gives_the_surface_of_the_whole(field: np.ndarray) -> None:
    known = np.abs(field) < 2 * SPACING
    masked = np.where(known, field, np.nan)
    assert same(contour(grid(masked, known)), contour(grid(field)))


def test_what_is_not_known_in_the_midst_of_the_shape_leaves_no_inner_shell() -> None:
    field = ball(0.0, 0.8)
    known = np.ones(field.shape, bool)
    known[20:28, 20:28, 20:28] = False
    unknown = np.where(known, field, -1.0)
    assert same(contour(grid(unknown, known)), contour(grid(field)))


def test_a_shape_that_goes_on_where_nothing_is_known_ends_there() -> None:
    rod = 0.3 - np.sqrt(Y**2 + Z**2)
    known = np.abs(X) < 0.5
    made = solid_of(contour(grid(np.where(known, rod, np.nan), known)))
    assert made.body_count == 1
    assert 0.45 < made.vertices[:, 0].max() < 0.5 + SPACING


def test_crumbs_and_pieces_too_many_are_left_out() -> None:
    field = np.maximum(np.maximum(ball(-0.5, 0.4), ball(0.6, 0.3)), ball(1.0, 0.06))
    assert solid_of(contour(grid(field))).body_count == 3
    assert solid_of(contour(without_crumbs(grid(field)))).body_count == 2
    largest = solid_of(contour(without_crumbs(grid(field), most=1)))
    assert largest.body_count == 1
    assert largest.centroid[0] == pytest.approx(-0.5, abs=0.02)
