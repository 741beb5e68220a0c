"""The thirteen categories: what every shape of them promises."""

from __future__ import annotations

import igl
import numpy as np
import pytest

from training.shapes.categories import CATEGORIES
from training.shapes.making.union import components_and_genus, is_watertight

SEEDS = range(4)


def test_there_is_a_generator_for_each_of_the_thirteen_categories() -> None:
    assert len(CATEGORIES) == 13


@pytest.mark.parametrize("family", CATEGORIES)
def test_a_shape_is_one_watertight_solid_in_the_common_frame(family: str) -> None:
    for seed in SEEDS:
        shape = CATEGORIES[family](seed)
        low, high = shape.mesh.vertices.min(0), shape.mesh.vertices.max(0)
        assert shape.family == family
        assert shape.seed == seed
        assert np.isclose((high - low).max(), 1)
        assert np.allclose(low + high, 0)
        assert shape.watertight
        assert is_watertight(shape.mesh)
        assert components_and_genus(shape.mesh) == (1, shape.genus)
        assert 500 <= len(shape.mesh.triangles) <= 8000


@pytest.mark.parametrize("family", CATEGORIES)
def test_its_spheres_are_inside_and_touch_the_surface_and_its_skeleton_is_inside(family: str) -> None:
    for seed in SEEDS:
        shape = CATEGORIES[family](seed)
        vertices, triangles, spheres = shape.mesh.vertices, shape.mesh.triangles, shape.spheres
        distance = np.sqrt(igl.point_mesh_squared_distance(spheres.centres, vertices, triangles)[0])
        lines = [part.points.reshape(-1, 3) for part in (*shape.curves, *shape.sheets)]
        inside = igl.fast_winding_number(vertices, triangles, np.concatenate([spheres.centres, *lines]))
        assert np.abs(distance - spheres.radii).max() < 1e-6
        assert np.min(inside) > 0.5
        assert spheres.sheet.dtype == bool
        assert all((part.radii > 0).all() for part in (*shape.curves, *shape.sheets))


@pytest.mark.parametrize("family", CATEGORIES)
def test_one_seed_repeats_and_two_seeds_differ(family: str) -> None:
    first, again, other = CATEGORIES[family](7), CATEGORIES[family](7), CATEGORIES[family](8)
    assert first.mesh.vertices.tobytes() == again.mesh.vertices.tobytes()
    assert first.mesh.triangles.tobytes() == again.mesh.triangles.tobytes()
    assert first.spheres.radii.tobytes() == again.spheres.radii.tobytes()
    assert first.mesh.vertices.tobytes() != other.mesh.vertices.tobytes()


@pytest.mark.parametrize("family", ["chair", "table", "bench", "lamp"])
def test_topology_varies_within_a_category(family: str) -> None:
    assert len({CATEGORIES[family](seed).genus for seed in range(12)}) >= 3


def test_families_with_the_same_seed_share_no_shape() -> None:
    shapes = [generator(3) for generator in CATEGORIES.values()]
    assert len({shape.mesh.vertices.tobytes() for shape in shapes}) == len(shapes)
