"""The mirror plane, the facing, and the way into the canonical frame and back."""

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Mesh
from inference.axes import bone_axes
from inference.errors import BadRequestError
from inference.geometry.mesh.surface import unit_frame
from inference.geometry.solid.turned import turned_solid
from inference.rigging.standing.canonical import canonical_frame, shape_in
from inference.rigging.standing.symmetry import find_symmetry
from training.shapes.figures import creature, person
from training.shapes.making.implicit import mesh_around

from ..shapes import two_bones


def turned(mesh: Mesh, degrees: float) -> Mesh:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return Mesh(mesh.vertices @ turn.T, mesh.triangles)


@pytest.fixture(scope="module")
def human() -> Mesh:
    return mesh_around(person(), 72)


@pytest.fixture(scope="module")
def animal() -> Mesh:
    return mesh_around(creature(), 72)


def test_the_mirror_plane_of_a_symmetric_shape_is_found_exactly(human: Mesh) -> None:
    plane, share = find_symmetry(shape_in(unit_frame(human), human))
    assert share > 0.99
    assert abs(plane.normal[0]) == pytest.approx(1.0, abs=1e-6)


def test_a_shape_without_a_mirror_plane_is_not_taken_for_symmetric() -> None:
    rng = np.random.default_rng(3)
    points = rng.normal(size=(400, 3)) * [1, 0.6, 0.8]
    points[:, 0] += 0.8 * points[:, 1] ** 2 * (points[:, 1] > 0)
    lump = Mesh(points, rng.integers(0, 400, (600, 3)).astype(np.int32))
    assert not canonical_frame(lump).symmetric


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 33])
def test_people_face_where_their_feet_point_however_they_are_turned(human: Mesh, degrees: float) -> None:
    angle = np.radians(degrees)
    faces = np.array([np.sin(angle), -np.cos(angle), 0.0])
    frame = canonical_frame(turned(human, degrees))
    assert frame.pose.forward @ faces > 0.999
    assert np.cross(frame.pose.up, frame.pose.forward) @ frame.pose.left == pytest.approx(1.0)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_an_animal_faces_away_from_its_tail(animal: Mesh, degrees: float) -> None:
    angle = np.radians(degrees)
    faces = np.array([np.sin(angle), -np.cos(angle), 0.0])
    assert canonical_frame(turned(animal, degrees)).pose.forward @ faces > 0.99


def test_the_canonical_frame_is_of_unit_size_with_the_plane_in_the_middle(human: Mesh) -> None:
    far = Mesh(turned(human, 90).vertices * 250.0 + [3000.0, -70.0, 12.0], human.triangles)
    frame = canonical_frame(far)
    inside = frame.points_in(far.vertices)
    assert np.ptp(inside, axis=0).max() == pytest.approx(1.0, abs=1e-9)
    assert inside[:, 0].min() == pytest.approx(-inside[:, 0].max(), abs=1e-3)  # the surface itself mirrors no better
    assert np.abs(frame.points_out(inside) - far.vertices).max() < 1e-8


def test_an_armature_that_goes_in_and_out_comes_back_with_its_rolls(human: Mesh) -> None:
    frame = canonical_frame(turned(human, 33))
    before = replace(two_bones(), rolls=np.array([0.3, -1.2]))
    inside = frame.into(before)
    after = frame.out(inside)
    assert np.abs(after.heads - before.heads).max() < 1e-9
    axes = bone_axes(before.heads, before.tails, before.rolls)
    assert np.abs(bone_axes(after.heads, after.tails, after.rolls) - axes).max() < 1e-6
    in_interior = bone_axes(inside.heads, inside.tails, inside.rolls)
    assert np.abs(in_interior @ frame.axes - axes).max() < 1e-6


def test_a_solid_turned_round_twice_is_the_same_solid(animal: Mesh) -> None:
    from inference.geometry.solid.make import make_solid

    solid = make_solid(shape_in(canonical_frame(animal), animal))
    once = turned_solid(solid, 2)
    assert np.allclose(np.sort(once.centres[:, 1]), np.sort(-solid.centres[:, 1]))
    assert set(map(tuple, once.cells[once.links[0]])) <= set(map(tuple, once.cells))
    gap = np.linalg.norm(once.centres[once.links[:, 0]] - once.centres[once.links[:, 1]], axis=1)
    assert gap.max() < 1.8 * once.spacing
    twice = turned_solid(once, 2)
    assert np.array_equal(twice.cells - twice.cells.min(0), solid.cells - solid.cells.min(0))
    assert {*map(tuple, twice.links.tolist())} == {*map(tuple, solid.links.tolist())}


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_front_that_is_known_is_kept_even_where_the_shape_speaks_against_it(human: Mesh, degrees: float) -> None:
    angle = np.radians(degrees)
    front = np.array([np.sin(angle), -np.cos(angle), 0.0])
    frame = canonical_frame(human, front=front)
    assert frame.pose.forward @ front > 0.999
    assert frame.symmetric == (degrees in (0, 180)), "seen from the side a person does not mirror itself"


def test_a_known_front_a_little_askew_follows_the_mirror_plane(human: Mesh) -> None:
    frame = canonical_frame(turned(human, 20), front=np.array([0.0, -1.0, 0.0]))
    assert frame.pose.forward == pytest.approx([np.sin(np.radians(20)), -np.cos(np.radians(20)), 0.0], abs=1e-3)


def test_a_known_front_of_a_mesh_that_lies_is_in_its_own_frame(human: Mesh) -> None:
    onto_feet = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    lying = Mesh(human.vertices @ onto_feet, human.triangles)
    front = np.array([0.0, -1.0, 0.0]) @ onto_feet
    frame = canonical_frame(lying, turn=onto_feet, front=front)
    assert frame.pose.forward @ front > 0.999
    assert frame.pose.up @ (np.array([0.0, 0.0, 1.0]) @ onto_feet) > 0.999


def test_a_front_straight_up_is_refused(human: Mesh) -> None:
    with pytest.raises(BadRequestError, match="Choose one of the four sides"):
        canonical_frame(human, front=np.array([0.0, 0.0, 1.0]))
