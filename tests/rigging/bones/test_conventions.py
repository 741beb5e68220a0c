import numpy as np
import pytest

from inference.errors import BadRequestError
from inference.rigging.bones.conventions import CONVENTIONS, Convention, detect, own_names, translate

ARM = ["shoulder", "upper_arm", "forearm", "hand"]
LEG = ["thigh", "shin", "foot", "toe"]
FINGERS = ["thumb", "f_index", "f_middle", "f_ring", "f_pinky"]


def person(spine: int = 2, neck: int = 1, *, fingers: bool = True, twist: bool = False) -> tuple[list[str], np.ndarray]:
    """Names and parents as this project writes them."""
    names, parents = ["hips"], [-1]

    def add(name: str, parent: str) -> str:
        parents.append(names.index(parent))
        names.append(name)
        return name

    last = "hips"
    for place in range(spine):
        last = add("chest" if place == spine - 1 else "spine" if place == 0 else f"spine.{place:03d}", last)
    chest = last
    for place in range(neck):
        last = add("neck" if place == 0 else f"neck.{place:03d}", last)
    add("head", last)
    for side in "LR":
        last = chest
        for part in ARM:
            last = add(f"{part}.{side}", last)
        for finger in FINGERS if fingers else ():
            link = f"hand.{side}"
            for number in (1, 2, 3):
                link = add(f"{finger}.{number:02d}.{side}", link)
        last = "hips"
        for part in LEG:
            last = add(f"{part}.{side}", last)
    for part in ("upper_arm", "forearm", "thigh", "shin") if twist else ():
        for side in "LR":
            add(f"{part}.twist.{side}", f"{part}.{side}")
    add("tail", "hips")
    return names, np.array(parents, np.int32)


@pytest.mark.parametrize("spine", [2, 3, 4, 6])
@pytest.mark.parametrize("neck", [1, 2])
@pytest.mark.parametrize("target", CONVENTIONS)
def test_every_convention_is_recognised_and_leads_back(spine: int, neck: int, target):
    names, parents = person(spine, neck)
    there = translate(names, parents, target)
    renamed = [there.get(name, name) for name in names]
    assert len(set(renamed)) == len(names)
    assert detect(renamed, parents) == target
    back = translate(renamed, parents, "bonewright")
    assert [back.get(name, name) for name in renamed] == names


@pytest.mark.parametrize("target", CONVENTIONS)
def test_twist_helpers_are_named_along_and_lead_back(target):
    names, parents = person(twist=True)
    there = translate(names, parents, target)
    renamed = [there.get(name, name) for name in names]
    assert len(set(renamed)) == len(names)
    assert detect(renamed, parents) == target
    back = translate(renamed, parents, "bonewright")
    assert [back.get(name, name) for name in renamed] == names


def test_twist_helpers_have_the_names_of_other_programs():
    names, parents = person(twist=True)
    assert translate(names, parents, "unreal")["forearm.twist.L"] == "lowerarm_twist_01_l"
    assert translate(names, parents, "mixamo")["thigh.twist.R"] == "mixamorig:RightUpLegTwist"
    assert translate(names, parents, "humanoid")["shin.twist.L"] == "LeftLowerLegTwist"
    assert "upper_arm.twist.L" not in translate(names, parents, "rigify"), "Rigify has none; ours stay"


def test_names_are_those_that_the_other_programs_know():
    names, parents = person(spine=3)
    mixamo, unreal = translate(names, parents, "mixamo"), translate(names, parents, "unreal")
    humanoid, rigify = translate(names, parents, "humanoid"), translate(names, parents, "rigify")
    assert mixamo["hips"] == "mixamorig:Hips"
    assert mixamo["chest"] == "mixamorig:Spine2"
    assert mixamo["upper_arm.L"] == "mixamorig:LeftArm"
    assert mixamo["f_index.02.R"] == "mixamorig:RightHandIndex2"
    assert unreal["shin.R"] == "calf_r"
    assert unreal["spine.001"] == "spine_02"
    assert unreal["thumb.03.L"] == "thumb_03_l"
    assert [humanoid[name] for name in ("spine", "spine.001", "chest")] == ["Spine", "Chest", "UpperChest"]
    assert humanoid["f_pinky.01.L"] == "LeftLittleProximal"
    assert [rigify[name] for name in ("hips", "spine", "spine.001", "chest", "neck", "head")] == [
        *("spine", "spine.001", "spine.002", "spine.003", "spine.004", "spine.005"),
    ]
    assert "tail" not in mixamo


def test_from_any_convention_to_any_other():
    names, parents = person()
    for one in CONVENTIONS:
        there = translate(names, parents, one)
        renamed = [there.get(name, name) for name in names]
        for two in CONVENTIONS:
            direct, onwards = translate(names, parents, two), translate(renamed, parents, two)
            assert [onwards.get(name, name) for name in renamed] == [direct.get(name, name) for name in names]


def test_what_is_no_humanoid_or_would_clash_is_refused_with_a_reason():
    with pytest.raises(BadRequestError, match="no humanoid"):
        translate(["root", "chain1", "chain1.001"], np.array([-1, 0, 1]), "mixamo")
    names, parents = person()
    with pytest.raises(BadRequestError, match="exists already"):
        translate([*names, "pelvis"], np.array([*parents, 0]), "unreal")


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_any_programs_names_are_read_back_into_ours(convention: Convention):
    names, parents = person()
    theirs = translate(names, parents, convention)
    renamed = [theirs.get(name, name) for name in names]
    assert list(own_names(renamed, parents).values()) == names


def test_names_that_say_nothing_stay_themselves():
    names = ["trunk", "limb1.L", "limb1.R", "Bone"]
    assert own_names(names, np.array([-1, 0, 0, 0], np.int32)) == {name: name for name in names}
