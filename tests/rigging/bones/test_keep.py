from dataclasses import replace

import numpy as np

from inference.anatomy import Armature, Symmetry
from inference.rigging.bones.keep import keep_bones


def arm() -> Armature:
    """A trunk with one arm of three bones on each side."""
    names, parents, heads, tails, connected = (
        ["hips", "chest"],
        [-1, 0],
        [[0, 0, 0.0], [0, 0, 1]],
        [[0, 0, 1.0], [0, 0, 2]],
        [0, 1],
    )
    for side, sign in (("L", 1), ("R", -1)):
        for place, part in enumerate(("upper_arm", "forearm", "hand")):
            parents.append(len(names) - 1 if place else 1)
            names.append(f"{part}.{side}")
            heads.append([sign * (0.5 + place), 0, 1.8])
            tails.append([sign * (1.5 + place), 0, 1.8])
            connected.append(int(place > 0))
    count = len(names)
    return Armature(
        tuple(names),
        np.array(parents, np.int32),
        np.array(heads, float),
        np.array(tails, float),
        np.zeros(count),
        np.array(connected, bool),
        np.full(count, 0.5),
        np.ones(count, bool),
        np.full((count, 2), 0.1),
        "biped",
        Symmetry(np.array([1.0, 0, 0]), 0.0),
    )


def moved(armature: Armature, shift: dict[str, list[float]]) -> Armature:
    heads, tails = armature.heads.copy(), armature.tails.copy()
    for name, by in shift.items():
        heads[armature.names.index(name)] += by
        tails[armature.names.index(name)] += by
    return replace(armature, heads=heads, tails=tails)


def bone(armature: Armature, name: str) -> tuple[np.ndarray, np.ndarray]:
    place = armature.names.index(name)
    return armature.heads[place], armature.tails[place]


def test_nothing_locked_changes_nothing():
    result = keep_bones(arm(), moved(arm(), {"hand.L": [0, 1, 0]}), ())
    assert result.names == arm().names
    np.testing.assert_array_equal(result.heads, arm().heads)
    assert result.symmetry is not None


def test_a_locked_bone_stays_and_its_connected_neighbours_come_to_it():
    old = moved(arm(), {"forearm.L": [0, 0.2, 0.1]})
    result = keep_bones(arm(), old, {"forearm.L"})
    np.testing.assert_array_equal(bone(result, "forearm.L"), bone(old, "forearm.L"))
    np.testing.assert_array_equal(bone(result, "upper_arm.L")[1], bone(old, "forearm.L")[0])
    np.testing.assert_array_equal(bone(result, "hand.L")[0], bone(old, "forearm.L")[1])
    np.testing.assert_array_equal(bone(result, "hand.R"), bone(arm(), "hand.R"))
    assert result.confidence[result.names.index("forearm.L")] == 1.0
    assert result.symmetry is None  # the sides are no mirror images any more


def test_both_sides_locked_alike_stay_symmetric():
    old = moved(arm(), {"forearm.L": [0, 0.2, 0.1], "forearm.R": [0, 0.2, 0.1]})
    assert keep_bones(arm(), old, {"forearm.L", "forearm.R"}).symmetry is not None


def test_a_bone_the_rigger_has_added_is_kept_and_carries_what_it_carried():
    one = arm()
    place = one.names.index("hand.L")
    old = Armature(
        (*one.names[:place], "wrist.L", *one.names[place:]),
        np.array(
            [
                *one.parents[:place],
                place - 1,
                place,
                *(one.parents[place + 1 :] + (one.parents[place + 1 :] > place - 1)),
            ],
            np.int32,
        ),
        np.insert(one.heads, place, [2.5, 0, 1.8], 0),
        np.insert(one.tails, place, [2.7, 0, 1.8], 0),
        np.zeros(len(one.names) + 1),
        np.insert(one.connected, place, True),
        np.ones(len(one.names) + 1),
        np.ones(len(one.names) + 1, bool),
        np.full((len(one.names) + 1, 2), 0.1),
    )
    result = keep_bones(one, old, {"wrist.L"})
    parents = {
        name: result.names[parent] if parent >= 0 else ""
        for name, parent in zip(result.names, result.parents, strict=True)
    }
    assert parents["wrist.L"] == "forearm.L"
    assert parents["hand.L"] == "wrist.L"
    assert list(parents.values()).count("") == 1
    assert all(parent < place for place, parent in enumerate(result.parents))
    np.testing.assert_allclose(bone(result, "hand.L")[0], [2.7, 0, 1.8])
