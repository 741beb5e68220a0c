"""What points of the surface say of themselves is held against the rig."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Armature
from inference.geometry.solid.make import make_solid
from inference.rigging.bodies.perceived import Perceived
from inference.rigging.bones.names import other_side
from inference.rigging.judging.evidence import Impression
from inference.rigging.judging.heard import about_heard
from inference.rigging.judging.notes import Features
from inference.rigging.judging.placed import PlacedRig
from inference.rigging.votes.armature import voted_armature
from tests.rigging.shapes import bar
from tests.rigging.test_votes import figure

MESH = bar()
SOLID = make_solid(MESH)
SEEN = figure()


@pytest.fixture(scope="module")
def right() -> Armature:
    made = voted_armature(SEEN)
    assert made is not None
    return made


def heard(armature: Armature, seen: Perceived | None = SEEN) -> Features:
    found = Features()
    impression = Impression({"biped": 1.0}, np.eye(3)[2:], -np.eye(3)[1:2], np.ones(1), seen)
    about_heard(PlacedRig(MESH, SOLID, armature, impression), found)
    return found


def test_a_rig_as_the_points_say_is_denied_nothing(right: Armature) -> None:
    assert heard(right).values == {"sides denied": 0}


def test_swapped_sides_are_denied(right: Armature) -> None:
    swapped = replace(right, names=tuple(other_side(name) for name in right.names))
    found = heard(swapped)
    assert found.values["sides denied"] == 1
    assert found.about["sides denied"] == "sides"


def test_without_a_word_from_the_network_nothing_is_measured(right: Armature) -> None:
    assert not heard(right, None).values


def test_what_is_seen_turns_with_the_frame() -> None:
    axes = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    impression = Impression({}, np.eye(3), np.eye(3), np.ones(3), SEEN).turned(axes)
    assert impression.seen is not None
    assert np.allclose(impression.seen.votes @ axes, SEEN.votes)
