"""The envelope is closed, has the volume of its spheres, cones and slabs, and keeps their topology."""

import numpy as np
import pytest
import trimesh

from inference.anatomy import MedialMesh, MedialSpheres, Mesh
from inference.geometry.medial.connect import medial_mesh
from inference.geometry.medial.envelope import envelope
from inference.geometry.medial.homology import complex_betti
from inference.geometry.medial.slabs import Slabs
from tests.geometry.known_solids import known_solid, known_spheres

BALL = 4 / 3 * np.pi
CORNERS = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0)], float)


def medial(count: int, radii: list[float]) -> MedialMesh:
    """One sphere, one cone or one slab."""
    edges = np.array([(0, 1), (1, 2), (0, 2)], np.int32)[: {1: 0, 2: 1, 3: 3}[count]]
    faces = np.array([(0, 1, 2)], np.int32)[: count == 3]
    return MedialMesh(MedialSpheres(CORNERS[:count], np.array(radii), np.zeros(count, bool)), edges, faces)


def solid_of(mesh: Mesh) -> trimesh.Trimesh:
    return trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False)


@pytest.mark.parametrize(
    ("count", "radius", "volume"),
    [
        (1, 0.5, BALL * 0.125),
        (2, 0.2, np.pi * 0.04 + BALL * 0.008),
        (3, 0.1, 0.5 * 0.2 + (2 + 2**0.5) / 2 * np.pi * 0.01 + BALL * 0.001),
    ],
)
def test_ball_capsule_and_slab_have_their_volumes(count: int, radius: float, volume: float) -> None:
    made = solid_of(envelope(medial(count, [radius] * count)))
    assert made.is_watertight
    assert made.is_winding_consistent
    assert made.volume == pytest.approx(volume, rel=2e-3)


@pytest.mark.parametrize("radii", [[0.1, 0.3, 0.2], [0.3, 0.05, 0.05], [0.9, 0.1, 0.2]])
def test_distances_agree_with_spheres_swept_densely(radii: list[float]) -> None:
    mesh = medial(3, radii)
    steps = np.linspace(0, 1, 161)
    weights = np.array([(1 - a - b, a, b) for a in steps for b in steps if a + b <= 1 + 1e-12])
    centres, swept = weights @ CORNERS, weights @ np.array(radii)
    points = np.random.default_rng(3).uniform(-1, 2, (300, 3))
    expected = (np.linalg.norm(points[:, None] - centres, axis=2) - swept).min(1)
    slab = Slabs(mesh).distance(np.full(len(points), 6), points)
    assert np.abs(slab - expected).max() < 1e-3


def test_a_sphere_that_holds_the_other_is_the_whole_cone() -> None:
    made = solid_of(envelope(medial(2, [1.5, 0.2])))
    assert made.volume == pytest.approx(BALL * 1.5**3, rel=5e-3)


def test_separate_spheres_stay_separate() -> None:
    spheres = MedialSpheres(CORNERS, np.array([0.2, 0.1, 0.3]), np.zeros(3, bool))
    made = solid_of(envelope(MedialMesh(spheres, np.zeros((0, 2), np.int32), np.zeros((0, 3), np.int32))))
    assert made.body_count == 3
    assert made.is_watertight


@pytest.mark.parametrize("name", ["double torus", "ladder", "hollow ball"])
def test_the_envelope_is_closed_and_keeps_the_topology(name: str) -> None:
    medial_one = medial_mesh(known_solid(name), known_spheres(name))
    made = solid_of(envelope(medial_one, resolution=96))
    pieces, loops, hollows = complex_betti(medial_one)
    assert made.is_watertight
    assert made.is_winding_consistent
    assert made.euler_number == 2 * (pieces - loops + hollows)


@pytest.mark.parametrize(("name", "least"), [("creature", 0.82), ("rod", 0.9)])
def test_the_envelope_fills_the_solid(name: str, least: float) -> None:
    solid = known_solid(name)
    slabs = Slabs(medial_mesh(solid, known_spheres(name)))
    room = tuple(solid.cells.max(0) + 9)
    filled = np.zeros(room, bool)
    filled[tuple((solid.cells + 4).T)] = True
    points = solid.origin + solid.spacing * (np.argwhere(np.ones(room)) - 4)
    low, high = slabs.boxes()
    made = np.zeros(len(points), bool)
    for primitive in slabs.needed:
        near = np.flatnonzero(((points >= low[primitive]) & (points <= high[primitive])).all(1))
        made[near] |= slabs.distance(np.full(len(near), primitive), points[near]) < 0
    made = made.reshape(room)
    assert (made & filled).sum() / (made | filled).sum() > least
