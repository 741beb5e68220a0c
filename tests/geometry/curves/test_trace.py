"""What the curve skeleton of a solid promises, on solids whose anatomy is known by construction."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
import trimesh

from inference.anatomy import CurveSkeleton, Mesh, Solid
from inference.geometry.curves.trace import curve_skeleton
from inference.geometry.solid.make import make_solid
from inference.geometry.solid.topology import betti_numbers
from training.shapes.figures import creature, person
from training.shapes.making.implicit import Sticks, join, mesh_around, path
from training.shapes.topology import known_solids


def in_unit_frame(mesh: Mesh) -> tuple[Mesh, np.ndarray, float]:
    """The mesh as the pipeline hands it on, and the centre and scale that were taken away."""
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    centre, scale = (low + high) / 2, float((high - low).max())
    return Mesh((mesh.vertices - centre) / scale, mesh.triangles), centre, scale


def solid_of(sticks: Sticks, *, symmetric: bool = False, resolution: int = 72) -> tuple[Solid, np.ndarray, np.ndarray]:
    """A solid around sticks, and where its sticks' points and radii went."""
    mesh, centre, scale = in_unit_frame(mesh_around(sticks, resolution))
    return make_solid(mesh, symmetric=symmetric), (sticks.points - centre) / scale, sticks.radii / scale


def solid_from(shape: trimesh.Trimesh) -> Solid:
    mesh, _, _ = in_unit_frame(Mesh(np.array(shape.vertices, float), np.array(shape.faces, np.int32)))
    return make_solid(mesh)


def along(curves: CurveSkeleton, pieces: int = 8) -> np.ndarray:
    """Points along all edges, and the curve points themselves, (N, 3)."""
    start, end = curves.points[curves.edges[:, 0]], curves.points[curves.edges[:, 1]]
    share = np.arange(1, pieces)[:, None, None] / pieces
    return np.concatenate([curves.points, (start + share * (end - start)).reshape(-1, 3)])


def graph_numbers(curves: CurveSkeleton) -> tuple[int, int]:
    """Connected pieces and independent loops."""
    owner = np.arange(len(curves.points))
    for _ in range(len(owner)):
        lowest = owner.copy()
        np.minimum.at(lowest, curves.edges[:, 0], owner[curves.edges[:, 1]])
        np.minimum.at(lowest, curves.edges[:, 1], owner[curves.edges[:, 0]])
        if np.array_equal(lowest, owner):
            break
        owner = lowest
    pieces = len(np.unique(owner))
    return pieces, len(curves.edges) - len(curves.points) + pieces


def tips(curves: CurveSkeleton) -> np.ndarray:
    return np.flatnonzero(np.bincount(curves.edges.ravel(), minlength=len(curves.points)) == 1)


def assert_inside(solid: Solid, curves: CurveSkeleton) -> None:
    assert (solid.cells_at(along(curves)) >= 0).all()


@lru_cache
def figure_solid(name: str) -> tuple[Solid, np.ndarray, np.ndarray, Sticks]:
    sticks = {"person": person, "creature": creature}[name]()
    return *solid_of(sticks, symmetric=True, resolution=128), sticks


@pytest.mark.parametrize("known", known_solids(64), ids=lambda known: known.name)
def test_curves_have_the_pieces_and_loops_of_the_solid_and_stay_inside(known):
    solid = make_solid(in_unit_frame(known.mesh)[0])
    curves = curve_skeleton(solid)
    assert graph_numbers(curves) == (known.components, known.loops)
    assert graph_numbers(curves) == betti_numbers(solid)[:2]
    assert set(curves.component) == set(solid.component)
    assert_inside(solid, curves)


def test_the_curve_of_a_cylinder_is_its_axis_with_its_radius():
    solid = solid_from(trimesh.creation.cylinder(0.1, 1.0, sections=48))
    curves = curve_skeleton(solid)
    assert np.linalg.norm(curves.points[:, :2], axis=1).max() < 0.5 * solid.spacing
    assert np.abs(curves.radii - 0.1).max() < 0.5 * solid.spacing
    assert len(tips(curves)) == 2
    assert np.ptp(curves.points[:, 2]) > 1.0 - 2.5 * 0.1


def test_a_fork_meets_where_its_sticks_meet():
    sticks = Sticks(
        np.array([[0, 0, -0.5], [0, 0, 0], [-0.35, 0, 0.4], [0.35, 0, 0.4]]),
        np.array([0.07, 0.07, 0.05, 0.05]),
        np.array([[0, 1], [1, 2], [1, 3]], np.int32),
    )
    solid, points, radii = solid_of(sticks)
    curves = curve_skeleton(solid)
    degree = np.bincount(curves.edges.ravel(), minlength=len(curves.points))
    assert (degree == 3).sum() == 1
    assert degree.max() == 3
    assert np.linalg.norm(curves.points[np.argmax(degree)] - points[1]) < radii[1]


