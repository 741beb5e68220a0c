"""A positive turn about a bone's x axis bends the joint the way it bends in life, on both sides alike."""

from __future__ import annotations

import numpy as np

from inference.axes import bone_axes, rolls_towards
from inference.rigging.bones.rolls import bone_rolls

UP, FRONT, LEFT = np.array([0.0, 0, 1]), np.array([0.0, -1, 0]), np.array([1.0, 0, 0])


def _bones(*directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tails = np.stack(directions).astype(float)
    return np.zeros_like(tails), tails


def test_axes_are_right_handed_with_y_along_the_bone():
    rng = np.random.default_rng(0)
    heads, tails = rng.normal(size=(2, 50, 3))
    axes = bone_axes(heads, tails, rng.uniform(-3, 3, 50))
    assert np.allclose(np.linalg.det(axes), 1)
    span = tails - heads
    assert np.allclose(axes[:, 1], span / np.linalg.norm(span, axis=1)[:, None])


def test_known_rolls_of_blender_at_zero():
    # read from edit_bone.matrix in Blender 4.2
    heads, tails = _bones(UP, -UP, FRONT, LEFT)
    axes = bone_axes(heads, tails, np.zeros(4))
    assert np.allclose(axes[0], [LEFT, UP, FRONT])
    assert np.allclose(axes[1], [LEFT, -UP, -FRONT])
    assert np.allclose(axes[2], [-LEFT, FRONT, UP])
    assert np.allclose(axes[3], [-FRONT * -1, LEFT, UP])


def test_rolls_towards_a_direction_turn_z_there():
    rng = np.random.default_rng(1)
    heads, tails, z = rng.normal(size=(3, 50, 3))
    axes = bone_axes(heads, tails, rolls_towards(heads, tails, z))
    assert np.allclose((axes[:, 0] * z).sum(1), 0, atol=1e-9)
    assert ((axes[:, 2] * z).sum(1) > 0).all()


def test_spines_and_legs_hinge_about_the_left_right_axis():
    heads, tails = _bones(UP, -UP, FRONT + 0.1 * UP, -FRONT - 0.2 * UP)
    axes = bone_axes(heads, tails, bone_rolls(heads, tails))
    assert np.allclose(axes[:, 0], LEFT)


def test_knees_bend_backwards_and_elbows_forwards():
    heads, tails = _bones(-UP, LEFT, -LEFT)
    axes = bone_axes(heads, tails, bone_rolls(heads, tails))
    assert axes[0, 2] @ -FRONT > 0.99
    assert axes[1, 2] @ FRONT > 0.99
    assert axes[2, 2] @ FRONT > 0.99


def test_mirrored_bones_get_opposite_rolls():
    rng = np.random.default_rng(2)
    heads, tails = rng.normal(size=(2, 40, 3))
    mirror = np.array([-1.0, 1, 1])
    parents = np.arange(40) - 1
    rolls = bone_rolls(heads, tails, parents)
    assert np.array_equal(rolls, -bone_rolls(heads * mirror, tails * mirror, parents))


def test_a_bent_limb_hinges_in_the_plane_it_bends_in():
    outwards = np.array([0.4, -0.917, 0.0])  # a knee turned out
    joints = np.stack([UP * 2, UP + 0.3 * outwards, 0 * UP])
    heads, tails = joints[:-1], joints[1:]
    axes = bone_axes(heads, tails, bone_rolls(heads, tails, np.array([-1, 0])))
    assert np.allclose(axes[:, 0] @ outwards, 0, atol=1e-6)
    assert np.allclose(axes[0, 0], axes[1, 0], atol=1e-6)


def test_a_given_flex_direction_wins():
    heads, tails = _bones(-UP, -UP)
    flex = np.array([LEFT, [np.nan] * 3])
    axes = bone_axes(heads, tails, bone_rolls(heads, tails, flex=flex))
    assert np.allclose(axes[0, 2], LEFT)
    assert np.allclose(axes[1, 2], -FRONT)
