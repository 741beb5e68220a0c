"""Humanoids: the right joints in the right places, fingers where there are any, left and right told apart."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, Mesh, Rig
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from inference.rigging.bones.asked import FINGERS_BY_RANK
from inference.rigging.judging.posing import bend, pose
from training.shapes import humans
from training.shapes.figures import creature, person, person_with_hands
from training.shapes.humans import HUMANS, human
from training.shapes.making.implicit import Sticks, mesh_around
from training.shapes.shape import KnownShape


@pytest.fixture(scope="module")
def rig() -> Rig:
    return rig_mesh(mesh_around(person(), 96), RigOptions(bind=False))


@pytest.fixture(scope="module")
def rig_with_hands() -> Rig:
    return rig_mesh(mesh_around(person_with_hands(), 200), RigOptions(bind=False))


def joint(armature: Armature, name: str) -> np.ndarray:
    return armature.heads[armature.names.index(name)]


def stick(sticks: Sticks, place: tuple[float, float, float]) -> np.ndarray:
    return sticks.points[np.argmin(np.linalg.norm(sticks.points - place, axis=1))]


def test_a_person_is_known_for_a_biped(rig: Rig) -> None:
    assert rig.armature.kind == "biped"
    assert rig.report.valid


@pytest.mark.parametrize(
    ("bone", "place"),
    [
        ("upper_arm.L", (0.12, 0, 0.76)),
        ("forearm.L", (0.24, 0.01, 0.62)),
        ("hand.L", (0.34, -0.01, 0.50)),
        ("thigh.L", (0.07, 0, 0.47)),
        ("shin.L", (0.085, -0.01, 0.26)),
        ("foot.L", (0.095, 0.01, 0.05)),
        ("neck", (0, 0, 0.82)),
    ],
)
def test_joints_sit_where_the_limbs_are_jointed(rig: Rig, bone: str, place: tuple[float, float, float]) -> None:
    assert np.linalg.norm(joint(rig.armature, bone) - place) < 0.07


def test_left_is_the_characters_left_and_mirrors_right_exactly(rig: Rig) -> None:
    armature = rig.armature
    for name in armature.names:
        if name.endswith(".L"):
            left, right = joint(armature, name), joint(armature, name[:-2] + ".R")
            assert left[0] > 0
            assert np.allclose(left * [-1, 1, 1], right, atol=1e-4)
        elif not name.endswith(".R"):
            assert abs(joint(armature, name)[0]) < 1e-4


def test_one_root_at_the_hips_and_parents_before_children(rig: Rig) -> None:
    armature = rig.armature
    assert (armature.parents == -1).sum() == 1
    assert armature.names[int(np.argmin(armature.parents))] == "hips"
    assert (armature.parents < np.arange(len(armature.parents))).all()


def test_every_finger_has_three_bones_and_the_thumb_is_in_front(rig_with_hands: Rig) -> None:
    armature = rig_with_hands.armature
    for finger in ("thumb", "f_index", "f_middle", "f_ring", "f_pinky"):
        for k in (1, 2, 3):
            assert f"{finger}.{k:02d}.L" in armature.names
    order = [joint(armature, f"{name}.03.L")[1] for name in ("thumb", "f_index", "f_middle", "f_ring", "f_pinky")]
    assert order == sorted(order)


def test_finger_joints_lie_on_their_fingers(rig_with_hands: Rig) -> None:
    for name, back in {"index": -0.030, "middle": -0.008, "ring": 0.014, "pinky": 0.034}.items():
        middle = joint(rig_with_hands.armature, f"f_{name}.02.L")
        assert abs(middle[1] - 1.1 * back) < 0.01
        assert abs(middle[2] - 0.76) < 0.01


@pytest.mark.skipif(not HUMANS.exists(), reason="the human shape space (humans.npz) is not there")
@pytest.mark.parametrize("seed", [44, 46])
def test_hands_that_hang_beside_the_thighs_keep_their_fingers(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(humans, "_in_pose", lambda shape, rng: shape)
    names = rig_mesh(_with_arms_at(76, human(seed)), RigOptions(bind=False, method="geometric")).armature.names
    assert {name for name in names if name.endswith(".01.L")} == {f"{finger}.01.L" for finger in FINGERS_BY_RANK}


def _with_arms_at(degrees: float, shape: KnownShape) -> Mesh:
    """The person with straight arms so far below the level of the shoulders."""
    assert shape.rig is not None
    armature = shape.rig.armature
    turns = np.broadcast_to(np.eye(3), (len(armature.names), 3, 3)).copy()
    for name in ("upper_arm.L", "upper_arm.R"):
        arm = armature.names.index(name)
        turns[arm] = _hanging(armature, arm, degrees).as_matrix()
    return Mesh(bend(shape.mesh.vertices, shape.rig.skin, pose(armature, turns)), shape.mesh.triangles)


@pytest.mark.parametrize("seed", [3, 5])
def test_arms_and_legs_in_a_stride_stay_on_their_sides(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(humans, "_in_pose", lambda shape, rng: shape)
    shape = human(seed)
    assert shape.rig is not None
    truth = shape.rig.armature
    turns = np.broadcast_to(np.eye(3), (len(truth.names), 3, 3)).copy()
    for name, swing in (("upper_arm.L", -50), ("upper_arm.R", 40), ("thigh.L", 25), ("thigh.R", -25)):
        bone = truth.names.index(name)
        stride = Rotation.from_euler("x", swing, degrees=True)
        turns[bone] = (stride * _hanging(truth, bone, 65) if "arm" in name else stride).as_matrix()
    moves = pose(truth, turns)
    striding = Mesh(bend(shape.mesh.vertices, shape.rig.skin, moves), shape.mesh.triangles)
    made = rig_mesh(striding, RigOptions(kind="biped", bind=False)).armature
    for limb in ("forearm", "shin"):
        for side, other in ("LR", "RL"):
            bone = truth.names.index(f"{limb}.{side}")
            place = moves[bone] @ np.append(truth.heads[bone], 1.0)
            own, across = (np.linalg.norm(joint(made, f"{limb}.{one}") - place) for one in (side, other))
            assert own < across, f"{limb}.{side}"


def _hanging(armature: Armature, arm: int, degrees: float) -> Rotation:
    """What brings an arm to so far below the level of the shoulders."""
    way = armature.tails[arm] - armature.heads[arm]
    below = np.arctan2(-way[2], abs(way[0]))
    return Rotation.from_rotvec([0, np.sign(way[0]) * (np.radians(degrees) - below), 0])


def test_few_bones_leave_out_fingers_shoulders_and_toes() -> None:
    rig = rig_mesh(mesh_around(person_with_hands(), 200), RigOptions(bind=False, density="few"))
    assert not {"shoulder.L", "toe.L", "f_index.01.L"} & set(rig.armature.names)
    assert {"upper_arm.L", "forearm.L", "hand.R", "thigh.L", "shin.R", "foot.L"} <= set(rig.armature.names)


def test_many_bones_are_more_than_the_usual_number(rig_with_hands: Rig) -> None:
    many = rig_mesh(mesh_around(person_with_hands(), 200), RigOptions(bind=False, density="many"))
    assert len(many.armature.names) > len(rig_with_hands.armature.names)


def test_a_four_legged_creature_is_no_biped() -> None:
    rig = rig_mesh(mesh_around(creature(), 72), RigOptions(bind=False))
    assert rig.armature.kind == "quadruped"


def test_the_user_may_insist_on_a_biped(rig: Rig) -> None:
    ball_with_legs = mesh_around(person(), 64)
    forced = rig_mesh(ball_with_legs, RigOptions(kind="biped", bind=False))
    assert forced.armature.kind == "biped"


def test_bones_stay_inside(rig_with_hands: Rig) -> None:
    assert rig_with_hands.report.inside > 0.97


def test_a_person_without_arms_still_gets_a_rig() -> None:
    sticks = person()
    kept = np.abs(sticks.points[:, 0]) < 0.11
    number = np.cumsum(kept) - 1
    edges = sticks.edges[kept[sticks.edges].all(1)]
    body = Sticks(sticks.points[kept], sticks.radii[kept], number[edges].astype(np.int32))
    mesh: Mesh = mesh_around(body, 72)
    assert rig_mesh(mesh, RigOptions(bind=False)).report.valid
