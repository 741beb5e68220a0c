"""Random characters are what they say they are."""

from __future__ import annotations

import numpy as np
import pytest

from inference.rigging.bodies.words import PLANS, SIDES, read_label
from inference.rigging.bones.conventions import detect, roles
from tools.verify_characters import side_faults
from training.shapes.characters import CHARACTERS
from training.shapes.characters.words import labels_of, plan_of
from training.shapes.cloud import surface_cloud
from training.shapes.making.inscribed import inside
from training.shapes.shape import KnownRig, KnownShape
from training.shapes.verify import digest, faults

SEEDS = range(3)


def rig(shape: KnownShape) -> KnownRig:
    assert shape.rig is not None
    return shape.rig


@pytest.mark.parametrize("kind", CHARACTERS)
def test_every_kind_holds_what_it_claims(kind: str) -> None:
    for seed in SEEDS:
        shape = CHARACTERS[kind](seed)
        assert not faults(shape)
        assert not side_faults(rig(shape).armature)


@pytest.mark.parametrize("kind", CHARACTERS)
def test_joints_lie_in_the_flesh(kind: str) -> None:
    shares = []
    for seed in SEEDS:
        shape = CHARACTERS[kind](seed)
        shares.append(inside(shape.mesh, rig(shape).armature.heads).mean())
    assert np.mean(shares) > 0.9


@pytest.mark.parametrize("kind", ["biped", "fish", "mech"])
def test_a_seed_repeats_and_two_seeds_differ(kind: str) -> None:
    assert digest(CHARACTERS[kind](5)) == digest(CHARACTERS[kind](5))
    assert digest(CHARACTERS[kind](5)) != digest(CHARACTERS[kind](6))


def test_people_have_the_bones_of_people() -> None:
    armature = rig(CHARACTERS["biped"](2)).armature
    assert detect(armature.names, armature.parents) == "bonewright"
    parts = {role.part for role in roles(armature.names, armature.parents, "bonewright").values()}
    assert {"hips", "trunk", "neck", "head", "upper_arm", "forearm", "hand", "thigh", "shin", "foot"} <= parts


def test_people_stand_upright_and_look_towards_minus_y() -> None:
    armature = rig(CHARACTERS["biped"](2)).armature
    at = dict(zip(armature.names, armature.heads, strict=True))
    assert at["head"][2] > at["hips"][2] > at["shin.L"][2] > at["foot.L"][2]
    foot = armature.names.index("foot.L")
    assert armature.tails[foot, 1] < armature.heads[foot, 1]


def test_animals_heads_are_in_front_of_their_hips() -> None:
    for kind in ("quadruped", "bird", "fish", "insect", "dragon"):
        armature = rig(CHARACTERS[kind](1)).armature
        assert armature.tails[armature.names.index("head"), 1] < armature.heads[0, 1]


def test_each_vertex_of_a_robot_follows_one_bone() -> None:
    weights = rig(CHARACTERS["mech"](3)).skin.weights
    assert (weights[:, 0] > 0.99).mean() > 0.95


def test_the_cloud_lies_on_the_surface_with_weights_that_sum_to_one() -> None:
    shape = CHARACTERS["quadruped"](1)
    cloud = surface_cloud(shape, 500, np.random.default_rng(0))
    assert cloud.points.shape == cloud.normals.shape == (500, 3)
    assert cloud.weights.shape == (500, len(rig(shape).armature.names))
    assert np.allclose(cloud.weights.sum(1), 1, atol=1e-5)
    assert np.allclose(np.linalg.norm(cloud.normals, axis=1), 1, atol=1e-4)
    assert inside(shape.mesh, cloud.points - 2e-3 * cloud.normals).mean() > 0.95


@pytest.mark.parametrize("family", CHARACTERS)
def test_every_bone_is_known_by_a_word_of_the_labels(family: str) -> None:
    for seed in range(12):
        shape = CHARACTERS[family](seed)
        assert shape.rig is not None
        armature = shape.rig.armature
        assert plan_of(armature, family, np.ptp(shape.mesh.vertices, axis=0)) in PLANS
        for name, word in zip(armature.names, labels_of(armature), strict=True):
            label = read_label(word)
            assert SIDES[label.side] == (name[-1] if name.endswith((".L", ".R")) else "")
