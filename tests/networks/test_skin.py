"""The correction of skin weights, whatever a network has learned: with random parameters, strong enough to be seen."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh

from inference.anatomy import Armature, Mesh
from inference.errors import WeightsError
from inference.geometry.solid.make import make_solid
from inference.networks import shelf
from inference.networks.loader import Ask
from inference.networks.skin import apply as skin_apply
from inference.networks.skin.apply import corrected, learned_weights, trusted
from inference.networks.skin.inputs import BONE, PAIR, POINT, skin_inputs
from inference.networks.skin.network import Size, SkinNet
from inference.rigging.bones.moved import parents_among
from inference.rigging.skin.bind import Correction, skin_mesh
from inference.rigging.skin.evidence import Evidence
from inference.rigging.skin.locks import LockedWeights
from training.networks.asking import asked
from training.networks.start import begin

torch.set_num_threads(1)
SMALL = Size(width=16, layers=1, bone_width=16, bone_layers=1)


def untaught(sure: float = 10.0) -> Ask:
    """Random, with corrections of several powers of e, and as sure of itself as `sure` says."""
    torch.manual_seed(3)
    net = SkinNet(SMALL)
    begin(net)
    with torch.no_grad():
        net.change.weight.mul_(3)
        net.better.outer.weight.zero_()
        net.better.outer.bias.fill_(sure)
    return asked(net.eval())


def body(subdivisions: int = 3) -> Mesh:
    ball = trimesh.creation.icosphere(subdivisions, 0.5)
    return Mesh(np.asarray(ball.vertices) * [1, 0.4, 0.6], np.asarray(ball.faces, np.int32))


def arms() -> Armature:
    heads = np.array([[0, 0, -0.2], [0.15, 0.02, 0.05], [-0.15, 0.02, 0.05]])
    tails = np.array([[0, 0, 0.2], [0.45, 0, 0], [-0.45, 0, 0]])
    return Armature(
        ("spine", "arm.L", "arm.R"),
        np.array([-1, 0, 0], np.int32),
        heads,
        tails,
        np.zeros(3),
        np.zeros(3, bool),
        np.ones(3),
        np.ones(3, bool),
        np.full((3, 2), 0.1),
    )


def correction(sure: float = 10.0) -> Correction:
    return partial(corrected, ask=untaught(sure))


def bind(mesh: Mesh, correct: Correction | None, **more: LockedWeights | int) -> np.ndarray:
    solid = make_solid(mesh, symmetric=True)
    return skin_mesh(mesh, solid, arms(), correct=correct, **more).dense(3)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    found: list[Evidence] = []

    def listen(evidence: Evidence) -> np.ndarray:
        found.append(evidence)
        return evidence.weights

    bind(body(), listen)
    return found[0]


def test_bones_points_and_pairs_are_described_by_finite_numbers_of_moderate_size(evidence: Evidence):
    inputs = skin_inputs(evidence)
    points = len(evidence.mesh.vertices)
    assert inputs.bones.shape == (1, 3, BONE)
    assert inputs.points.shape == (1, points, POINT)
    assert inputs.pairs.shape == (1, points, 3, PAIR)
    for part in (inputs.bones, inputs.points, inputs.pairs):
        assert np.isfinite(part).all()
        assert np.abs(part).max() < 20
    assert np.allclose(inputs.prior.sum(2), 1, atol=1e-6)


def test_corrected_rows_sum_to_one_and_keep_the_number_of_influences():
    weights = bind(body(), correction(), influences=2)
    assert np.allclose(weights.sum(1), 1, atol=1e-5)
    assert ((weights > 0).sum(1) <= 2).all()
    assert np.abs(weights - bind(body(), None, influences=2)).max() > 0.1


def test_where_the_network_is_not_sure_the_geometry_stays():
    assert np.abs(bind(body(), correction(sure=-10)) - bind(body(), None)).max() < 1e-6
    assert trusted(np.array([-3.0, 3.0])).tolist() == [0, 1]


def test_a_symmetric_shape_gets_mirrored_corrections():
    mesh = body()
    weights = bind(mesh, correction())
    places = {tuple(np.round(v, 7) + 0.0): i for i, v in enumerate(mesh.vertices)}
    twin = np.array([places[tuple(np.round(v * [-1, 1, 1], 7) + 0.0)] for v in mesh.vertices])
    assert np.abs(weights[twin][:, [0, 2, 1]] - weights).max() < 1e-4


def test_the_same_request_gives_the_same_bytes():
    assert bind(body(), correction()).tobytes() == bind(body(), correction()).tobytes()


def test_locked_bones_keep_their_weights_to_the_last_bit():
    mesh = body()
    before = skin_mesh(mesh, make_solid(mesh), arms())
    lock = LockedWeights(np.array([False, True, False]), np.zeros(len(mesh.vertices), bool), before)
    after = bind(mesh, correction(), locked=lock)
    assert (after[:, 1] == before.dense(3)[:, 1]).all()
    assert np.allclose(after.sum(1), 1, atol=1e-5)


def test_a_dense_surface_is_corrected_like_a_light_one(monkeypatch: pytest.MonkeyPatch):
    mesh = body(4)
    fine = bind(mesh, correction())
    monkeypatch.setattr(skin_apply, "MOST", 1200)
    coarse = bind(mesh, correction())
    change = np.abs(fine - bind(mesh, None)).sum(1).mean()
    assert np.allclose(coarse.sum(1), 1, atol=1e-5)
    assert np.abs(coarse - fine).sum(1).mean() < 0.4 * change


def test_without_trained_weights_auto_is_geometric_and_learned_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(shelf, "FOLDER", tmp_path)
    assert learned_weights("geometric") is None
    assert learned_weights("auto") is None
    with pytest.raises(WeightsError, match="Install"):
        learned_weights("learned")


def test_bones_that_do_not_deform_are_skipped_on_the_way_to_the_parent():
    chain = replace(arms(), parents=np.array([-1, 0, 1], np.int32), deform=np.array([True, False, True]))
    assert parents_among(chain.parents, np.flatnonzero(chain.deform)).tolist() == [-1, 0]
