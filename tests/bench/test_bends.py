"""The measure of natural bending: right for a person whose rolls follow the convention, wrong for others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, Pose, Report, Rig
from inference.frames import Frame
from tests.rigging.rest.people import person
from tools.bench.rigs.bends import bending


def rig(armature: Armature, turn: Rotation) -> Rig:
    """The armature of somebody who looks elsewhere."""
    axes = turn.as_matrix()
    pose = Pose(axes[:, 2], -axes[:, 1], axes[:, 0], 1.0)
    return Rig(Frame(axes.T, 1.0, np.zeros(3)).out(armature), None, Report(1, 1, 1, 0, valid=True, score=1), pose)


@pytest.mark.parametrize("degrees", [0, 90, 200])
def test_fists_close_and_limbs_bend_naturally_whichever_way_somebody_looks(degrees: int):
    found = bending(rig(person(), Rotation.from_euler("z", degrees, degrees=True)))
    assert len(found.fingers) == 8
    assert all(found.fingers.values())
    assert max(found.off_axis.values()) < 8
    assert set(found.limbs) == {f"{stem}.{side}" for stem in ("forearm", "shin") for side in "LR"}
    assert all(found.limbs.values())


def test_a_bone_rolled_another_way_is_found():
    start = person()
    rolls = start.rolls.copy()
    for name, by in (
        ("f_ring.02.L", np.radians(40)),
        ("shin.R", np.pi),
        ("f_index.01.R", np.pi),
        ("f_index.02.R", np.pi),
    ):
        rolls[start.names.index(name)] += by
    found = bending(rig(replace(start, rolls=rolls), Rotation.identity()))
    assert found.off_axis["f_ring.02.L"] > 25
    assert not found.limbs["shin.R"]
    assert found.limbs["shin.L"]
    assert not found.fingers["f_index.R"]
    assert found.fingers["f_middle.L"]
