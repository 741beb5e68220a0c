"""A rig that exists, in any place, size and direction, gets the same chains."""

from __future__ import annotations

import numpy as np
import pytest

from inference.engine.local import run
from inference.errors import BadRequestError
from inference.frames import Frame
from inference.requests import SwingJob
from tests.rigging.swinging.people import cone, figure


def test_chains_go_with_the_character_wherever_it_stands_and_looks():
    made = figure(cone(0.56, 0.28, 0.12, 0.22))
    turned = Frame(np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]), 1.7, np.array([3.0, -2.0, 0.5]))
    plain = run(SwingJob(made.mesh, made.armature, made.skin))
    there = run(SwingJob(turned.out(made.mesh), turned.out(made.armature), made.skin))
    assert there.armature.names == plain.armature.names
    assert there.armature.heads == pytest.approx(turned.points_out(plain.armature.heads), abs=2e-3)
    count = len(made.armature.names)
    assert (there.armature.heads[:count] == turned.out(made.armature).heads).all()
    apart = np.abs(there.skin.dense(len(there.armature.names)) - plain.skin.dense(len(plain.armature.names)))
    assert (apart > 0.02).mean() < 1e-3  # a vertex that lies right on the upper border may fall to either side
    assert there.springs[0].radius == pytest.approx(1.7 * plain.springs[0].radius, rel=0.02)


def test_a_mesh_that_is_not_bound_is_refused():
    made = figure()
    skin = type(made.skin)(made.skin.bones, np.zeros_like(made.skin.weights))
    with pytest.raises(BadRequestError, match="Bind"):
        run(SwingJob(made.mesh, made.armature, skin))
