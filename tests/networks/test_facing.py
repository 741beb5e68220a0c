"""The shipped network that says what a shape is and how it stands, as the pipelines use it."""

from __future__ import annotations

import numpy as np
import pytest

from inference.anatomy import Mesh
from inference.networks.facing.inputs import KINDS, TURNS
from inference.networks.loader import FOLDER
from inference.networks.shelf import facing_network
from inference.pipelines.meshes import rig_mesh
from inference.pipelines.standing import standing_hint
from inference.requests import RigOptions
from inference.rigging.standing.hint import ways_to_stand
from training.shapes.figures import person
from training.shapes.making.implicit import mesh_around

ON_ITS_BACK = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])  # up becomes -Y, the front +Z


@pytest.fixture(scope="module")
def human() -> Mesh:
    return mesh_around(person(), 56)


def turned(mesh: Mesh, turn: np.ndarray) -> Mesh:
    return Mesh(mesh.vertices @ turn.T, mesh.triangles)


def test_what_is_shipped_is_whole_small_and_says_where_it_comes_from() -> None:
    network = facing_network()
    assert network is not None
    card = network.card
    assert card.data
    assert card.licence
    assert card.samples > 0
    assert card.metrics["up right, bipeds and quadrupeds"] > 0.95
    assert (FOLDER / "facing.onnx").stat().st_size < 2**20


def test_a_person_is_stood_up_from_any_of_24_ways_of_lying(human: Mesh) -> None:
    for turn in TURNS:
        hint = standing_hint(turned(human, turn), 0)
        assert hint is not None
        assert hint.kind in KINDS
        up = ways_to_stand(hint)[0].turn @ turn @ np.array([0.0, 0, 1])
        np.testing.assert_allclose(up, [0, 0, 1], atol=1e-12)


def test_the_same_mesh_and_seed_give_the_same_hint(human: Mesh) -> None:
    one, again = standing_hint(human, 3), standing_hint(human, 3)
    assert one is not None
    assert again is not None
    assert (one.kind, one.legged) == (again.kind, again.legged)
    np.testing.assert_array_equal(one.chances, again.chances)


def test_only_the_learned_way_stands_a_lying_person_up(human: Mesh) -> None:
    lying = turned(human, ON_ITS_BACK)
    learned = rig_mesh(lying, RigOptions(bind=False))
    np.testing.assert_allclose(learned.pose.up, ON_ITS_BACK @ [0, 0, 1], atol=1e-9)
    assert learned.armature.kind == "biped"
    plain = rig_mesh(lying, RigOptions(bind=False, method="geometric"))
    np.testing.assert_allclose(plain.pose.up, [0, 0, 1], atol=1e-9)
