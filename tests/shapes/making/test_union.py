"""Exact unions and the truth that survives them."""

from __future__ import annotations

import igl
import numpy as np
import pytest

from training.shapes.making.parts import Part, box, disc, slab, tube
from training.shapes.making.sampling import surface_points
from training.shapes.making.union import components_and_genus, is_watertight, known_shape, union


def ladder(rungs: int) -> list[Part]:
    rails = [tube([[x, 0, -0.5], [x, 0, 0.5]], 0.04) for x in (-0.2, 0.2)]
    return rails + [tube([[-0.2, 0, z], [0.2, 0, z]], 0.03) for z in np.linspace(-0.4, 0.4, rungs)]


@pytest.mark.parametrize("rungs", [1, 2, 5])
def test_a_ladder_has_one_handle_less_than_rungs(rungs: int) -> None:
    mesh = union(ladder(rungs))
    assert is_watertight(mesh)
    assert components_and_genus(mesh) == (1, rungs - 1)


def test_handles_are_summed_over_pieces() -> None:
    turn = 2 * np.pi * np.arange(20) / 20
    ring = np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1)
    mesh = union([tube(ring, 0.1, closed=True), tube(ring + np.array([5, 0, 0]), 0.1, closed=True)])
    assert components_and_genus(mesh) == (2, 2)


def test_a_missing_or_turned_triangle_is_not_watertight() -> None:
    mesh = union([box([0, 0, 0], [1, 1, 1])])
    assert not is_watertight(type(mesh)(mesh.vertices, mesh.triangles[1:]))
    turned = np.concatenate([mesh.triangles[:1, ::-1], mesh.triangles[1:]])
    assert not is_watertight(type(mesh)(mesh.vertices, turned))


def test_spheres_swallowed_by_another_part_are_dropped() -> None:
    shape = known_shape("pin", 0, [disc([0, 0, 0], [0, 0, 1], 0.5, 0.15), tube([[0, 0, 0], [0, 0, 0.8]], 0.05)])
    inside = shape.spheres.centres[:, 2] - shape.mesh.vertices[:, 2].min() < 0.28
    assert inside.any()
    assert shape.spheres.radii[inside].min() > 0.1
    assert len(shape.curves) == 1
    assert len(shape.curves[0].points) < 30


def test_every_sphere_that_is_left_touches_the_surface_exactly_and_lies_inside() -> None:
    shape = known_shape("ladder", 0, ladder(4))
    mesh, spheres = shape.mesh, shape.spheres
    distance = np.sqrt(igl.point_mesh_squared_distance(spheres.centres, mesh.vertices, mesh.triangles)[0])
    assert np.allclose(distance, spheres.radii)
    assert np.min(igl.fast_winding_number(mesh.vertices, mesh.triangles, spheres.centres)) > 0.5


def test_a_part_that_is_not_closed_is_named_as_such() -> None:
    part = slab(np.stack(np.meshgrid([0.0, 1], [0.0, 1], [0.0], indexing="ij"), -1)[:, :, 0], 0.1)
    broken = type(part)(part.vertices, part.triangles[1:])
    with pytest.raises(ValueError, match="not a closed surface"):
        union([broken])


def test_surface_points_are_spread_by_area_with_outward_normals() -> None:
    mesh = union([box([0, 0, 0], [1, 0.5, 0.25])])
    points, normals = surface_points(mesh, 4000, np.random.default_rng(0))
    half = np.array([0.5, 0.25, 0.125])
    assert np.allclose(np.abs(points / half).max(1), 1)
    assert np.allclose((points / half * normals).max(1), 1)
    assert np.isclose((normals[:, 2] != 0).mean(), 1 / 1.75, atol=0.02)
