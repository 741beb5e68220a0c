"""Medial spheres: inscribed, few, covering, symmetric, and knowing sheets from tubes."""

from typing import cast

import igl
import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh, Solid
from inference.geometry.medial.spheres import coverage, medial_spheres
from inference.geometry.mesh.surface import sample_surface
from inference.geometry.solid.make import make_solid
from tests.geometry.known_solids import MAKERS, box, known_mesh, known_solid, known_spheres


def outer_samples(solid: Solid, mesh: Mesh) -> np.ndarray:
    """Samples of the union's surface: the shapes are made of overlapping parts."""
    samples = sample_surface(mesh, 20_000, 7)[0]
    cells = solid.cells_at(samples)
    return samples[(cells < 0) | (solid.depth[cells] < solid.spacing)]


def blocky_person() -> Mesh:
    """A body of boxes, as low-poly packs have them."""
    parts = [box((0.24, 0.14, 0.34), (0, 0, 0.58)), box((0.16, 0.16, 0.18), (0, 0, 0.86))]
    for side in (-1, 1):
        parts += [box((0.1, 0.12, 0.44), (0.065 * side, 0, 0.22)), box((0.1, 0.2, 0.06), (0.065 * side, -0.04, 0.03))]
        parts += [box((0.26, 0.08, 0.08), (0.24 * side, 0, 0.7)), box((0.06, 0.09, 0.03), (0.39 * side, 0, 0.7))]
    joined = cast(trimesh.Trimesh, trimesh.util.concatenate(parts))
    vertices = np.asarray(joined.vertices) - np.array([0, 0, 0.475])
    return Mesh(vertices, np.asarray(joined.faces, np.int32))


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "hollow ball"])
def test_spheres_cover_the_surface(name: str) -> None:
    assert coverage(known_spheres(name), outer_samples(known_solid(name), known_mesh(name))).mean() >= 0.95


def test_spheres_cover_a_blocky_person() -> None:
    person = blocky_person()
    solid = make_solid(person, symmetric=True)
    assert coverage(medial_spheres(solid, person), outer_samples(solid, person)).mean() >= 0.95


@pytest.mark.parametrize(
    ("name", "most"), [("ball", 1), ("fat torus", 20), ("torus", 40), ("rod", 60), ("creature", 120), ("chain", 160)]
)
def test_round_shapes_need_few_spheres(name: str, most: int) -> None:
    assert len(known_spheres(name).radii) <= most


def test_a_capsule_needs_no_more_than_eight_spheres() -> None:
    capsule = trimesh.creation.capsule(0.6, 0.25, count=[32, 32])
    mesh = Mesh(np.asarray(capsule.vertices), np.asarray(capsule.faces, np.int32))
    assert len(medial_spheres(make_solid(mesh), mesh).radii) <= 8


@pytest.mark.parametrize("most", [20, 100])
def test_as_many_spheres_as_asked_for_keep_to_every_part(most: int) -> None:
    mesh = known_mesh("table")
    spheres = medial_spheres(known_solid("table"), mesh, most=most)
    assert len(spheres.radii) <= most
    assert {(x > 0, y > 0) for x, y, z in spheres.centres.tolist() if z < 0} == {
        (left, front) for left in (False, True) for front in (False, True)
    }


@pytest.mark.parametrize("name", ["torus", "rod", "plate"])
def test_spheres_are_inside_and_inscribed(name: str) -> None:
    solid, spheres, mesh = known_solid(name), known_spheres(name), known_mesh(name)
    triangles = mesh.triangles.astype(np.int64)
    assert (np.asarray(igl.fast_winding_number(mesh.vertices, triangles, spheres.centres)) > 0.5).all()
    distance = np.sqrt(igl.point_mesh_squared_distance(spheres.centres, mesh.vertices, triangles)[0])
    assert (spheres.radii <= distance + 0.5 * solid.spacing).all()
    assert (spheres.radii <= 1.05 * distance).mean() > 0.97


def test_spheres_of_a_rod_sit_on_its_axis_between_the_cells() -> None:
    spheres, solid = known_spheres("rod"), known_solid("rod")
    large = spheres.radii > 0.045
    assert large.sum() >= 8
    assert np.hypot(*spheres.centres[large, :2].T).max() < 0.75 * solid.spacing


@pytest.mark.parametrize("name", ["chain", "creature", "hollow ball"])
def test_every_component_has_a_sphere(name: str) -> None:
    solid, spheres = known_solid(name), known_spheres(name)
    cells = solid.cells_at(spheres.centres)
    assert set(solid.component[cells[cells >= 0]]) == set(solid.component)


def test_specks_far_from_a_body_get_a_sphere_each() -> None:
    body = trimesh.creation.icosphere(3, 0.4)
    specks = [trimesh.creation.icosphere(1, 0.02).apply_translation((x, 0, 0.6)) for x in (-0.3, 0, 0.3)]
    joined = cast(trimesh.Trimesh, trimesh.util.concatenate([body, *specks]))
    mesh = Mesh(np.asarray(joined.vertices), np.asarray(joined.faces, np.int32))
    spheres = medial_spheres(make_solid(mesh), mesh)
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
    solid = make_solid(mesh)
    first, second = medial_spheres(solid, mesh), medial_spheres(solid, mesh)
    assert first.centres.tobytes() == second.centres.tobytes()
    assert first.radii.tobytes() == second.radii.tobytes()
