"""Named bones and voted joints become one armature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Armature, Symmetry
from inference.rigging.judging.validity import bone_problems
from inference.rigging.votes.agreed import _names_of, agreed_armature

FLIP = np.array([-1.0, 1.0, 1.0])


def armature(*bones: tuple[str, str, tuple[float, float, float], tuple[float, float, float]]) -> Armature:
    """Bones as name, parent, head and tail; a bone of the left gets its image on the right."""
    whole = [(name, above, np.array(head), np.array(tail)) for name, above, head, tail in bones]
    whole += [
        (name[:-1] + "R", above[:-1] + "R" if above.endswith(".L") else above, head * FLIP, tail * FLIP)
        for name, above, head, tail in whole
        if name.endswith(".L")
    ]
    names, count = [name for name, *_ in whole], len(whole)
    parents = np.array([names.index(above) if above else -1 for _, above, *_ in whole], np.int32)
    heads, tails = np.stack([bone[2] for bone in whole]), np.stack([bone[3] for bone in whole])
    return Armature(
        tuple(names),
        parents,
        heads,
        tails,
        np.zeros(count),
        (parents >= 0) & np.isclose(heads, tails[parents]).all(1),
        np.full(count, 0.5),
        np.ones(count, bool),
        np.full((count, 2), 0.03),
        kind="biped",
        symmetry=Symmetry(np.array([1.0, 0.0, 0.0]), 0.0),
    )


NAMED = armature(
    ("hips", "", (0, 0, 0.5), (0, 0, 0.6)),
    ("spine", "hips", (0, 0, 0.6), (0, 0, 0.8)),
    ("head", "spine", (0, 0, 0.8), (0, 0, 1.0)),
    ("thigh.L", "hips", (0.1, 0, 0.5), (0.1, 0, 0.25)),
    ("shin.L", "thigh.L", (0.1, 0, 0.25), (0.1, 0, 0)),
)


def test_what_both_have_is_the_named_bones_alone() -> None:
    shaken = replace(NAMED, heads=NAMED.heads + 0.02, names=tuple(f"x{n}" for n in range(len(NAMED.names))))
    assert agreed_armature(NAMED, replace(shaken, symmetry=None), 1.0) is NAMED


def test_a_voted_limb_is_hung_on_the_bone_where_its_votes_say() -> None:
    voted = armature(
        ("spine", "", (0, 0, 0.62), (0, 0, 0.8)),
        ("wing.L", "spine", (0.12, 0.1, 0.7), (0.4, 0.1, 0.7)),
        ("wing.001.L", "wing.L", (0.4, 0.1, 0.7), (0.7, 0.1, 0.7)),
        *(("hips", "spine", (0, 0, 0.5), (0, 0, 0.6)), ("head", "spine", (0, 0, 0.8), (0, 0, 1.0))),
        *(("thigh.L", "hips", (0.1, 0, 0.5), (0.1, 0, 0.25)), ("shin.L", "thigh.L", (0.1, 0, 0.25), (0.1, 0, 0))),
    )
    made = agreed_armature(NAMED, voted, 1.0)
    place = {name: bone for bone, name in enumerate(made.names)}
    assert set(made.names) == {*NAMED.names, "wing.L", "wing.001.L", "wing.R", "wing.001.R"}
    assert made.names[made.parents[place["wing.001.R"]]] == "wing.R"
    assert made.names[made.parents[place["wing.L"]]] == "spine"
    assert np.allclose(made.heads[place["wing.R"]], (-0.12, 0.1, 0.7))
    assert not bone_problems(made)


def test_a_vote_between_two_joints_divides_the_bone() -> None:
    voted = armature(
        ("spine", "", (0, 0, 0.6), (0, 0, 0.7)),
        ("spine.001", "spine", (0, 0.01, 0.7), (0, 0, 0.8)),
        *(("hips", "spine", (0, 0, 0.5), (0, 0, 0.6)), ("head", "spine.001", (0, 0, 0.8), (0, 0, 1.0))),
        *(("thigh.L", "hips", (0.1, 0, 0.5), (0.1, 0, 0.25)), ("shin.L", "thigh.L", (0.1, 0, 0.25), (0.1, 0, 0))),
    )
    made = agreed_armature(NAMED, voted, 1.0)
    place = {name: bone for bone, name in enumerate(made.names)}
    assert made.names[made.parents[place["head"]]] == "spine.001"
    assert made.names[made.parents[place["spine.001"]]] == "spine"
    assert np.allclose(made.tails[place["spine"]], made.heads[place["spine.001"]])
    assert made.connected[place["head"]]
    assert not bone_problems(made)


def test_a_limb_that_no_vote_speaks_for_goes_on_both_sides() -> None:
    stray = armature(
        *zip(NAMED.names, ("", "hips", "spine", "hips", "thigh.L"), NAMED.heads[:5], NAMED.tails[:5], strict=False),
        ("upper_arm.L", "spine", (0.1, -0.3, 0.75), (0.3, -0.5, 0.75)),
    )
    made = agreed_armature(stray, NAMED, 1.0)
    assert set(made.names) == set(NAMED.names)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_two_are_the_result_is_valid(seed: int) -> None:
    random = np.random.default_rng(seed)

    def anything(count: int) -> Armature:
        bones = []
        for bone in range(count):
            side = ".L" if random.random() < 0.5 else ""
            head = random.normal(0, 0.3, 3) * (1, 1, 1)
            head[0] = abs(head[0]) + 0.01 if side else 0.0
            tail = head + random.normal(0, 0.1, 3) * (1 if side else 0, 1, 1)
            above = bones[int(random.integers(len(bones)))][0] if bones else ""
            if not side and above.endswith(".L"):
                above = bones[0][0] if not bones[0][0].endswith(".L") else ""
            bones.append((f"bone{bone}{side}" if bones else "root", above or ("root" if bones else ""), head, tail))
        return armature(*bones)

    assert not bone_problems(agreed_armature(anything(9), anything(11), 1.0))


def test_names_are_found_where_several_are_taken_on_one_side_only() -> None:
    """`leg.001.R` and `leg.002.R` are taken and their twins are free: the new pair is the third."""
    voted = armature(("leg.L", "", (0.1, 0, 0.5), (0.1, 0, 0.25)))
    taken = ("leg.L", "leg.001.R", "leg.002.R")
    assert _names_of(voted, np.ones(2, bool), taken) == ["leg.003.L", "leg.003.R"]
