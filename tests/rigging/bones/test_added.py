"""Toes, eyes and a jaw can be had where the shape shows none: inside it, mirrored, on what carries them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Armature, Mesh, Rig
from inference.geometry.mesh.through import crossings
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from inference.rigging.bones.names import other_side
from inference.rigging.judging.judge import valid_problems
from training.shapes.figures import creature, person
from training.shapes.making.implicit import mesh_around

WANTED = RigOptions(bind=False, toes="on", eyes="on", jaw="on")


@pytest.fixture(scope="module")
def human() -> Mesh:
    return mesh_around(person(), 72)


@pytest.fixture(scope="module")
def full(human: Mesh) -> Rig:
    return rig_mesh(human, WANTED)


def ends(bones: Armature, name: str) -> np.ndarray:
    bone = bones.names.index(name)
    return np.array([bones.heads[bone], bones.tails[bone]])


def is_inside(mesh: Mesh, point: np.ndarray) -> bool:
    """A ray from there leaves the mesh once more often than it enters it, whichever way it goes."""
    ways = (np.array([0.0, -1.0, 0.02]), np.array([0.03, 1.0, 0.01]))
    return all(len(crossings(mesh, point, way)[0]) % 2 == 1 for way in ways)


def test_a_person_gets_each_of_them_once(human: Mesh, full: Rig) -> None:
    plain = rig_mesh(human, replace(WANTED, toes="off", eyes="off", jaw="off")).armature
    added = set(full.armature.names) - set(plain.names)
    assert added == {"toe.L", "toe.R", "eye.L", "eye.R", "jaw"}
    assert not valid_problems(full.armature, None)
    for name in ("eye.L", "eye.R", "jaw"):
        assert full.armature.names[full.armature.parents[full.armature.names.index(name)]] == "head"


def test_both_sides_are_alike(full: Rig) -> None:
    bones = full.armature
    for name in ("eye.L", "toe.L"):
        np.testing.assert_allclose(ends(bones, other_side(name)), ends(bones, name) * [-1, 1, 1], atol=0.02)


def test_eyes_look_ahead_from_within_the_head(human: Mesh, full: Rig) -> None:
    for name in ("eye.L", "eye.R"):
        middle, front = ends(full.armature, name)
        assert front[1] < middle[1]
        assert abs(front[0] - middle[0]) < 1e-6
        assert is_inside(human, middle)


def test_the_jaw_reaches_from_the_middle_of_the_head_to_the_chin(human: Mesh, full: Rig) -> None:
    hinge, chin = ends(full.armature, "jaw")
    assert chin[1] < hinge[1]
    assert chin[2] < hinge[2]
    assert is_inside(human, hinge)
    assert is_inside(human, chin)


def test_toes_go_on_where_the_foot_leaves_off(full: Rig) -> None:
    foot, toe = ends(full.armature, "foot.L"), ends(full.armature, "toe.L")
    np.testing.assert_allclose(toe[0], foot[1])


def test_what_is_there_is_not_made_twice(human: Mesh) -> None:
    seen = rig_mesh(human, RigOptions(bind=False)).armature
    wanted = rig_mesh(human, RigOptions(bind=False, toes="on")).armature
    assert set(seen.names) <= set(wanted.names)
    assert len([name for name in wanted.names if name.startswith("toe")]) == 2


def test_an_animal_has_eyes_at_the_sides_of_its_head() -> None:
    bones = rig_mesh(mesh_around(creature(), 72), WANTED).armature
    middle, front = ends(bones, "eye.L")
    assert front[0] > middle[0]
    assert not valid_problems(bones, None)
