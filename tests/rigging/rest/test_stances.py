"""T, A and relaxed from whatever pose a body rests in, for bones of any naming and facing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, SkinWeights
from inference.axes import bone_axes
from inference.errors import BadArmatureError
from inference.rigging.bones.conventions import translate
from inference.rigging.bones.hinges import palm_of, with_natural_rolls
from inference.rigging.rest.stances import Stance, at_rest
from inference.rigging.rest.turns import moved_by, moved_points, moves_of
from tests.rigging.rest.people import person, renamed, turned, way

DOWN = {"t": 0.0, "a": 45.0, "relaxed": 72.0}
FACING = Rotation.from_euler("z", 40, degrees=True)


def posed(armature: Armature, turns: Mapping[str, tuple[str, float]]) -> Armature:
    """The armature with some joints turned about an axis of the frame by degrees, as its new rest pose."""
    whole = np.tile(np.eye(3), (len(armature.names), 1, 1))
    for bone, name in enumerate(armature.names):
        above = whole[armature.parents[bone]] if armature.parents[bone] >= 0 else np.eye(3)
        own = Rotation.from_euler(*turns[name], degrees=True).as_matrix() if name in turns else np.eye(3)
        whole[bone] = own @ above
    return moved_by(armature, moves_of(armature, whole))


def into_palm(armature: Armature) -> np.ndarray:
    palm = palm_of(armature, "L", 1.0)
    assert palm is not None
    return palm[0]


def hanging() -> Armature:
    return with_natural_rolls(posed(person(), {"upper_arm.L": ("y", 80), "upper_arm.R": ("y", -80)}))


@pytest.mark.parametrize("stance", ["t", "a", "relaxed"])
@pytest.mark.parametrize("start", [person, hanging])
def test_arms_point_where_the_stance_has_them(stance: Stance, start):
    after, _ = at_rest(start(), stance)
    for side, sign in (("L", 1), ("R", -1)):
        angle = np.radians(DOWN[stance])
        wanted = np.array([sign * np.cos(angle), 0.0, -np.sin(angle)])
        np.testing.assert_allclose(way(after, f"upper_arm.{side}", f"forearm.{side}"), wanted, atol=1e-9)
    bent = {"t": 0.0, "a": 0.0, "relaxed": 14.0}[stance]
    elbow = way(after, "upper_arm.L", "forearm.L") @ way(after, "forearm.L", "hand.L")
    assert elbow == pytest.approx(np.cos(np.radians(bent)))
    assert way(after, "forearm.L", "hand.L")[1] <= 1e-9  # forwards


def test_there_and_back_the_joints_are_where_they_were():
    start = person()
    arms = {
        name: way(start, f"{name}.L", f"{end}.L") @ (1, 0, 0)
        for name, end in (("upper_arm", "forearm"), ("forearm", "hand"))
    }
    assert min(arms.values()) > 0.999  # near enough to T for the hand to come back to a hair
    back, _ = at_rest(at_rest(start, "a")[0], "t")
    np.testing.assert_allclose(back.heads, at_rest(start, "t")[0].heads, atol=1e-9)
    np.testing.assert_allclose(np.abs(back.rolls), np.abs(at_rest(start, "t")[0].rolls), atol=1e-6)


@pytest.mark.parametrize("convention", ["mixamo", "unreal", "humanoid", "rigify"])
def test_any_naming_facing_and_size_gives_the_same(convention):
    start = hanging()
    wanted, moves = at_rest(start, "t")
    other = turned(renamed(start, translate(start.names, start.parents, convention)), FACING, 100.0, (3, 4, 5))
    after, other_moves = at_rest(other, "t")
    assert after.names == other.names
    back = turned(wanted, FACING, 100.0, (3, 4, 5))
    np.testing.assert_allclose(after.heads, back.heads, atol=1e-6)
    np.testing.assert_allclose(
        bone_axes(after.heads, after.tails, after.rolls), bone_axes(back.heads, back.tails, back.rolls), atol=1e-6
    )
    points = turned(replace(start, heads=start.heads + 0.01), FACING, 100.0, (3, 4, 5)).heads
    moved = np.einsum("bij,bj->bi", other_moves[:, :, :3], points) + other_moves[:, :, 3]
    canonical = np.einsum("bij,bj->bi", moves[:, :, :3], start.heads + 0.01) + moves[:, :, 3]
    np.testing.assert_allclose(
        moved, turned(replace(start, heads=canonical), FACING, 100.0, (3, 4, 5)).heads, atol=1e-6
    )


def test_the_stance_is_exactly_symmetric_where_the_body_is():
    after, _ = at_rest(hanging(), "a")
    pairs = [(k, after.names.index(name[:-2] + ".R")) for k, name in enumerate(after.names) if name.endswith(".L")]
    left, right = np.array(pairs).T
    np.testing.assert_allclose(after.heads[left] * (-1, 1, 1), after.heads[right], atol=1e-12)
    np.testing.assert_allclose(after.rolls[left], -after.rolls[right], atol=1e-9)


def test_a_forearm_that_was_turned_gets_the_palm_down():
    twisted = posed(person(), {"hand.L": ("x", 60), "forearm.L": ("x", 20)})
    assert into_palm(twisted) @ (0, 0, -1) < 0.5
    after, _ = at_rest(twisted, "t")
    assert into_palm(after) @ (0, 0, -1) > 0.999


def test_a_fist_is_stretched_in_t_and_kept_in_relaxed():
    curl = {f"{stem}.{k:02d}.L": ("y", 60) for stem in ("f_index", "f_middle", "f_ring", "f_pinky") for k in (2, 3)}
    fist = posed(person(), curl)
    after, _ = at_rest(fist, "t")
    assert way(after, "f_middle.01.L", "f_middle.02.L") @ way(after, "f_middle.02.L", "f_middle.03.L") > 0.999
    kept, _ = at_rest(fist, "relaxed")
    assert way(kept, "f_middle.01.L", "f_middle.02.L") @ way(kept, "f_middle.02.L", "f_middle.03.L") < 0.6


def test_who_sits_stands_up_with_the_feet_on_the_same_ground():
    sitting = posed(
        person(),
        {f"{name}.{side}": ("x", turn) for side in "LR" for name, turn in (("thigh", -85), ("shin", 85))},
    )
    low = sitting.heads[[sitting.names.index("toe.L")]][0, 2]
    after, _ = at_rest(sitting, "t")
    assert way(after, "thigh.L", "foot.L") @ (0, 0, -1) > 0.999
    assert min(after.heads[after.names.index("toe.L")][2], after.tails[after.names.index("toe.L")][2]) == pytest.approx(
        low, abs=1e-9
    )
    assert after.heads[0, 2] > sitting.heads[0, 2] + 0.3


def test_legs_that_stand_stay_to_the_last_bit():
    start = hanging()
    after, moves = at_rest(start, "t")
    legs = [
        k for k, name in enumerate(start.names) if name.startswith(("thigh", "shin", "foot", "toe", "spine", "head"))
    ]
    np.testing.assert_array_equal(after.heads[legs], start.heads[legs])
    np.testing.assert_array_equal(moves[legs], np.tile(np.eye(4)[:3], (len(legs), 1, 1)))


def test_elbows_bend_the_natural_way_about_x_afterwards_where_they_did_before():
    after, _ = at_rest(hanging(), "t")
    np.testing.assert_allclose(after.rolls, with_natural_rolls(after).rolls, atol=1e-6)
    own = replace(hanging(), rolls=hanging().rolls + 0.7)  # a rigger's own
    kept, _ = at_rest(own, "t")
    hand = kept.names.index("forearm.L")
    assert abs(kept.rolls[hand] - with_natural_rolls(kept).rolls[hand]) == pytest.approx(0.7, abs=1e-6)


def test_points_follow_their_bones_and_loose_ones_stay():
    start = hanging()
    after, moves = at_rest(start, "t")
    bones = np.array([[start.names.index("hand.L")], [0]], np.int32)
    skin = SkinWeights(bones, np.array([[1.0], [0.0]], np.float32))
    points = np.stack([start.tails[start.names.index("hand.L")], [5.0, 5.0, 5.0]])
    moved = moved_points(points, skin, moves)
    np.testing.assert_allclose(moved[0], after.tails[start.names.index("hand.L")], atol=1e-9)
    np.testing.assert_array_equal(moved[1], points[1])


def test_what_has_no_arms_or_no_sides_is_refused_by_name():
    start = person()
    snake = replace(
        start,
        names=tuple(f"bone{k}" for k in range(len(start.names))),
        parents=np.arange(-1, len(start.names) - 1, dtype=np.int32),
    )
    with pytest.raises(BadArmatureError, match="left from right"):
        at_rest(snake, "t")
    armless = {name: name.replace("upper_arm", "wing").replace("forearm", "wing.001") for name in start.names}
    armless |= {name: name.replace("hand", "wing.002") for name in start.names if "hand" in name}
    with pytest.raises(BadArmatureError, match="no arms"):
        at_rest(renamed(start, armless), "t")
