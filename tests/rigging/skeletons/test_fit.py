"""A skeleton of another program is fitted to a character: names, axes, places, weights, and clips that play on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature
from inference.errors import BadArmatureError
from inference.requests import RigOptions
from inference.rigging.bones.asked import as_asked
from inference.rigging.bones.conventions import translate
from inference.rigging.bones.moved import left_out
from inference.rigging.rest.stances import at_rest
from inference.rigging.skeletons.builtin import KNOWN, Known, builtin
from inference.rigging.skeletons.fit import Fitted, fit_template
from inference.rigging.skeletons.template import Template, template_from
from tests.rigging.rest.people import person, renamed, turned, way
from tests.rigging.skeletons.clips import angles, axes_of, played, random_clip

POSED: tuple[Known, ...] = ("mixamo", "unreal", "vrm")
FACING = Rotation.from_euler("z", 130, degrees=True)
LIMBS = [
    (f"{near}.{side}", f"{far}.{side}")
    for side in "LR"
    for near, far in (
        ("upper_arm", "forearm"),
        ("forearm", "hand"),
        ("hand", "f_middle.01"),
        ("thigh", "shin"),
        ("shin", "foot"),
        *((f"{stem}.{k:02d}", f"{stem}.{k + 1:02d}") for stem in ("thumb", "f_index", "f_pinky") for k in (1, 2)),
    )
]


def somebody(*, relaxed: bool = True) -> Armature:
    """Long arms, short legs, a stance of their own."""
    start = person()
    long = np.where(np.abs(start.heads[:, :1]) > 0.15, 1.15, 1.0)
    stretched = replace(
        start, heads=start.heads * long, tails=start.tails * np.where(np.abs(start.tails[:, :1]) > 0.15, 1.15, 1.0)
    )
    return at_rest(stretched, "relaxed" if relaxed else "a")[0]


def in_template(fitted: Fitted, template: Template) -> tuple[np.ndarray, np.ndarray]:
    """Joints and axes of the fitted bones in the template's frame."""
    count = len(template.names)
    frame = fitted.frame.frame
    return frame.points_in(fitted.armature.heads[:count]), axes_of(fitted.armature)[:count] @ frame.axes.T


@pytest.mark.parametrize("known", POSED)
@pytest.mark.parametrize("facing", [Rotation.identity(), FACING])
def test_names_and_axes_are_the_templates_own(known: Known, facing: Rotation):
    template = builtin(known)
    fitted = fit_template(template, turned(somebody(), facing, 100.0, (1, 2, 3)))
    assert fitted.armature.names == template.names
    np.testing.assert_array_equal(fitted.armature.parents, template.parents)
    np.testing.assert_allclose(in_template(fitted, template)[1], template.axes, atol=1e-9)
    assert fitted.missing == ()


@pytest.mark.parametrize("known", POSED)
def test_a_clip_of_the_template_plays_on_the_character_as_on_the_template(known: Known):
    template = builtin(known)
    fitted = fit_template(template, turned(somebody(), FACING))
    heads, axes = in_template(fitted, template)
    near, far = (np.array([template.place[pair[end]] for pair in LIMBS]) for end in (0, 1))
    for seed in range(5):
        clip = random_clip(len(template.names), seed)
        there, their_axes = played(template.parents, template.heads, template.axes, clip)
        here, own_axes = played(template.parents, heads, axes, clip)
        np.testing.assert_allclose(own_axes, their_axes, atol=1e-9)
        off = angles(there[far] - there[near], here[far] - here[near])
        assert off.max() < 1e-3, dict(zip(LIMBS, off.round(2), strict=True))


