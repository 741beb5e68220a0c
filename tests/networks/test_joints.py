"""Joints moved by the network: sides mirror, given bones stay, nothing needed is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from inference.anatomy import Armature
from inference.networks.joints.apply import agreed, both_ways, mirrored, named_armature, padded
from inference.networks.joints.complete import completed, usual_bones
from inference.networks.joints.inputs import (
    FACTS,
    KINDS,
    WORDS,
    Answer,
    Surface,
    farthest,
    hops_of,
    joint_inputs,
    word_of,
)
from inference.networks.joints.network import JointsNet, Size
from inference.networks.loader import Ask
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from inference.rigging.bones.moved import left_out, mirrored_pairs, moved
from inference.rigging.judging.validity import valid_problems
from training.networks.asking import asked
from training.networks.start import begin
from training.shapes.figures import person_with_hands
from training.shapes.making.implicit import mesh_around
from training.shapes.making.sampling import surface_points

SMALL = Size(width=32, looks=1, layers=2)


@pytest.fixture(scope="module")
def person() -> tuple[Armature, Surface]:
    """The core's armature of a person, and samples of the person's surface."""
    mesh = mesh_around(person_with_hands(), 128)
    armature = rig_mesh(mesh, RigOptions(bind=False, method="geometric")).armature
    assert armature.symmetry is not None
    to_plane = np.array([armature.symmetry.offset, 0.0, 0.0])
    armature = replace(armature, heads=armature.heads - to_plane, tails=armature.tails - to_plane)
    points, normals = surface_points(mesh, 2048, np.random.default_rng(0))
    return armature, Surface(points.astype(np.float32), normals.astype(np.float32))


def untaught(seed: int = 0) -> JointsNet:
    torch.manual_seed(seed)
    net = JointsNet(SMALL)
    begin(net)
    return net.eval()


@pytest.fixture(scope="module")
def member() -> Ask:
    return asked(untaught())


def test_padding_changes_no_answer(person: tuple[Armature, Surface], member: Ask) -> None:
    armature, surface = person
    given = np.zeros(len(armature.names), bool)
    whole = joint_inputs(surface, armature, given, ~given)
    few = left_out(armature, np.array([name.startswith(("f_", "thumb")) for name in armature.names]))
    less = joint_inputs(surface, few, given[: len(few.names)], ~given[: len(few.names)])
    together = Answer(*member(vars(padded([whole, less]))))
    alone = Answer(*member(vars(less)))
    assert np.allclose(together.heads[1, : len(few.names)], alone.heads[0], atol=1e-5)


def test_a_symmetric_armature_stays_exactly_symmetric(person: tuple[Armature, Surface], member: Ask) -> None:
    armature, surface = person
    made = named_armature(armature, surface, [member]).armature
    pairs = mirrored_pairs(made.names)
    assert np.array_equal(made.heads[pairs] * [-1, 1, 1], made.heads)
    assert np.allclose(made.tails[pairs] * [-1, 1, 1], made.tails, atol=1e-12)
    assert not valid_problems(made, None)


def test_the_member_that_expects_to_be_nearer_counts_for_more(person: tuple[Armature, Surface], member: Ask) -> None:
    armature, surface = person
    given = np.zeros(len(armature.names), bool)
    sure = untaught()
    with torch.no_grad():
        sure.answer.bias[4] -= 9.0
    one, two = (both_ways(armature, surface, given, ~given, asked(net)) for net in (sure, untaught(1)))
    assert np.allclose(agreed([one, two]).heads, one.heads, atol=2e-3)
    assert np.allclose(agreed([two, two]).heads, two.heads, atol=1e-6)


def test_given_bones_stay_where_they_were_put(person: tuple[Armature, Surface], member: Ask) -> None:
    armature, surface = person
    locked = np.array([name in ("forearm.L", "shin.R") for name in armature.names])
    heads = armature.heads + np.where(locked[:, None], 0.01, 0.0)
    made = named_armature(replace(armature, heads=heads), surface, [member], locked, even=False).armature
    for name in ("forearm.L", "shin.R"):
        assert np.allclose(made.heads[made.names.index(name)], heads[armature.names.index(name)], atol=1e-12)


def test_whatever_the_network_says_a_bone_that_the_geometry_found_stays(person: tuple[Armature, Surface]) -> None:
    armature, surface = person
    unwilling = untaught()
    with torch.no_grad():
        unwilling.answer.bias[3] -= 50.0
    names = named_armature(armature, surface, [asked(unwilling)]).armature.names
    assert set(names) == set(armature.names)


def test_few_bones_adds_none(person: tuple[Armature, Surface], member: Ask) -> None:
    armature, surface = person
    few = named_armature(armature, surface, [member], may_add=False).armature
    assert set(few.names) <= set(armature.names)


def test_a_completed_person_has_every_finger_and_eyes(person: tuple[Armature, Surface]) -> None:
    armature, _ = person
    bare = left_out(armature, np.array([name.startswith("f_index") for name in armature.names]))
    whole = completed(bare)
    assert set(usual_bones(bare)) <= set(whole.armature.names)
    assert whole.found.sum() == len(bare.names)
    assert {n for n, found in zip(whole.armature.names, whole.found, strict=True) if not found} >= {
        "f_index.01.L",
        "f_index.03.R",
        "eye.L",
    }
    assert completed(replace(armature, kind="quadruped")).found.all()


def test_children_of_a_left_out_bone_hang_on_who_held_it(person: tuple[Armature, Surface]) -> None:
    armature, _ = person
    drop = np.array([name == "spine.001" for name in armature.names])
    made = left_out(armature, drop)
    chest = made.names.index("chest")
    assert made.names[made.parents[chest]] == "spine"
    spine = made.names.index("spine")
    assert np.allclose(made.tails[spine], armature.tails[armature.names.index("spine.001")])
    assert not valid_problems(made, None)


def test_moved_joints_take_what_is_connected_along(person: tuple[Armature, Surface]) -> None:
    armature, _ = person
    heads = armature.heads.copy()
    bone = armature.names.index("forearm.L")
    heads[bone] += [0.0, 0.0, 0.02]
    made = moved(armature, heads)
    assert np.allclose(made.tails[made.names.index("upper_arm.L")], heads[bone])
    assert np.allclose(made.tails[made.names.index("foot.R")], armature.tails[armature.names.index("foot.R")])


def test_the_mirror_image_of_the_mirror_image_is_the_armature(person: tuple[Armature, Surface]) -> None:
    armature, _ = person
    again = mirrored(mirrored(armature))
    assert again.names == armature.names
    assert np.array_equal(again.heads, armature.heads)


@pytest.mark.parametrize(
    ("name", "word"),
    [("f_index.02.L", "f_index"), ("spine.001", "spine"), ("limb12.003.R", "limb"), ("upper_leg.front.L", None)],
)
def test_names_are_told_apart_without_side_and_number(name: str, word: str | None) -> None:
    assert WORDS[word_of(name)] == (word or name[:-2])


def test_the_vocabulary_fits_the_tables() -> None:
    assert len(WORDS) <= untaught().word.num_embeddings
    assert len(KINDS) <= untaught().kind.num_embeddings
    assert len(set(WORDS)) == len(WORDS)


def test_hops_count_steps_along_the_bones() -> None:
    parents = np.array([-1, 0, 1, 0])
    assert hops_of(parents).tolist() == [[0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 3], [1, 2, 3, 0]]


def test_farthest_points_cover_the_ends_first() -> None:
    line = np.stack([np.linspace(0, 1, 101), np.zeros(101), np.zeros(101)], 1).astype(np.float32)
    assert np.allclose(np.sort(farthest(line, 3)[:, 0]), [0, 0.5, 1])


def test_facts_have_the_width_the_network_expects(person: tuple[Armature, Surface]) -> None:
    armature, surface = person
    given = np.zeros(len(armature.names), bool)
    assert joint_inputs(surface, armature, given, ~given).facts.shape == (1, len(given), FACTS)
