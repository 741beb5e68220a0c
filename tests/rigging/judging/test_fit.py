"""How bones lie in a shape: a joint that left it is measured, and so is a part that no bone is in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Mesh, Rig
from inference.geometry.solid.make import make_solid
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from inference.rigging.judging.fit import about_fit
from inference.rigging.judging.notes import Features
from inference.rigging.judging.placed import PlacedRig
from training.judge.faults import drawn_limb, without
from training.shapes.figures import person
from training.shapes.making.implicit import mesh_around


@pytest.fixture(scope="module")
def figure() -> tuple[Mesh, Rig]:
    mesh = mesh_around(person(), 96)
    return mesh, rig_mesh(mesh, RigOptions(bind=False))


def measured(mesh: Mesh, rig: Rig) -> Features:
    found = Features()
    about_fit(PlacedRig(mesh, make_solid(mesh), rig.armature), found)
    return found


def test_a_joint_in_the_air_is_measured_though_the_rest_of_its_limb_is_inside(figure: tuple[Mesh, Rig]) -> None:
    mesh, rig = figure
    armature = rig.armature
    hand = armature.names.index("hand.L")
    heads, tails = armature.heads.copy(), armature.tails.copy()
    heads[hand, 1], tails[hand, 1], tails[armature.parents[hand], 1] = -0.4, -0.4, -0.4
    raised = measured(mesh, replace(rig, armature=replace(armature, heads=heads, tails=tails)))
    right = measured(mesh, rig)
    assert right.values["away from the shape"] < 0.02
    assert raised.values["away from the shape"] > 0.25
    assert raised.about["away from the shape"] == "left arm"
    assert raised.values["joints outside"] > right.values["joints outside"]


def test_a_part_without_bones_is_far_by_the_way_inside(figure: tuple[Mesh, Rig]) -> None:
    mesh, rig = figure
    armature = rig.armature
    arm = np.array([name.endswith(".L") and name.startswith(("fore", "hand", "upper_arm")) for name in armature.names])
    lost = measured(mesh, replace(rig, armature=without(armature, arm)))
    assert lost.values["way farthest"] > measured(mesh, rig).values["way farthest"] + 0.1
    assert lost.values["unreached"] > 0.01


def test_a_drawn_limb_begins_in_its_place_and_ends_beside_it(figure: tuple[Mesh, Rig]) -> None:
    armature = figure[1].armature
    drawn = drawn_limb(armature, np.random.default_rng(1))
    assert drawn is not None
    moved = np.linalg.norm(drawn.heads - armature.heads, axis=1) > 1e-9
    assert 0 < moved.sum() < len(armature.names) / 2
    for bone in np.flatnonzero(drawn.connected):
        np.testing.assert_allclose(drawn.heads[bone], drawn.tails[drawn.parents[bone]])
