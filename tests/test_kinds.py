"""Kinds of shapes: one list, which menus, plans and trained networks share."""

from __future__ import annotations

from typing import get_args

from inference.kinds import ALIASES, KINDS, Kind, choices
from inference.networks.facing.network import KINDS as SEEN_BY_FACING
from inference.networks.joints.inputs import KINDS as KNOWN_TO_JOINTS
from training.lessons.facing import KIND_WORDS


def test_every_kind_has_its_line() -> None:
    assert set(KINDS) == set(get_args(Kind))


def test_whatever_a_user_can_ask_for_is_a_kind() -> None:
    assert choices()[0] == "auto"
    assert set(choices()[1:]) <= set(KINDS)
    assert set(ALIASES.values()) <= set(choices())
    assert not set(ALIASES) & set(KINDS)


def test_networks_and_their_data_speak_of_known_kinds_in_the_order_of_their_weights() -> None:
    assert {*SEEN_BY_FACING, *KNOWN_TO_JOINTS, *KIND_WORDS} <= set(KINDS)
    assert (SEEN_BY_FACING[0], SEEN_BY_FACING[-1]) == ("biped", "plant")
    assert (KNOWN_TO_JOINTS[0], KNOWN_TO_JOINTS[-1]) == ("object", "creature")
