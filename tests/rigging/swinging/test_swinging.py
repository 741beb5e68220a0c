"""Skirts, hair, capes and tails are found, get chains, and are moved by these alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.rigging.bodies.perceived import Perceived
from inference.rigging.bodies.words import PART, PARTS, PLANS
from inference.rigging.swinging.add import with_chains
from inference.rigging.swinging.figure import Figure
from inference.rigging.swinging.levels import around, cut_at

from .people import braid, cone, figure, own

SKIRT = cone(0.56, 0.28, 0.12, 0.22)


def test_a_skirt_gets_eight_chains_from_the_hips_to_its_hem():
    made = figure(SKIRT)
    armature, _, springs, told = with_chains(made, 4)
    assert {spring.name for spring in springs} == {
        f"skirt.{word}" for word in ("F", "F.L", "L", "B.L", "B", "B.R", "R", "F.R")
    }
    assert told == "New bones swing: skirt (8 chains)."
    for spring in springs:
        first, last = armature.names.index(spring.bones[0]), armature.names.index(spring.bones[-1])
        assert armature.names[armature.parents[first]] == "hips"
        assert armature.tails[last, 2] == pytest.approx(0.28, abs=0.01)
        assert 2 <= len(spring.bones) <= 5
        assert set(spring.around) == {"thigh.L", "thigh.R", "shin.L", "shin.R"}
    front, left = (armature.heads[armature.names.index(name)] for name in ("skirt.F.001", "skirt.001.L"))
    assert front[1] < -0.1 and abs(front[0]) < 1e-9  # noqa: PT018
    assert left[0] > 0.1 and abs(left[1]) < 0.02  # noqa: PT018


def test_chains_of_both_sides_mirror_each_other():
    armature = with_chains(figure(SKIRT), 4)[0]
    for name in armature.names:
        if name.startswith("skirt") and name.endswith(".L"):
            left, right = armature.names.index(name), armature.names.index(name[:-1] + "R")
            assert armature.tails[left] * [-1, 1, 1] == pytest.approx(armature.tails[right], abs=1e-9)


def test_chains_move_the_skirt_and_nothing_else():
    made = figure(SKIRT)
    armature, skin, _, _ = with_chains(made, 4)
    skirt, bones = own(made, SKIRT), len(made.armature.names)
    full = skin.dense(len(armature.names))
    assert full.sum(1) == pytest.approx(1, abs=1e-5)
    assert (skin.weights > 0).sum(1).max() <= 4
    assert full[~skirt, bones:].max() == 0
    assert (full[~skirt, :bones] == made.skin.dense(bones)[~skirt]).all()
    assert full[skirt & (made.mesh.vertices[:, 2] < 0.38), bones:].sum(1).min() > 0.999
    # the front chain has nothing of the back
    front = [place for place, name in enumerate(armature.names) if name.startswith("skirt.F.0") and name[-1].isdigit()]
    assert full[skirt & (made.mesh.vertices[:, 1] > 0)][:, front].max() == 0


def test_legs_without_a_skirt_and_short_jackets_have_none():
    assert with_chains(figure(), 4)[2] == ()
    jacket = cone(0.7, 0.46, 0.13, 0.13)
    assert with_chains(figure(jacket), 4)[2] == ()


def test_nothing_is_changed_where_nothing_hangs():
    made = figure()
    armature, skin, springs, told = with_chains(made, 4)
    assert armature is made.armature
    assert skin is made.skin
    assert springs == ()
    assert told.startswith("Nothing that swings was found")


def test_a_coat_that_is_open_in_front_has_no_chain_there():
    coat = cone(0.56, 0.25, 0.12, 0.22, covered=0.85)
    made = figure(coat)
    names = {spring.name for spring in with_chains(made, 4)[2]}
    assert "skirt.F" not in names
    assert {"skirt.B", "skirt.L", "skirt.R", "skirt.F.L", "skirt.F.R"} <= names


def test_a_braid_gets_one_chain_along_it():
    hair = braid()
    made = figure(hair)
    armature, skin, springs, _ = with_chains(made, 4)
    assert [spring.name for spring in springs] == ["hair"]
    bones = [armature.names.index(bone) for bone in springs[0].bones]
    assert springs[0].bones[0] == "hair.001"
    assert armature.names[armature.parents[bones[0]]] == "head"
    assert armature.heads[bones[0]] == pytest.approx([0, 0.1, 0.97], abs=0.02)
    assert armature.tails[bones[-1]] == pytest.approx([0, 0.1, 0.67], abs=0.02)
    full = skin.dense(len(armature.names))
    assert full[~own(made, hair)][:, bones].max() == 0
    assert full[own(made, hair) & (made.mesh.vertices[:, 2] < 0.85)][:, bones].sum(1).min() > 0.999


def test_hair_around_the_head_gets_chains_where_it_is():
    cap = cone(0.99, 0.74, 0.09, 0.12, covered=0.7)
    names = {spring.name for spring in with_chains(figure(cap), 4)[2]}
    assert {"hair.B", "hair.B.L", "hair.B.R", "hair.L", "hair.R"} <= names
    assert "hair.F" not in names


def test_a_cape_gets_three_chains_down_the_back():
    cape = cone(0.82, 0.3, 0.13, 0.24, covered=0.3)
    made = figure(cape)
    armature, skin, springs, _ = with_chains(made, 4)
    assert {spring.name for spring in springs} == {"cape", "cape.L", "cape.R"}
    full = skin.dense(len(armature.names))
    assert full[~own(made, cape), len(made.armature.names) :].max() == 0
    assert full[own(made, cape) & (made.mesh.vertices[:, 2] < 0.5), len(made.armature.names) :].sum(1).min() > 0.999


def test_a_tail_that_has_bones_is_marked_and_keeps_its_weights():
    made = figure(tail=True)
    armature, skin, springs, told = with_chains(made, 4)
    assert [(spring.name, spring.bones, spring.added) for spring in springs] == [("tail", ("tail", "tail.001"), False)]
    assert (armature, skin) == (made.armature, made.skin)
    assert told == "Bones that were there swing: tail."


def test_what_has_chains_gets_no_second_ones():
    made = figure(SKIRT)
    armature, skin, springs, _ = with_chains(made, 4)
    again = with_chains(Figure(made.mesh, armature, skin), 4)
    assert again[0] is armature
    assert {spring.bones for spring in again[2]} == {spring.bones for spring in springs}


def test_what_a_network_calls_worn_does_not_swing():
    hair = braid()
    made = figure(hair)
    part = np.zeros((len(made.mesh.vertices), len(PARTS)))
    part[:, PART["worn"]] = np.where(own(made, hair), 0.9, 0.0)
    count = len(part)
    seen = Perceived(
        points=made.mesh.vertices,
        part=part,
        side=np.full((count, 3), 1 / 3),
        pair=np.full((count, 8), 1 / 8),
        along=np.zeros(count),
        votes=np.zeros((count, 3, 3)),
        error=np.zeros((count, 3)),
        plan=np.full(len(PLANS), 1 / len(PLANS)),
        joints=20.0,
        joints_error=0.1,
        counts=np.zeros(len(PARTS)),
    )
    assert with_chains(replace(made, seen=seen), 4)[2] == ()
    part[:] = 0
    part[:, PART["hair"]] = np.where(own(made, hair), 0.9, 0.0)
    assert [spring.name for spring in with_chains(replace(made, seen=seen), 4)[2]] == ["hair"]


def test_a_cut_knows_its_lines():
    cut = cut_at(figure(SKIRT).mesh, 0.4)
    assert len(np.unique(cut.line)) == 3  # the skirt and two legs
    sizes = sorted(float(np.linalg.norm(cut.points(cut.line == line), axis=1).max()) for line in range(3))
    assert sizes[2] == pytest.approx(0.12 + 0.1 * (0.56 - 0.4) / 0.28, abs=2e-3)
    outer = max(range(3), key=lambda line: np.linalg.norm(cut.points(cut.line == line), axis=1).max())
    assert around(cut.points(cut.line == outer), np.zeros(2)) == 1.0