@pytest.mark.parametrize("known", KNOWN)
def test_the_character_that_keeps_its_pose_plays_clips_from_files_undistorted_too(known: Known):
    template = builtin(known)
    start = somebody()
    fitted = fit_template(template, start, keep_pose=True)
    heads, axes = in_template(fitted, template)
    for part, bone in template.place.items():
        if part in start.names and not part.startswith(("neck", "spine")):
            np.testing.assert_allclose(heads[bone], start.heads[start.names.index(part)], atol=1e-9)
    near, far = (np.array([template.place[pair[end]] for pair in LIMBS]) for end in (0, 1))
    rest = template.axes.transpose(0, 2, 1)  # what a file stores: each joint's rotation against its parent's
    above = [np.eye(3) if parent < 0 else rest[parent] for parent in template.parents]
    stored = np.einsum("bji,bjk->bik", above, rest) @ random_clip(len(rest), 1)
    there, _ = _stored(template.parents, template.heads, template.axes, stored)
    here, _ = _stored(template.parents, heads, axes, stored)
    assert angles(there[far] - there[near], here[far] - here[near]).max() < 1e-3


def _stored(parents: np.ndarray, heads: np.ndarray, axes: np.ndarray, stored: np.ndarray):
    rest = axes.transpose(0, 2, 1)
    own = np.einsum("bji,bjk->bik", [np.eye(3) if p < 0 else rest[p] for p in parents], rest)
    return played(parents, heads, axes, np.einsum("bji,bjk->bik", own, stored))


@pytest.mark.parametrize("known", KNOWN)
def test_joints_are_the_characters_own_before_it_is_posed(known: Known):
    """Taken back by its move, each joint lies where the character's joint of that name was."""
    template, start = builtin(known), somebody()
    fitted = fit_template(template, start)
    for part, bone in template.place.items():
        if part in start.names and not part.startswith("neck"):
            move = fitted.moves[bone]
            back = np.linalg.solve(move[:, :3], fitted.armature.heads[bone] - move[:, 3])
            np.testing.assert_allclose(back, start.heads[start.names.index(part)], atol=1e-9)


def test_what_differs_by_build_is_not_bent_and_soles_stay_level():
    """The template's spine and foot run in other lines; the character's chest and soles stay as they are."""
    start = somebody(relaxed=False)
    fitted = fit_template(builtin("unreal"), start)
    place = builtin("unreal").place
    for part in ("hips", "spine", "chest", "neck", "head", "foot.L", "toe.R"):
        np.testing.assert_allclose(fitted.moves[place[part], :, :3], np.eye(3), atol=1e-12)
    low = start.heads[[start.names.index(f"toe.{side}") for side in "LR"], 2]
    np.testing.assert_allclose(fitted.armature.heads[[place["toe.L"], place["toe.R"]], 2], low, atol=1e-9)


def test_missing_joints_are_named_and_placed_by_proportion():
    start = somebody()
    lost = np.array([name.startswith(("f_", "thumb", "toe", "shoulder")) for name in start.names])
    fitted = fit_template(builtin("mixamo"), left_out(start, lost))
    assert "mixamorig:LeftShoulder" in fitted.missing
    assert "mixamorig:LeftHandIndex1" in fitted.missing
    assert "mixamorig:LeftToeBase" in fitted.missing
    assert "mixamorig:HeadTop_End" not in fitted.missing  # nobody has that joint
    assert fitted.armature.names == builtin("mixamo").names
    reach = way(fitted.armature, "mixamorig:LeftHand", "mixamorig:LeftHandMiddle3")
    assert reach @ (1, 0, 0) > 0.9
    foot = way(fitted.armature, "mixamorig:LeftFoot", "mixamorig:LeftToeBase")
    assert foot @ (0, -1, 0) > 0.7
    assert np.isfinite(fitted.armature.heads).all()


@pytest.mark.parametrize("spine", ["1", "3", "5"])
def test_trunks_of_another_number_of_bones_are_divided_anew_and_weights_with_them(spine):
    start = as_asked(person(), RigOptions(spine=spine))
    template = builtin("mixamo")
    fitted = fit_template(template, start)
    assert fitted.missing == ()
    chain = [fitted.armature.names.index(f"mixamorig:{name}") for name in ("Spine", "Spine1", "Spine2", "Neck")]
    heights = fitted.armature.heads[chain, 2]
    assert (np.diff(heights) > 0.04).all()
    trunk = [k for k, name in enumerate(start.names) if name.startswith(("spine", "chest"))]
    points = np.array([[0.1, 0.0, z] for z in (0.9, 1.1, 1.25, 1.4)])
    dense = np.zeros((4, len(start.names)), np.float32)
    dense[:, trunk[0]] = 0.8
    dense[:, start.names.index("hips")] = 0.2
    weights = fitted.weights(points, dense)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-6)
    np.testing.assert_allclose(weights[:, 0], 0.2, atol=1e-6)
    assert weights[0, chain[0]] > 0.79
    assert weights[3, chain[2]] > 0.5


