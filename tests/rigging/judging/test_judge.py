"""What the judge says of a rig."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Armature, SkinWeights
from inference.geometry.solid.make import make_solid
from inference.rigging.judging.judge import judge, valid_problems
from inference.rigging.judging.posing import bend, pose, random_pose
from inference.rigging.skin.bind import skin_mesh

from ..shapes import armature, bar, two_bones

MESH = bar()
SOLID = make_solid(MESH)
SKIN = skin_mesh(MESH, SOLID, two_bones())


def shifted(bones: Armature, offset: tuple[float, float, float]) -> Armature:
    return replace(bones, heads=bones.heads + np.array(offset), tails=bones.tails + np.array(offset))


def test_a_good_rig_is_valid_inside_covers_the_mesh_and_gives_no_warning():
    report = judge(MESH, SOLID, two_bones(), SKIN)
    assert report.valid
    assert report.inside == report.inside_worst == 1
    assert report.coverage > 0.45  # the bar is square: a tube of 1.2 radii leaves its edges out
    assert 1 <= report.stretch < 2
    assert report.warnings == ()
    assert report.forgotten == 0
    assert 0.6 < report.score <= 1


def test_a_bone_that_leaves_the_mesh_is_named_with_how_far_and_which_end_to_move():
    bones = two_bones()
    bones.tails[1] = [1.2, 0, 0]
    report = judge(MESH, SOLID, bones, SKIN)
    assert report.inside_worst == pytest.approx(5 / 7, abs=0.03)
    warning = report.warnings[0]
    assert warning.bones == ("upper",)
    assert "'upper' leaves the mesh over 2" in warning.message
    assert "Move its tail inside" in warning.message


def test_an_armature_beside_the_mesh_scores_below_one_inside():
    inside = judge(MESH, SOLID, two_bones(), None)
    outside = judge(MESH, SOLID, shifted(two_bones(), (0, 0, 0.5)), None)
    assert outside.inside == outside.coverage == 0
    assert outside.score < 0.1 < inside.score
    assert "'lower' lies outside the mesh" in outside.warnings[0].message


def test_half_a_skeleton_covers_less_and_the_forgotten_part_is_pointed_at():
    half = armature(("lower", -1, (0.05, 0, 0), (0.4, 0, 0)))
    report = judge(MESH, SOLID, half, None)
    assert report.coverage < 0.6
    forgotten = next(w for w in report.warnings if "far from every bone" in w.message)
    assert MESH.vertices[forgotten.vertices, 0].min() > 0.4
    assert f"{report.forgotten:.0%}".replace("%", " %") in forgotten.message


def test_weights_that_jump_tear_the_mesh_and_the_vertices_are_named():
    fine = bar(cuts=150)
    alternating = np.arange(len(fine.vertices))[:, None] // 4 % 2
    swapped = SkinWeights(alternating.astype(np.int32), np.ones((len(fine.vertices), 1), np.float32))
    smooth = skin_mesh(fine, SOLID, two_bones())
    good, torn = (judge(fine, SOLID, two_bones(), skin) for skin in (smooth, swapped))
    assert torn.stretch > good.stretch + 0.5
    assert torn.score < good.score
    warning = next(w for w in torn.warnings if "pulled apart" in w.message)
    assert len(warning.vertices) > 0


def test_a_bone_that_moves_nothing_is_named():
    bones = armature(
        *[
            (n, p, h, t)
            for n, p, h, t in (("lower", -1, (0.05, 0, 0), (0.5, 0, 0)), ("idle", 0, (0.5, 0, 0), (0.9, 0, 0)))
        ]
    )
    only_first = SkinWeights(np.zeros((len(MESH.vertices), 1), np.int32), np.ones((len(MESH.vertices), 1), np.float32))
    report = judge(MESH, SOLID, bones, only_first)
    warning = next(w for w in report.warnings if w.bones == ("idle",))
    assert warning.message.endswith("Move it into the mesh, or remove it.")


def test_an_unbound_rig_has_no_stretch():
    assert judge(MESH, SOLID, two_bones(), None).stretch == 0


def test_bones_that_do_not_deform_are_not_held_against_the_rig():
    bones = armature(
        ("root", -1, (0, 0, -2), (0, 1, -2)),
        ("lower", 0, (0.05, 0, 0), (0.5, 0, 0)),
        ("upper", 1, (0.5, 0, 0), (0.95, 0, 0)),
        deform=(False, True, True),
    )
    assert judge(MESH, SOLID, bones, None).inside_worst == 1


def test_the_same_seed_gives_the_same_report():
    first, second = (judge(MESH, SOLID, two_bones(), SKIN, seed=3) for _ in range(2))
    assert first == second


def test_a_valid_rig_has_no_problems():
    assert valid_problems(two_bones(), SKIN, 4) == []


def broken_weights(column: float) -> SkinWeights:
    weights = SKIN.weights.copy()
    weights[3] = 0
    weights[3, 0] = column
    return SkinWeights(SKIN.bones, weights)


@pytest.mark.parametrize(
    ("bones", "skin", "said"),
    [
        (replace(two_bones(), parents=np.array([-1, -1], np.int32)), SKIN, "2 roots"),
        (replace(two_bones(), parents=np.array([1, 0], np.int32)), SKIN, "circle"),
        (replace(two_bones(), parents=np.array([-1, 7], np.int32)), SKIN, "does not exist"),
        (replace(two_bones(), names=("a", "a")), SKIN, "'a' is used 2 times"),
        (replace(two_bones(), tails=two_bones().heads), SKIN, "has no length"),
        (replace(two_bones(), heads=np.full((2, 3), np.nan)), SKIN, "not a number"),
        (two_bones(), broken_weights(0.0), "1 vertices have no weight"),
        (two_bones(), broken_weights(0.7), "do not sum to 1"),
        (two_bones(), broken_weights(-1.0), "negative"),
        (armature(), None, "no bones"),
    ],
)
def test_each_way_to_be_invalid_is_told_and_scores_nothing(bones: Armature, skin: SkinWeights | None, said: str):
    assert any(said in problem for problem in valid_problems(bones, skin, 4))
    report = judge(MESH, SOLID, bones, skin)
    assert not report.valid
    assert report.score == 0


def test_more_influences_than_allowed_are_a_problem_only_where_a_limit_is_given():
    assert any("influences" in p for p in valid_problems(two_bones(), SKIN, 1))
    assert valid_problems(two_bones(), SKIN) == []


def test_a_quarter_turn_of_the_second_bone_carries_its_points_about_its_head():
    quarter = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    moves = pose(two_bones(), np.stack([np.eye(3), quarter]))
    points = np.array([[0.2, 0.1, 0], [0.9, 0, 0]])
    skin = SkinWeights(np.array([[0], [1]], np.int32), np.ones((2, 1), np.float32))
    assert np.allclose(bend(points, skin, moves), [[0.2, 0.1, 0], [0.5, 0.4, 0]])


def test_a_child_is_carried_by_its_parent_and_the_root_stays():
    moves = random_pose(two_bones(), 0)
    assert np.allclose(moves[0], np.eye(3, 4))
    joint = np.array([0.5, 0, 0, 1])
    assert np.allclose(moves[1] @ joint, joint[:3])
    assert not np.allclose(moves[1][:, :3], np.eye(3))
