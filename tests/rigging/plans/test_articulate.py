"""Any body gets one tree of well-named bones inside it, mirrored exactly where the body is."""

from __future__ import annotations

import numpy as np
import pytest

from inference.anatomy import Armature, CurveSkeleton
from inference.requests import Density
from inference.rigging.bodies.classify import classify, head_end
from inference.rigging.bodies.interior import Interior
from inference.rigging.plans.articulate import body_traits, rig
from tests.rigging.bodies import rigged, seen

BODIES = ["dog", "spider", "fish", "serpent", "mug", "ring"]
KINDS = [("dog", "quadruped"), ("spider", "insect"), ("fish", "fish"), ("serpent", "serpent")]
DENSITIES = ["few", "normal", "many"]


def _bone(armature: Armature, name: str) -> int:
    return armature.names.index(name)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("density", DENSITIES)
def test_every_body_gets_a_valid_tree_of_bones(body, density):
    rig = rigged(body, density=density)
    assert (rig.parents == -1).sum() == 1
    assert rig.parents[0] == -1
    assert (rig.parents[1:] < np.arange(1, len(rig.names))).all()
    assert len(set(rig.names)) == len(rig.names)
    assert rig.lengths.min() >= 0.004
    assert np.isfinite(rig.rolls).all()
    assert ((rig.confidence >= 0) & (rig.confidence <= 1)).all()


@pytest.mark.parametrize("body", BODIES)
def test_connected_bones_begin_exactly_where_their_parent_ends(body):
    rig = rigged(body)
    joined = np.flatnonzero(rig.connected)
    assert np.array_equal(rig.heads[joined], rig.tails[rig.parents[joined]])


@pytest.mark.parametrize("body", BODIES)
def test_a_symmetric_body_gets_an_exactly_symmetric_rig(body):
    rig = rigged(body)
    for i, name in enumerate(rig.names):
        if name.endswith(".L"):
            twin = _bone(rig, name[:-2] + ".R")
            assert np.array_equal(rig.heads[i] * [-1, 1, 1], rig.heads[twin])
            assert np.array_equal(rig.tails[i] * [-1, 1, 1], rig.tails[twin])
            assert rig.rolls[i] == -rig.rolls[twin]
            assert rig.heads[i, 0] + rig.tails[i, 0] > 0
        elif not name.endswith(".R"):
            assert rig.heads[i, 0] == 0
            assert rig.tails[i, 0] == 0


@pytest.mark.parametrize("body", ["dog", "spider", "serpent", "ring"])
def test_bones_lie_inside_the_interior(body):
    rig = rigged(body)
    share = Interior(seen(body)[0]).share_inside(rig.heads, rig.tails, slack=0.5)
    assert share.min() >= 0.9
    assert np.average(share, weights=rig.lengths) >= 0.98


@pytest.mark.parametrize(("body", "kind"), KINDS)
def test_the_kind_is_told_from_the_limbs(body, kind):
    solid, curves = seen(body)
    found, certainty = classify(body_traits(solid, curves, symmetric=True))
    assert found == kind
    assert 0 < certainty <= 1
    assert rigged(body).kind == kind


def test_a_quadruped_has_the_bones_a_rigger_expects():
    names = rigged("dog").names
    trunk = ("spine", "chest", "neck", "head", "tail", "ear.L")
    front = ("shoulder.L", "upper_leg.front.L", "lower_leg.front.L", "foot.front.L")
    hind = ("pelvis.R", "upper_leg.hind.R", "lower_leg.hind.R", "foot.hind.R")
    for name in (*trunk, *front, *hind):
        assert name in names


def test_a_quadrupeds_bones_are_where_their_names_say():
    rig = rigged("dog")
    assert rig.tails[_bone(rig, "head"), 1] < rig.heads[_bone(rig, "spine"), 1]
    assert rig.tails[_bone(rig, "head"), 1] < -0.4
    assert rig.heads[_bone(rig, "tail"), 1] > rig.heads[_bone(rig, "spine"), 1]
    floor = seen("dog")[0].centres[:, 2].min()
    front, hind = _bone(rig, "upper_leg.front.L"), _bone(rig, "upper_leg.hind.L")
    assert rig.heads[front, 1] < rig.heads[hind, 1]
    for leaf in ("toe.front.L", "toe.hind.L"):
        assert rig.tails[_bone(rig, leaf), 2] - floor < 0.05


def test_legs_hang_on_the_chest_and_on_the_pelvis():
    rig = rigged("dog")

    def above(name: str) -> list[str]:
        bone, names = _bone(rig, name), []
        while rig.parents[bone] >= 0:
            bone = int(rig.parents[bone])
            names.append(rig.names[bone])
        return names

    assert "chest" in above("foot.front.L")
    assert "chest" not in above("foot.hind.L")
    assert above("foot.hind.L")[-1] == "spine"


