from __future__ import annotations

import numpy as np
import pytest

from inference.anatomy import Symmetry
from inference.rigging.bones.joints import (
    NOT_ACROSS,
    JointGraph,
    find_joints,
    hit_joint,
    lines_from,
    moved_joint,
    per_joint_least,
    titles,
)

# bone -> parent, head, tail
LEG = {
    "hips": ("", (0, 0, 1.0), (0, 0, 1.2)),
    "thigh.L": ("hips", (0.1, 0, 0.9), (0.1, 0, 0.7)),
    "thigh.001.L": ("thigh.L", (0.1, 0, 0.7), (0.1, -0.02, 0.5)),
    "shin.L": ("thigh.001.L", (0.1, -0.02, 0.5), (0.1, 0, 0.1)),
    "thigh.R": ("hips", (-0.1, 0, 0.9), (-0.1, 0, 0.7)),
    "thigh.001.R": ("thigh.R", (-0.1, 0, 0.7), (-0.1, -0.02, 0.5)),
    "shin.R": ("thigh.001.R", (-0.1, -0.02, 0.5), (-0.1, 0, 0.1)),
}
X = Symmetry(np.array([1.0, 0.0, 0.0]), 0.0)


def graph(bones: dict[str, tuple[str, tuple[float, ...], tuple[float, ...]]] = LEG) -> JointGraph:
    names = list(bones)
    heads, tails = (np.array([bones[name][end] for name in names], float) for end in (1, 2))
    parents = np.array([names.index(bones[name][0]) if bones[name][0] else -1 for name in names])
    swap = {".L": ".R", ".R": ".L"}
    across = [name[:-2] + swap[name[-2:]] if name[-2:] in swap else name for name in names]
    pairs = np.array([names.index(other) if other in names else -1 for other in across])
    return find_joints(heads, tails, names, parents, pairs)


def at(joints: JointGraph, name: str, end: int) -> int:
    return int(joints.ends[list(LEG).index(name), end])


def test_bones_that_meet_share_a_joint_and_know_the_one_across():
    joints = graph()
    assert len(joints.places) == 10
    assert at(joints, "thigh.001.L", 1) == at(joints, "shin.L", 0)
    assert joints.across[at(joints, "shin.L", 0)] == at(joints, "shin.R", 0)
    assert joints.across[at(joints, "hips", 1)] == at(joints, "hips", 1)


def test_a_joint_whose_bones_have_no_namesake_is_across_from_nothing():
    joints = graph({name: bone for name, bone in LEG.items() if name != "shin.R"})
    names = [name for name in LEG if name != "shin.R"]
    assert joints.across[joints.ends[names.index("shin.L"), 1]] == NOT_ACROSS


def test_the_joint_across_goes_to_the_mirrored_place_whichever_way_the_character_faces():
    joints, turn = graph(), np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    turned = JointGraph(
        joints.places @ turn.T, joints.ends, joints.across, joints.words, joints.riders, joints.carriers
    )
    knee, other = at(joints, "shin.L", 0), at(joints, "shin.R", 0)
    places = moved_joint(joints, knee, np.array([0.2, -0.1, 0.55]), X)
    np.testing.assert_allclose(places[other], [-0.2, -0.1, 0.55])
    sideways = moved_joint(turned, knee, turn @ [0.2, -0.1, 0.55], Symmetry(turn @ X.normal, 0.0))
    np.testing.assert_allclose(sideways, places @ turn.T, atol=1e-12)


def test_without_a_mirror_only_the_joint_moves():
    joints = graph()
    knee = at(joints, "shin.L", 0)
    places = moved_joint(joints, knee, np.array([0.2, -0.1, 0.55]))
    changed = np.flatnonzero(np.abs(places - joints.places).max(1) > 0)
    assert changed.tolist() == [knee]


def test_a_joint_of_the_middle_stays_on_the_mirror_plane():
    joints = graph()
    tip = at(joints, "hips", 1)
    np.testing.assert_allclose(moved_joint(joints, tip, np.array([0.3, 0.1, 1.3]), X)[tip], [0, 0.1, 1.3])
    np.testing.assert_allclose(moved_joint(joints, tip, np.array([0.3, 0.1, 1.3]))[tip], [0.3, 0.1, 1.3])


def test_a_straight_chain_keeps_its_joints_spaced_on_the_line_on_both_sides():
    joints = graph()
    knee, between, hip = at(joints, "shin.L", 0), at(joints, "thigh.001.L", 0), at(joints, "thigh.L", 0)
    assert lines_from(joints, knee) == [[knee, between, hip]]
    target = np.array([0.3, 0.0, 0.5])
    places = moved_joint(joints, knee, target, X, straight=True)
    steps = np.linalg.norm(np.diff(joints.places[[hip, between, knee]], axis=0), axis=1)
    share = steps[0] / steps.sum()
    np.testing.assert_allclose(places[between], joints.places[hip] + share * (target - joints.places[hip]))
    np.testing.assert_allclose(places[joints.across[between]], places[between] * [-1, 1, 1])
    ankle = at(joints, "shin.L", 1)
    np.testing.assert_array_equal(places[ankle], joints.places[ankle])


def test_a_chain_ends_where_something_branches_off():
    branch = {**LEG, "pocket": ("thigh.L", (0.1, 0, 0.7), (0.2, 0, 0.7))}
    assert lines_from(graph(branch), at(graph(branch), "shin.L", 0)) == []


def test_twist_helpers_keep_their_share_of_the_limb():
    helped = {**LEG, "shin.twist.L": ("shin.L", (0.1, -0.01, 0.3), (0.1, 0, 0.1))}
    joints = graph(helped)
    rider = int(joints.ends[list(helped).index("shin.twist.L"), 0])
    assert joints.riders[rider]
    knee, ankle = at(joints, "shin.L", 0), at(joints, "shin.L", 1)
    places = moved_joint(joints, ankle, np.array([0.3, 0.0, 0.1]))
    np.testing.assert_allclose(places[rider], (places[knee] + places[ankle]) / 2, atol=1e-3)


def test_a_joint_is_as_sure_as_the_least_sure_bone_that_begins_there():
    joints = graph()
    sure = np.ones(len(LEG))
    sure[list(LEG).index("shin.L")] = 0.4
    least = per_joint_least(joints, sure)
    assert least[at(joints, "shin.L", 0)] == pytest.approx(0.4)
    assert least[at(joints, "shin.L", 1)] == pytest.approx(0.4)  # nothing begins at the ankle
    assert least[at(joints, "thigh.L", 0)] == 1.0


def test_joints_are_called_after_the_bone_that_begins_there_or_ends():
    joints = graph()
    found = titles(joints, list(LEG))
    assert found[at(joints, "shin.L", 0)] == "shin.L"
    assert found[at(joints, "shin.L", 1)] == "tip of shin.L"


def test_the_mouse_hits_the_joint_it_is_deepest_in_and_the_nearer_of_two_that_lie_over_each_other():
    seen = np.array([[10.0, 10], [18, 10], [18, 10], [np.nan, np.nan]])
    reach, depth = np.array([8.0, 8, 8, 8]), np.array([1.0, 5, 2, 0])
    assert hit_joint(seen, reach, depth, np.array([11.0, 10])) == 0
    assert hit_joint(seen, reach, depth, np.array([17.0, 10])) == 2
    assert hit_joint(seen, reach, depth, np.array([40.0, 10])) == -1
