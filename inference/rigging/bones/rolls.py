"""Bone rolls: which way a bone's own x and z axes look.

A positive turn about a bone's x axis moves its tail towards its z axis. So z is chosen to be where the joint bends:
thighs, shins and hind legs backwards, arms and spine forwards, tails and snouts upwards, fingers towards the palm.
x is then the axis of the hinge, the same for all bones of a limb, and a pose copied from left to right works.
"""

from __future__ import annotations

import numpy as np

from ...axes import directions, rolls_towards

CLEAR_BEND = np.sin(np.radians(12.0))  # a chain that bends less than this says nothing about its hinge


def bone_rolls(
    heads: np.ndarray, tails: np.ndarray, parents: np.ndarray | None = None, flex: np.ndarray | None = None
) -> np.ndarray:
    """Rolls (B,) in radians for bones in the canonical frame (+Z up, facing -Y).

    `flex` (B, 3) says where each bone's tail moves when the joint bends; rows of NaN or zero are worked out: from the
    plane in which the chain bends when `parents` (B,) is given and the bend is clear, else from the bone's direction.
    Mirrored bones get opposite rolls.
    """
    y = directions(heads, tails)
    z = usual_flex(y)
    if parents is not None:
        z = _in_bending_plane(y, z, np.asarray(parents))
    if flex is not None:
        given = np.isfinite(flex).all(1) & (np.linalg.norm(np.nan_to_num(flex), axis=1) > 1e-6)
        along = np.abs((np.nan_to_num(flex) * y).sum(1))
        given &= along < 0.999 * np.maximum(np.linalg.norm(np.nan_to_num(flex), axis=1), 1e-12)
        z = np.where(given[:, None], np.nan_to_num(flex), z)
    return rolls_towards(heads, tails, z)


def usual_flex(directions: np.ndarray) -> np.ndarray:
    """Where a bone of this direction bends when nothing more is known: (B, 3), at right angles to it.

    Bones that point up, down, forwards or backwards hinge about the left-right axis: up bends forwards, down bends
    backwards, forwards and backwards bend up or down alike with x on the left. Bones that point sideways bend
    forwards, as elbows do.
    """
    left = np.array([1.0, 0.0, 0.0])
    z = np.cross(np.broadcast_to(left, directions.shape), directions)
    sideways = np.abs(directions[:, 0]) > 0.8
    z[sideways] = np.array([0.0, -1.0, 0.0])
    z -= (z * directions).sum(1, keepdims=True) * directions
    return z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)


def _in_bending_plane(y: np.ndarray, z: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """`z` laid into the plane in which each unbranched chain bends, on the side where it was; (B, 3)."""
    bones = np.arange(len(y))
    children = np.bincount(parents[parents >= 0], minlength=len(y))
    goes_on = (parents >= 0) & (children[np.maximum(parents, 0)] == 1)
    chain = bones.copy()
    for bone in bones:  # parents come first
        if goes_on[bone]:
            chain[bone] = chain[parents[bone]]
    hinge = np.zeros_like(y)
    usual = np.cross(y, z)
    after = bones[goes_on]
    turn = np.cross(y[parents[after]], y[after])
    same_way = np.sign((turn * usual[after]).sum(1, keepdims=True))
    np.add.at(hinge, chain[after], turn * same_way)
    hinge = hinge[chain]
    size = np.linalg.norm(hinge, axis=1, keepdims=True)
    flex = np.cross(hinge / np.maximum(size, 1e-12), y)
    clear = (size[:, 0] > CLEAR_BEND) & (np.linalg.norm(flex, axis=1) > 0.5)
    # A hinge far from the usual one is a limb bent by its pose, not by its joint
    clear &= (flex * z).sum(1) > 0.5 * np.linalg.norm(flex, axis=1)
    return np.where(clear[:, None], flex, z)
