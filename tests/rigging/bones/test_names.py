"""Names are unique, numbered as Blender numbers them, and carry their side at the end."""

from __future__ import annotations

from inference.rigging.bones.names import (
    next_free,
    numbered,
    other_side,
    plain_name,
    side_of,
    sided,
    sign_of_side,
    split_side,
    unique,
)


def test_the_first_bone_of_a_chain_has_no_number():
    assert numbered("tail", 3) == ["tail", "tail.001", "tail.002"]


def test_the_side_comes_last():
    assert sided("wing.001", 1) == "wing.001.L"
    assert sided("wing.001", -1) == "wing.001.R"
    assert sided("head", 0) == "head"


def test_equal_names_are_numbered_on_before_the_side():
    assert unique(["ear.L", "ear.R", "ear.L", "ear.R"]) == ("ear.L", "ear.R", "ear.001.L", "ear.001.R")


def test_a_bone_put_in_at_a_bend_is_numbered_like_its_chain():
    assert unique(["tail", "tail.bend", "tail.001"]) == ("tail", "tail.001", "tail.002")


def test_sides_are_swapped_at_the_end_of_a_name_only():
    assert other_side("f_index.01.L") == "f_index.01.R"
    assert other_side(other_side("hand.R")) == "hand.R"
    assert other_side("spine.001") == "spine.001"
    assert other_side("L") == "L"


def test_a_name_comes_apart_into_stem_and_side():
    assert split_side("wing.001.L") == ("wing.001", ".L")
    assert split_side("hand.L.001") == ("hand.L.001", "")
    assert [sign_of_side(name) for name in ("ear.L", "ear.R", "head")] == [1, -1, 0]


def test_blenders_number_behind_a_side_hides_it_from_nobody():
    assert [side_of(name) for name in ("hand.L", "hand.R.001", "tail.001", "L")] == ["L", "R", "", ""]


def test_what_is_left_without_side_and_numbers_is_the_plain_name():
    assert [plain_name(name) for name in ("tail.002", "f_index.01.L", "upper_leg.front.R")] == [
        "tail",
        "f_index",
        "upper_leg.front",
    ]


def test_a_new_bone_of_a_chain_gets_the_next_number_that_is_free():
    assert next_free("forearm.L", {"forearm.L"}) == "forearm.001.L"
    assert next_free("tail.002", {"tail", "tail.001", "tail.002"}) == "tail.003"
