"""Joints of named bodies bend the natural way by a positive turn about x."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, Symmetry
from inference.axes import bone_axes
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from inference.rigging.bones.hinges import FINGERS, palm_of, with_natural_rolls, with_tips_in_line
from inference.rigging.bones.rolls import bone_rolls
from training.datasets.rigged_glb import read_mesh

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "rigged" / "biped_human_realistic"
SPREAD = {"f_index": -0.03, "f_middle": -0.01, "f_ring": 0.01, "f_pinky": 0.03}  # along Y, thumb's side in front


def hand(turn: Rotation, *, right: bool = False) -> Armature:
    """A forearm and a flat hand that reach along +X with the palm down, then turned; mirrored for the right one."""
    bones = [("forearm", -1, (-0.3, 0, 0), (0, 0, 0)), ("hand", 0, (0, 0, 0), (0.08, 0, 0))]
    bones += [("thumb.01", 1, (0.02, -0.03, 0), (0.05, -0.07, 0)), ("thumb.02", 2, (0.05, -0.07, 0), (0.07, -0.1, 0))]
    for finger, y in SPREAD.items():
        first = len(bones)
        for number in range(3):
            start, end = 0.08 + 0.03 * number, 0.11 + 0.03 * number
            parent = 1 if number == 0 else first + number - 1
            bones.append((f"{finger}.{number + 1:02d}", parent, (start, y + y * start, 0), (end, y + y * end, 0)))
    flip = np.array([-1.0 if right else 1.0, 1.0, 1.0])
    heads, tails = (turn.apply(np.array([bone[k] for bone in bones], float)) * flip for k in (2, 3))
    parents = np.array([bone[1] for bone in bones], np.int32)
    count = len(bones)
    return Armature(
        tuple(f"{bone[0]}.{'R' if right else 'L'}" for bone in bones),
        parents,
        heads,
        tails,
        bone_rolls(heads, tails, parents),
        np.zeros(count, bool),
        np.ones(count),
        np.ones(count, bool),
        np.full((count, 2), 0.01),
        "biped",
    )


def closed_tip(armature: Armature, finger: str, side: str, degrees: float = 80.0) -> np.ndarray:
    """Where a finger's tip comes to when each of its joints turns about its own x axis, (3,)."""
    axes = bone_axes(armature.heads, armature.tails, armature.rolls)
    place = {name: bone for bone, name in enumerate(armature.names)}
    chain = [place[name] for k in (1, 2, 3) if (name := f"{finger}.{k:02d}.{side}") in place]
    turn, at = Rotation.identity(), armature.heads[chain[0]]
    for bone in chain:
        turn = Rotation.from_rotvec(np.radians(degrees) * turn.apply(axes[bone, 0])) * turn
        at = at + turn.apply(armature.tails[bone] - armature.heads[bone])
    return at


def closes(armature: Armature, side: str) -> dict[str, bool]:
    """Which fingers come into the palm."""
    palm = palm_of(armature, side, 1.0 if side == "L" else -1.0)
    assert palm is not None
    place = {name: bone for bone, name in enumerate(armature.names)}
    found = {}
    for finger in FINGERS:
        root = armature.heads[place[f"{finger}.01.{side}"]]
        length = np.linalg.norm(armature.tails[place[f"{finger}.03.{side}"]] - root)
        way = closed_tip(armature, finger, side) - root
        found[finger] = bool(way @ palm[0] > 0.05 * length and np.linalg.norm(way) < 0.7 * length)
    return found


TURNS = {
    "palm down": Rotation.identity(),
    "palm forwards": Rotation.from_euler("x", -90, degrees=True),
    "hanging": Rotation.from_euler("y", 80, degrees=True),
    "hanging, palm back": Rotation.from_euler("yz", [80, 60], degrees=True),
}


@pytest.mark.parametrize("side", ["L", "R"])
@pytest.mark.parametrize("pose", TURNS)
def test_a_positive_turn_closes_the_fingers_into_the_palm_however_the_hand_is_held(pose: str, side: str) -> None:
    turn = TURNS[pose]
    armature = with_natural_rolls(hand(turn, right=side == "R"))
    into = turn.apply([0.0, 0.0, -1.0]) * np.array([-1.0 if side == "R" else 1.0, 1.0, 1.0])
    for finger in FINGERS:
        root = armature.heads[armature.names.index(f"{finger}.01.{side}")]
        assert (closed_tip(armature, finger, side) - root) @ into > 0.01, finger


@pytest.mark.parametrize("pose", TURNS)
def test_the_fingers_of_a_hand_hinge_about_one_axis(pose: str) -> None:
    armature = with_natural_rolls(hand(TURNS[pose]))
    hinges = bone_axes(armature.heads, armature.tails, armature.rolls)[:, 0]
    fingers = [bone for bone, name in enumerate(armature.names) if name.startswith("f_")]
    middle = hinges[fingers].mean(0)
    assert (hinges[fingers] @ middle / np.linalg.norm(middle) > np.cos(np.radians(5))).all()


