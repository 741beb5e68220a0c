"""Medial spheres: inscribed, few, covering, symmetric, and knowing sheets from tubes."""

from typing import cast

import igl
import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh
from inference.geometry.lattice import cell_grid, cells_at
from inference.geometry.medial import coverage, medial_spheres
from inference.geometry.solid import make_solid
from inference.geometry.surface import sample_surface
from tests.geometry.known_solids import box, known_mesh, known_solid, known_spheres


def outer_samples(name: str) -> np.ndarray:
    """Samples of the union's surface: the shapes are made of overlapping parts."""
    solid, samples = known_solid(name), sample_surface(known_mesh(name), 6000, 2)[0]
    cells = cells_at(solid, samples, cell_grid(solid))
    return samples[(cells < 0) | (solid.depth[cells] < solid.spacing)]


@pytest.mark.parametrize("name", ["torus", "fat torus", "chain", "star", "near-touching ends", "creature", "rod"])
def test_round_shapes_are_covered_by_few_spheres(name: str) -> None:
    spheres = known_spheres(name)
    assert coverage(spheres, outer_samples(name)).mean() >= 0.95
    assert len(spheres.radii) <= 300


@pytest.mark.parametrize("name", ["torus", "rod", "plate"])
def test_spheres_stay_inside(name: str) -> None:
    solid, spheres, mesh = known_solid(name), known_spheres(name), known_mesh(name)
    squared = igl.point_mesh_squared_distance(spheres.centres, mesh.vertices, mesh.triangles.astype(np.int64))[0]
    assert (spheres.radii <= np.sqrt(squared) + 0.3 * solid.spacing).all()


def test_spheres_of_a_rod_sit_on_its_axis_between_the_cells() -> None:
    spheres, solid = known_spheres("rod"), known_solid("rod")
    large = spheres.radii > 0.045
    assert large.sum() >= 8
    assert np.hypot(*spheres.centres[large, :2].T).max() < 0.75 * solid.spacing


@pytest.mark.parametrize("name", ["chain", "creature", "hollow ball"])
def test_every_component_has_a_sphere(name: str) -> None:
    solid, spheres = known_solid(name), known_spheres(name)
    cells = cells_at(solid, spheres.centres, cell_grid(solid))
    assert set(solid.component[cells[cells >= 0]]) == set(solid.component)


def test_specks_far_from_a_body_get_a_sphere_each() -> None:
    body = trimesh.creation.icosphere(3, 0.4)
    specks = [trimesh.creation.icosphere(1, 0.02).apply_translation((x, 0, 0.6)) for x in (-0.3, 0, 0.3)]
    joined = cast(trimesh.Trimesh, trimesh.util.concatenate([body, *specks]))
    mesh = Mesh(np.asarray(joined.vertices), np.asarray(joined.faces, np.int32))
    spheres = medial_spheres(make_solid(mesh), sample_surface(mesh, 4000)[0])
    assert (spheres.centres[:, 2] > 0.5).sum() >= 3


def test_a_plate_is_a_sheet_and_a_rod_a_tube() -> None:
    assert known_spheres("plate").sheet.mean() > 0.95
    assert known_spheres("rod").sheet.mean() < 0.05


def test_a_table_is_a_sheet_on_tubes() -> None:
    spheres = known_spheres("table")
    height = spheres.centres[:, 2] - known_mesh("table").vertices[:, 2].min()
    assert spheres.sheet[height > 0.47].mean() > 0.9
    legs = height < 0.4
    assert legs.sum() >= 8
    assert spheres.sheet[legs].mean() < 0.1


def test_a_symmetric_solid_has_exactly_symmetric_spheres() -> None:
    spheres = known_spheres("creature")
    rows = np.column_stack([spheres.centres, spheres.radii, spheres.sheet])
    image = rows * np.array([-1, 1, 1, 1, 1])
    assert {tuple(row) for row in (rows + 0.0).tolist()} == {tuple(row) for row in (image + 0.0).tolist()}


def test_the_same_solid_gives_the_same_bytes() -> None:
    joined = box((1, 0.5, 0.3))
    mesh = Mesh(np.asarray(joined.vertices), np.asarray(joined.faces, np.int32))
    solid, surface = make_solid(mesh), sample_surface(mesh, 3000)[0]
    first, second = medial_spheres(solid, surface), medial_spheres(solid, surface)
    assert first.centres.tobytes() == second.centres.tobytes()
    assert first.radii.tobytes() == second.radii.tobytes()
