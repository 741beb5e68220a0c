"""Where a shape looks: what is seen in it, weighed with how files usually stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from inference.anatomy import Mesh
from inference.geometry.mesh.clean import clean_mesh
from inference.networks.loader import FOLDER
from inference.pipelines import standing
from inference.pipelines.standing import hint_of, likely_front, look_at, weighed_ways
from inference.rigging.standing.canonical import canonical_frame
from inference.rigging.standing.hint import AS_GIVEN, Way, ways_to_stand
from training.datasets.rigged_glb import read_mesh

QUADRUPEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "rigged" / "quadruped"
WOLF = QUADRUPEDS / "animal_pack_vol_2_wolf.glb"
pytestmark = pytest.mark.skipif(
    not (FOLDER / "perception.json").exists(), reason="there are no weights of 'perception'"
)


def turned(mesh: Mesh, degrees: float) -> Mesh:
    return Mesh(Rotation.from_euler("z", degrees, degrees=True).apply(mesh.vertices), mesh.triangles)


def front(mesh: Mesh) -> tuple[np.ndarray, float]:
    cleaned, _ = clean_mesh(mesh)
    found = likely_front(cleaned, canonical_frame(cleaned), look_at(cleaned, 0), 0)
    assert found is not None
    return found


@pytest.mark.skipif(not WOLF.exists(), reason="the rigged animals are not on this machine")
@pytest.mark.parametrize("degrees", [0, 37, 90, 180, 270])
def test_a_wolf_is_seen_to_look_where_it_looks_however_the_file_stands(degrees: float) -> None:
    forward, chance = front(turned(read_mesh(WOLF), degrees))
    angle = np.radians(degrees)
    assert forward @ [np.sin(angle), -np.cos(angle), 0.0] > 0.9
    assert 0.25 < chance <= 1.0


def test_what_shows_no_front_is_taken_to_stand_as_files_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "standing", lambda *_: np.zeros(24))  # the network has nothing to say
    monkeypatch.setattr(standing, "OF_GEOMETRY", 0.0)
    box = trimesh.creation.box((1.0, 0.6, 0.8))
    mesh = Mesh(np.asarray(box.vertices), np.asarray(box.faces, np.int32))
    cleaned, _ = clean_mesh(mesh)
    found = likely_front(cleaned, canonical_frame(cleaned), None, 0)
    assert found is not None
    assert np.allclose(found[0], [0.0, -1.0, 0.0], atol=1e-6)


@pytest.mark.skipif(not WOLF.exists(), reason="the rigged animals are not on this machine")
@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_wolf_on_its_nose_or_its_side_is_stood_up(axis: str) -> None:
    turn = Rotation.from_euler(axis, 90, degrees=True)
    wolf, _ = clean_mesh(read_mesh(WOLF))
    lying = Mesh(turn.apply(wolf.vertices), wolf.triangles)
    seen = look_at(lying, 0)
    assert seen is not None
    (way,) = weighed_ways(lying, ways_to_stand(hint_of(seen)), 0)
    assert (way.turn @ turn.apply([0.0, 0.0, 1.0]))[2] > 0.9


@pytest.mark.skipif(not WOLF.exists(), reason="the rigged animals are not on this machine")
def test_what_stands_as_files_do_is_not_stood_up_by_a_doubt() -> None:
    wolf, _ = clean_mesh(read_mesh(WOLF))
    on_its_back = Way(np.diag([1.0, -1.0, -1.0]), 0.6)
    assert weighed_ways(wolf, (on_its_back, replace(AS_GIVEN, chance=0.4)), 0) == (replace(AS_GIVEN, chance=0.4),)