def test_the_head_end_is_told_from_either_side():
    for body, low, high in (("dog", 0.8, 1.0), ("dog turned", 0.0, 0.2), ("fish", 0.8, 1.0)):
        solid, curves = seen(body)
        assert low <= head_end(body_traits(solid, curves, symmetric=True)) <= high


def test_a_spider_has_four_pairs_of_bent_legs():
    rig = rigged("spider")
    legs = {name.split(".")[0] for name in rig.names if name.startswith("leg") and name.endswith(".L")}
    assert legs == {"leg1", "leg2", "leg3", "leg4"}
    for leg in legs:
        bones = [i for i, name in enumerate(rig.names) if name.startswith(leg) and name.endswith(".L")]
        assert rig.tails[bones, 2].max() > rig.heads[bones[0], 2] + 0.05
        assert rig.tails[bones[-1], 2] < rig.heads[bones[0], 2] - 0.1


def test_the_root_of_a_body_that_stands_up_is_in_its_middle():
    rig = rigged("dragon")
    trunk = [i for i, name in enumerate(rig.names) if not name.endswith((".L", ".R"))]
    ends = np.concatenate([rig.heads[trunk], rig.tails[trunk]])
    root = rig.heads[0]
    assert rig.names[0] == "spine"
    assert "tail.001" in rig.names
    assert ends[:, 1].max() - root[1] > 0.3 * np.ptp(ends[:, 1])
    assert root[2] - ends[:, 2].min() > 0.15 * np.ptp(ends[:, 2])


def test_limbs_are_called_by_what_their_place_and_direction_make_of_them():
    names = rigged("dragon").names
    for name in ("wing.L", "arm.L", "horn.L"):
        assert name in names
    assert not any(name.startswith("limb") for name in names)


def test_the_ribs_of_a_wing_get_no_bones_of_their_own_unless_many_are_wanted():
    def ribs(density: Density) -> list[str]:
        return [name for name in rigged("dragon", density=density).names if name.startswith("wing.tip")]

    assert not ribs("normal")
    assert ribs("many")


def test_a_fish_bends_along_its_body_and_has_fins():
    rig = rigged("fish")
    chain = [i for i, name in enumerate(rig.names) if name.startswith(("spine", "tail"))]
    assert len(chain) >= 4
    assert np.ptp(rig.heads[chain, 1]) > 0.4
    assert "fin.L" in rig.names


def test_a_serpent_is_one_chain_of_even_bones():
    rig = rigged("serpent")
    lengths = rig.lengths
    assert (np.bincount(rig.parents[1:]) <= 2).all()
    assert lengths.max() < 3 * np.median(lengths)
    assert "head" in rig.names


def test_more_density_gives_more_bones():
    counts = [len(rigged("serpent", density=density).names) for density in ("few", "normal", "many")]
    assert counts[0] < counts[1] < counts[2]


def test_a_ring_is_covered_all_the_way_round():
    rig = rigged("ring")
    angles = np.sort(np.arctan2(*np.concatenate([rig.heads, rig.tails, (rig.heads + rig.tails) / 2])[:, :2].T))
    assert np.diff(np.append(angles, angles[0] + 2 * np.pi)).max() < np.radians(60)


def test_a_handle_is_covered_from_both_ends():
    rig = rigged("mug", kind="object")
    points = np.concatenate([rig.heads, rig.tails])
    outermost = seen("mug")[0].centres[:, 1].max()
    assert points[:, 1].max() > outermost - 0.12


def test_a_body_without_a_mirror_plane_is_rigged_with_sides_all_the_same():
    rig = rigged("dog", symmetric=False)
    assert rig.symmetry is None
    for leaf in ("foot.front.L", "foot.front.R", "foot.hind.L", "foot.hind.R"):
        x = rig.heads[_bone(rig, leaf), 0]
        assert x > 0 if leaf.endswith(".L") else x < 0


def test_a_solid_without_centre_lines_still_gets_a_root():
    solid, _ = seen("mug")
    nothing = CurveSkeleton(np.zeros((0, 3)), np.zeros(0), np.zeros((0, 2), np.int32), np.zeros(0, np.int32))
    for symmetric in (True, False):
        made = rig(body_traits(solid, nothing, symmetric=symmetric), "auto", "normal")
        assert len(made.names) >= 1


def test_the_same_shape_gives_the_same_bytes():
    solid, curves = seen("dog")
    again = rig(body_traits(solid, curves, symmetric=True), "auto", "normal")
    first = rigged("dog")
    assert first.names == again.names
    for field in ("heads", "tails", "rolls", "confidence", "radii"):
        assert getattr(first, field).tobytes() == getattr(again, field).tobytes()
