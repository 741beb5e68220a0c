"""Helper bones that let a limb turn about its own axis without wringing the skin at its joints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...anatomy import Armature, SkinWeights
from ..bones.names import sided, sign_of_side, split_side

NEAR = ("upper_arm", "thigh")  # limbs whose half at the body is held back by the helper
FAR = ("forearm", "shin")  # limbs whose outer half follows hand or foot
MIDDLE = 0.5  # where on the limb a helper begins or ends
BLEND = 0.25  # shares of the limb on either side of that over which one bone's weight becomes the other's


def with_twist_bones(armature: Armature) -> Armature:
    """A helper along half of each upper arm, forearm, thigh and shin, hung on it: `forearm.twist.L`."""
    limbs = _limbs(armature)
    if len(limbs) == 0:
        return armature
    middle = armature.heads[limbs] + MIDDLE * (armature.tails[limbs] - armature.heads[limbs])
    near = np.array([_word(armature.names[limb]) in NEAR for limb in limbs])[:, None]
    order = np.concatenate([np.arange(len(armature.names)), limbs])  # what each bone is like
    return replace(
        armature,
        names=(*armature.names, *(_twist_name(armature.names[limb]) for limb in limbs)),
        parents=np.concatenate([armature.parents, limbs]).astype(np.int32),
        heads=np.concatenate([armature.heads, np.where(near, armature.heads[limbs], middle)]),
        tails=np.concatenate([armature.tails, np.where(near, middle, armature.tails[limbs])]),
        rolls=armature.rolls[order],
        connected=np.concatenate([armature.connected, np.zeros(len(limbs), bool)]),
        confidence=armature.confidence[order],
        deform=armature.deform[order],
        radii=armature.radii[order],
    )


def with_twist_weights(armature: Armature, skin: SkinWeights, vertices: np.ndarray) -> SkinWeights:
    """The weights of the limbs split along them between limb and helper; `armature` (B,) has no helpers yet."""
    limbs = _limbs(armature)
    if len(limbs) == 0:
        return skin
    share = np.zeros(skin.weights.shape)  # of each weight, what goes to the helper
    helper = np.zeros(skin.bones.shape, np.int32)
    for number, limb in enumerate(limbs):
        row, place = np.nonzero((skin.bones == limb) & (skin.weights > 0))
        span = armature.tails[limb] - armature.heads[limb]
        along = (vertices[row] - armature.heads[limb]) @ span / max(float(span @ span), 1e-30)
        outer = np.clip((along - MIDDLE + BLEND) / (2 * BLEND), 0.0, 1.0)
        share[row, place] = 1.0 - outer if _word(armature.names[limb]) in NEAR else outer
        helper[row, place] = len(armature.names) + number
    bones = np.concatenate([skin.bones, helper], axis=1)
    weights = np.concatenate([skin.weights * (1.0 - share), skin.weights * share], axis=1)
    order = np.argsort(-weights, axis=1, kind="stable")[:, : skin.weights.shape[1]]
    bones, weights = np.take_along_axis(bones, order, 1), np.take_along_axis(weights, order, 1)
    weights = (weights / np.maximum(weights.sum(1, keepdims=True), 1e-30)).astype(np.float32)
    return SkinWeights(np.where(weights > 0, bones, 0).astype(np.int32), weights)


def _limbs(armature: Armature) -> np.ndarray:
    """The bones that get a helper."""
    found = [
        bone
        for bone, name in enumerate(armature.names)
        if sign_of_side(name) and _word(name) in NEAR + FAR and _twist_name(name) not in armature.names
    ]
    return np.array(found, np.int64)


def _word(name: str) -> str:
    return split_side(name)[0]


def _twist_name(name: str) -> str:
    return sided(f"{_word(name)}.twist", sign_of_side(name))