def test_the_ends_of_a_horseshoe_are_not_bridged():
    angle = np.linspace(0.16, 2 * np.pi - 0.16, 60)
    solid, _, _ = solid_of(path(0.4 * np.stack([np.sin(angle), 0 * angle, np.cos(angle)], 1), 0.05))
    curves = curve_skeleton(solid)
    assert graph_numbers(curves) == (1, 0)
    assert len(tips(curves)) == 2


def test_a_ball_is_one_point_or_a_short_curve():
    solid = solid_from(trimesh.creation.icosphere(3))
    curves = curve_skeleton(solid)
    assert np.linalg.norm(curves.points, axis=1).max() < 0.1
    assert curves.radii.max() == pytest.approx(0.5, abs=solid.spacing)


def test_a_long_sheet_gets_a_curve_along_its_length():
    solid = solid_from(trimesh.creation.box((1.0, 0.2, 0.015)))
    curves = curve_skeleton(solid)
    assert graph_numbers(curves) == (1, 0)
    assert np.ptp(curves.points[:, 0]) > 0.8
    assert np.abs(curves.points[:, 2]).max() < 0.015
    assert_inside(solid, curves)


@pytest.mark.parametrize("name", ["person", "creature"])
def test_curves_reach_every_limb_end_within_a_radius(name):
    solid, points, radii, sticks = figure_solid(name)
    curves = curve_skeleton(solid)
    ends = np.flatnonzero(np.bincount(sticks.edges.ravel()) == 1)
    for end in ends:
        assert np.linalg.norm(curves.points - points[end], axis=1).min() < radii[end] + solid.spacing
    assert len(tips(curves)) == len(ends)
    assert_inside(solid, curves)


@pytest.mark.parametrize("name", ["person", "creature"])
def test_every_stick_has_the_curve_within_a_radius_of_its_middle(name):
    solid, points, radii, sticks = figure_solid(name)
    near = along(curve_skeleton(solid))
    for first, second in sticks.edges:
        middle, radius = (points[first] + points[second]) / 2, max(radii[first], radii[second])
        assert np.linalg.norm(near - middle, axis=1).min() < radius


@pytest.mark.parametrize("name", ["person", "creature"])
def test_a_symmetric_solid_has_exactly_symmetric_curves(name):
    curves = curve_skeleton(figure_solid(name)[0])
    image = np.array([np.linalg.norm(curves.points * [-1, 1, 1] - p, axis=1).argmin() for p in curves.points])
    assert np.abs(curves.points[image] * [-1, 1, 1] - curves.points).max() < 1e-9
    assert np.array_equal(curves.radii[image], curves.radii)
    assert {tuple(sorted(edge)) for edge in image[curves.edges].tolist()} == {tuple(e) for e in curves.edges.tolist()}


def test_a_ring_held_by_two_arms_is_closed_on_the_mirror_plane():
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    ring = path(0.3 * np.stack([np.sin(angle), 0 * angle, np.cos(angle)], 1), 0.05, closed=True)
    solid, _, _ = solid_of(join(ring, path(np.array([[0, 0, -0.3], [0, 0, -0.9]]), 0.08)), symmetric=True)
    curves = curve_skeleton(solid)
    assert graph_numbers(curves) == (1, 1)
    assert len(tips(curves)) == 1


def test_the_same_solid_gives_the_same_bytes():
    solid = figure_solid("creature")[0]
    first, second = curve_skeleton(solid), curve_skeleton(solid)
    assert first.points.tobytes() == second.points.tobytes()
    assert first.radii.tobytes() == second.radii.tobytes()
    assert first.edges.tobytes() == second.edges.tobytes()


def test_every_small_component_has_a_point():
    sticks = join(
        path(np.array([[0, 0, -0.5], [0, 0, 0.5]]), 0.1),
        *(path(np.array([[0.3, 0, z], [0.3, 0, z + 0.001]]), 0.02) for z in np.linspace(-0.4, 0.4, 9)),
    )
    solid, _, _ = solid_of(sticks)
    curves = curve_skeleton(solid)
    assert set(curves.component) == set(range(10))
    assert graph_numbers(curves) == (10, 0)


def test_a_single_cell_is_a_single_point():
    solid = Solid(
        origin=np.zeros(3),
        spacing=0.01,
        cells=np.array([[0, 0, 0]], np.int32),
        depth=np.array([0.005]),
        thin=np.array([True]),
        links=np.zeros((0, 2), np.int32),
        component=np.zeros(1, np.int32),
    )
    curves = curve_skeleton(solid)
    assert curves.points.shape == (1, 3)
    assert curves.edges.shape == (0, 2)
    assert curves.radii[0] > 0
