"""Names and sides are right only when the bones lie where the artist's like-named joints lie."""

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Armature, Mesh, SkinWeights
from training.datasets import likeness
from training.datasets.rigged_glb import RiggedAsset
from training.metrics.naming import looks_along, plan_fits, score_names

ARTIST = {
    "Hips": (0, 0, 1.0),
    "Head": (0, 0, 1.6),
    "UpperArm.L": (0.2, 0, 1.4),
    "LowerArm.L": (0.5, 0, 1.4),
    "UpperArm.R": (-0.2, 0, 1.4),
    "LowerArm.R": (-0.5, 0, 1.4),
    "UpperLeg.L": (0.1, 0, 0.9),
    "LowerLeg.L": (0.1, 0, 0.5),
    "UpperLeg.R": (-0.1, 0, 0.9),
    "LowerLeg.R": (-0.1, 0, 0.5),
}
OURS = {
    "hips": (0, 0, 0.9),
    "head": (0, 0, 1.55),
    "upper_arm.L": (0.22, 0, 1.4),
    "forearm.L": (0.45, 0, 1.4),
    "upper_arm.R": (-0.22, 0, 1.4),
    "forearm.R": (-0.45, 0, 1.4),
    "thigh.L": (0.1, 0, 0.85),
    "shin.L": (0.1, 0, 0.45),
    "thigh.R": (-0.1, 0, 0.85),
    "shin.R": (-0.1, 0, 0.45),
}


def asset() -> RiggedAsset:
    corners = np.array([[-0.8, -0.1, 0], [0.8, -0.1, 0], [0, 0.1, 1.8]])
    mesh = Mesh(corners, np.array([[0, 1, 2]], np.int32))
    parents = np.array([-1] + [0] * (len(ARTIST) - 1), np.int32)
    skin = SkinWeights(np.zeros((3, 1), np.int32), np.ones((3, 1), np.float32))
    return RiggedAsset(
        "made", "biped", "val", mesh, tuple(ARTIST), parents, np.array(list(ARTIST.values()), float), skin
    )


def rig(bones: dict[str, tuple[float, float, float]], kind: str = "biped") -> Armature:
    heads = np.array(list(bones.values()), float)
    count = len(heads)
    parents = np.array([-1] + [0] * (count - 1), np.int32)
    ones = np.ones(count, bool)
    return Armature(
        tuple(bones), parents, heads, heads + np.array([0, 0, 0.01]), np.zeros(count), ~ones, np.ones(count), ones,
        np.ones((count, 2)), kind,
    )  # fmt: skip


def test_a_rig_with_all_names_in_place_is_right() -> None:
    score = score_names(rig(OURS), asset())
    assert score is not None
    assert score.right
    assert (score.sides, score.limbs, score.names, score.wrong) == (1, 1, 1, ())


def test_swapped_sides_are_found() -> None:
    swapped = {name[:-1] + {"L": "R", "R": "L"}.get(name[-1], name[-1]): at for name, at in OURS.items()}
    score = score_names(rig(swapped), asset())
    assert score is not None
    assert score.sides == 0
    assert score.limbs == pytest.approx(1 / 9)


def test_legs_called_arms_are_found() -> None:
    bones = dict(OURS)
    bones["thigh.L"], bones["upper_arm.L"] = bones["upper_arm.L"], bones["thigh.L"]
    score = score_names(rig(bones), asset())
    assert score is not None
    assert not score.right
    assert score.limbs == pytest.approx(7 / 9)


def test_a_missing_bone_counts_as_wrong() -> None:
    bones = {name: at for name, at in OURS.items() if name != "shin.R"}
    score = score_names(rig(bones), asset())
    assert score is not None
    assert score.limbs == pytest.approx(8 / 9)
    assert score.wrong == ("hind.lower.R missing",)


def test_what_the_whole_is_called_is_judged_apart() -> None:
    score = score_names(rig(OURS, "quadruped"), asset())
    assert score is not None
    assert score.right
    assert not score.kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LeftForeArm", ("ForeArm", ".L")),
        ("UpperLeg.R", ("UpperLeg", ".R")),
        ("L.UpperLeg", ("UpperLeg", ".L")),
        ("FrontLeg.L.001", ("FrontLeg.001", ".L")),
        ("Tail1", ("Tail1", "")),
        ("Bone.001", ("Bone.001", "")),
    ],
)
def test_sides_are_read_from_the_names_artists_use(name: str, expected: tuple[str, str]) -> None:
    assert likeness.artists_side(name) == expected


def test_a_kind_is_right_for_the_body_plans_it_stands_for() -> None:
    assert plan_fits("bird", "bat")
    assert not plan_fits("fish", "bird")


def test_a_direction_is_right_when_no_other_axis_is_nearer() -> None:
    front = np.array([0.0, -1.0, 0.0])
    for degrees, right in ((40, True), (50, False), (180, False)):
        angle = np.radians(degrees)
        assert looks_along(np.array([np.sin(angle), -np.cos(angle), 0.0]), front) is right


def test_left_is_known_by_hand_where_the_names_tell_nothing() -> None:
    """The fox's names are numbers; somebody looked which joint is which."""
    legs = {"Bone.011": 0.3, "Bone.014": -0.3, "Bone.004": 0.4, "Bone.007": -0.2}
    joints = np.array([[x, 0.0, 0.5] for x in legs.values()])
    fox = replace(asset(), name="animals_pack_red_fox", names=tuple(legs), joints=joints)
    found = likeness.left_of_truth(fox)
    assert found is not None
    np.testing.assert_array_equal(found[0], (1, 0, 0))
    assert found[1] == pytest.approx(0.05)
    assert likeness.left_of_truth(replace(fox, name="unknown")) is None
