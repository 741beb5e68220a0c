"""Names are unique, numbered as Blender numbers them, and carry their side at the end."""

from __future__ import annotations

from inference.rigging.bones.names import numbered, sided, unique


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