def test_a_thumb_closes_across_the_palm() -> None:
    armature = with_natural_rolls(hand(Rotation.identity()))
    rest = armature.tails[armature.names.index("thumb.02.L")]
    closed = closed_tip(armature, "thumb", "L", 50.0)
    assert closed[1] > rest[1] + 0.01  # towards the little finger
    assert closed[2] < rest[2] - 0.005  # and into the palm


def test_the_right_hand_turns_by_the_same_value_as_the_left() -> None:
    left, right = hand(Rotation.identity()), hand(Rotation.identity(), right=True)
    count = len(left.names)
    both = Armature(
        left.names + right.names,
        np.concatenate([left.parents, np.where(right.parents < 0, 0, right.parents + count)]).astype(np.int32),
        np.concatenate([left.heads, right.heads]),
        np.concatenate([left.tails, right.tails]),
        np.concatenate([left.rolls, right.rolls]),
        np.zeros(2 * count, bool),
        np.ones(2 * count),
        np.ones(2 * count, bool),
        np.full((2 * count, 2), 0.01),
        "biped",
        Symmetry(np.array([1.0, 0.0, 0.0]), 0.0),
    )
    rolls = with_natural_rolls(both).rolls
    assert np.array_equal(rolls[:count], -rolls[count:])


def leg(joints: list[tuple[float, float, float]], names: list[str]) -> Armature:
    points, count = np.array(joints, float), len(names)
    parents = np.arange(count, dtype=np.int32) - 1
    return Armature(
        tuple(names),
        parents,
        points[:-1],
        points[1:],
        np.zeros(count),
        np.ones(count, bool),
        np.ones(count),
        np.ones(count, bool),
        np.full((count, 2), 0.05),
        "quadruped",
    )


def test_joints_of_an_animals_leg_bend_on_as_they_are_bent() -> None:
    names = ["upper_leg.hind.L", "lower_leg.hind.L", "foot.hind.L"]
    made = with_natural_rolls(leg([(0.1, 0, 0.6), (0.1, -0.08, 0.4), (0.1, 0.08, 0.2), (0.1, 0.03, 0.0)], names))
    bends = bone_axes(made.heads, made.tails, made.rolls)[:, 2]
    assert bends[1, 1] > 0.5  # the knee goes on backwards
    assert bends[2, 1] < -0.5  # and the hock forwards


@pytest.mark.parametrize(("names", "way"), [(["thigh.L", "shin.L"], 1.0), (["upper_arm.L", "forearm.L"], -1.0)])
def test_straight_knees_bend_backwards_and_straight_elbows_forwards(names: list[str], way: float) -> None:
    made = with_natural_rolls(leg([(0.1, 0, 0.6), (0.11, 0, 0.3), (0.12, 0, 0.0)], names))
    assert way * bone_axes(made.heads, made.tails, made.rolls)[1, 2, 1] > 0.9


@pytest.mark.parametrize("name", ["valid_asian_m_2_default", "valid_black_f_2_medi"])
@pytest.mark.skipif(not DATA.exists(), reason="the rigged people are not on this machine")
def test_people_whose_thumb_is_hard_to_find_have_five_fingers_in_order_that_close(name: str) -> None:
    armature = rig_mesh(read_mesh(DATA / f"{name}.glb"), RigOptions(bind=False)).armature
    for side in "LR":
        assert all(closes(armature, side).values())
        roots = [armature.heads[armature.names.index(f"{finger}.01.{side}")][1] for finger in FINGERS]
        assert roots == sorted(roots)  # palms down: from the index in front to the little finger behind
        assert f"thumb.01.{side}" in armature.names


@pytest.mark.parametrize("lean", [-0.8, 0.8])
def test_a_fingertip_beside_the_plane_of_its_finger_is_brought_into_line(lean: float) -> None:
    start = hand(TURNS["hanging"])
    tip = start.names.index("f_pinky.03.L")
    palm = palm_of(start, "L", 1.0)
    assert palm is not None
    tails = start.tails.copy()
    tails[tip] += lean * start.lengths[tip] * palm[1]
    made = with_tips_in_line(replace(start, tails=tails))
    ways = (made.tails - made.heads) / made.lengths[:, None]
    apart = np.degrees(np.arcsin(ways[tip] @ palm[1]) - np.arcsin(ways[tip - 1] @ palm[1]))
    assert abs(apart) < 11
    assert made.lengths[tip] == pytest.approx(np.linalg.norm(tails[tip] - start.heads[tip]))
    others = np.arange(len(start.names)) != tip
    np.testing.assert_array_equal(made.tails[others], start.tails[others])
    np.testing.assert_array_equal(with_tips_in_line(start).tails, start.tails)