def test_weights_go_with_the_joints_and_tails_and_ears_stay():
    start = somebody()
    tail = replace(
        start,
        names=(*start.names, "tail", "tail.001", "Spine"),
        parents=np.append(start.parents, [0, len(start.names), 0]).astype(np.int32),
        heads=np.concatenate([start.heads, [[0, 0.1, 0.95], [0, 0.3, 0.9], [0, 0.2, 1.0]]]),
        tails=np.concatenate([start.tails, [[0, 0.3, 0.9], [0, 0.5, 0.9], [0, 0.3, 1.0]]]),
        rolls=np.append(start.rolls, [0, 0, 0]),
        connected=np.append(start.connected, [False, True, False]),
        confidence=np.append(start.confidence, [1, 1, 1]),
        deform=np.append(start.deform, [True, True, True]),
        radii=np.concatenate([start.radii, np.full((3, 2), 0.02)]),
    )
    fitted = fit_template(builtin("vrm"), tail)
    count = len(builtin("vrm").names)
    assert fitted.kept == ("tail", "tail.001", "Spine.own")
    assert fitted.armature.parents[count:].tolist() == [0, count, 0]
    dense = np.eye(len(tail.names), dtype=np.float32)
    weights = fitted.weights(tail.heads, dense)
    for own, theirs in (
        ("hand.L", "LeftHand"),
        ("f_pinky.03.R", "RightLittleDistal"),
        ("tail.001", "tail.001"),
        ("chest", "UpperChest"),
    ):
        assert weights[tail.names.index(own), fitted.armature.names.index(theirs)] == 1.0
    np.testing.assert_allclose(weights.sum(1), 1)


@pytest.mark.parametrize("convention", ["mixamo", "unreal", "humanoid", "rigify"])
def test_who_named_the_characters_bones_does_not_matter(convention):
    start = somebody()
    other = renamed(start, translate(start.names, start.parents, convention))
    plain, named = (fit_template(builtin("unreal"), who) for who in (start, other))
    assert named.armature.names == plain.armature.names
    np.testing.assert_allclose(named.armature.heads, plain.armature.heads, atol=1e-12)
    np.testing.assert_allclose(named.moves, plain.moves, atol=1e-12)


def test_a_skeleton_of_ones_own_is_a_template_whichever_way_it_faces():
    """Ours, named as Unreal does, in another proportion and facing, with a prop's bone that no body has."""
    theirs = at_rest(person(), "a")[0]
    theirs = renamed(theirs, {**translate(theirs.names, theirs.parents, "unreal")})
    theirs = turned(theirs, Rotation.from_euler("z", -90, degrees=True), 0.01, (5, 0, 0))
    template = template_from(theirs, "Theirs")
    fitted = fit_template(template, turned(somebody(), FACING))
    assert fitted.armature.names == theirs.names
    np.testing.assert_allclose(in_template(fitted, template)[1], template.axes, atol=1e-9)
    np.testing.assert_allclose(
        axes_of(theirs) @ Rotation.from_euler("z", -90, degrees=True).as_matrix(), template.axes, atol=1e-9
    )


def test_too_little_in_common_is_refused_by_name():
    start = person()
    limbs = ("thigh", "shin", "foot", "toe", "upper_arm", "forearm", "hand", "f_", "thumb")
    trunk = left_out(start, np.array([name.startswith(limbs) for name in start.names]))
    with pytest.raises(BadArmatureError, match="too little in common"):
        fit_template(builtin("mixamo"), trunk)
