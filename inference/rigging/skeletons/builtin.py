"""The skeletons that are known without a file: Mixamo's, Unreal's mannequin, the humanoid of Unity and VRM, Rigify's.

Each is drawn on one figure from what its program publishes: the names and who hangs on whom, the pose it rests in, and
which way the joints' own axes look. In words, for the left side of a figure that faces us:

| | rests in | spine | arm | leg |
|---|---|---|---|---|
| Mixamo | T | y along, x to its left | y along, z down | y along, x to its right |
| Unreal | A, elbows a little bent | x along, y to the back | x along, y to the back; from the hand on y into the palm | -x along, y to the back |
| Unity, VRM | T | all joints: x to its left, y up, z to the front | | |
| Rigify | T | y along, x hinges by the house's convention | | |

Unreal's right side has all three axes of arms and clavicles the other way round, and legs turned by half a turn.
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ...anatomy import Armature
from ...axes import bone_axes
from ..bones.conventions import Convention, translate
from ..bones.hinges import FINGERS
from ..bones.names import sign_of_side
from ..rest.turns import moved_by, moves_of, turns_towards
from .figure import figure
from .template import Template, is_part

Known = Literal["mixamo", "unreal", "vrm", "rigify"]
KNOWN: tuple[Known, ...] = ("mixamo", "unreal", "vrm", "rigify")
TITLES: dict[Known, str] = {
    "mixamo": "Mixamo",
    "unreal": "Unreal Mannequin",
    "vrm": "Unity / VRM humanoid",
    "rigify": "Rigify metarig",
}
LEFT, BACK, UP = np.eye(3)
ARMS, LEGS = ("upper_arm", "forearm"), ("thigh", "shin")
MANNEQUIN_ARMS, MANNEQUIN_ELBOWS, MANNEQUIN_LEGS = np.radians((40.0, 25.0, 5.0))  # down, forwards, outwards
IN_UNITY = np.stack([LEFT, UP, -BACK])


@dataclass(frozen=True)
class Extra:
    """A bone beside the figure's: a tip, a helper, or what serves the program alone."""

    name: str
    above: str
    head: np.ndarray  # (3,)
    axes: np.ndarray  # (3, 3) rows
    end: np.ndarray  # (3,)


def builtin(known: Known) -> Template:
    """One of the skeletons that are known by name."""
    made: dict[Known, Callable[[], Template]] = {
        "mixamo": _mixamo,
        "unreal": _unreal,
        "vrm": _vrm,
        "rigify": _rigify,
    }
    return made[known]()


def _mixamo() -> Template:
    body = figure()
    way = _ways(body)
    axes = np.empty((len(body.names), 3, 3))
    for bone, name in enumerate(body.names):
        y = way[bone]
        if name.startswith(("shoulder", *ARMS, "hand", "thumb", "f_")):
            z = _square_to(y, -UP)
            axes[bone] = np.cross(y, z), y, z
        elif name.startswith((*LEGS, "foot", "toe")):
            x = _square_to(y, -LEFT)
            axes[bone] = x, y, np.cross(x, y)
        else:
            y = UP if name == "hips" else y
            x = _square_to(y, LEFT)
            axes[bone] = x, y, np.cross(x, y)
    made = _named(body, axes, "mixamo", "mixamo")
    tips = [("head", "HeadTop_End"), *((f"toe.{s}", f"{word}Toe_End") for s, word in _SIDES)]
    for stem, word in (("thumb", "Thumb"), *zip(FINGERS, ("Index", "Middle", "Ring", "Pinky"), strict=True)):
        tips += [(f"{stem}.03.{s}", f"{side}Hand{word}4") for s, side in _SIDES]
    extras = []
    for part, name in tips:
        bone = made.place[part]
        end = made.ends[bone] + 0.2 * (made.ends[bone] - made.heads[bone])
        extras.append(Extra(f"mixamorig:{name}", made.names[bone], made.ends[bone], made.axes[bone], end))
    return _with(made, extras)


_SIDES = (("L", "Left"), ("R", "Right"))


def _vrm() -> Template:
    body = figure()
    return _named(body, np.tile(IN_UNITY, (len(body.names), 1, 1)), "humanoid", "vrm")


def _unreal() -> Template:
    body = _mannequin()
    way = _ways(body)
    place = {name: bone for bone, name in enumerate(body.names)}
    axes = np.empty((len(body.names), 3, 3))
    for bone, name in enumerate(body.names):  # the parents' axes are there already
        side, above = sign_of_side(name), body.parents[bone]
        x = way[bone] * (side or 1)  # on the right, x looks back to where the bone comes from
        if name.startswith(("shoulder", "upper_arm")):
            y = _square_to(x, BACK * side)
            axes[bone] = x, y, np.cross(x, y)
        elif name.startswith("forearm"):  # the elbow bends about z, which it shares with the upper arm
            z = axes[above][2]
            axes[bone] = x, np.cross(z, x), z
        elif name.startswith("hand"):
            y = _square_to(x, -axes[above][2])
            axes[bone] = x, y, np.cross(x, y)
        elif name.startswith(("thumb", "f_")):
            y = _square_to(x, axes[place[f"hand.{'L' if side > 0 else 'R'}"]][1])
            axes[bone] = x, y, np.cross(x, y)
        elif name.startswith(LEGS):
            y = _square_to(-x, BACK * side)
            axes[bone] = -x, y, np.cross(-x, y)
        elif name.startswith("foot"):
            axes[bone] = axes[above]
        elif name.startswith("toe"):
            axes[bone] = -BACK * side, UP * side, -LEFT
        else:
            y = _square_to(x, BACK)
            axes[bone] = x, y, np.cross(x, y)
    return _with_root(_with(_named(body, axes, "unreal", "unreal"), _twists(body, axes)))


def _mannequin() -> Armature:
    """The figure as the mannequin rests."""
    body = figure()
    aims = np.full((len(body.names), 3), np.nan)
    for bone, name in enumerate(body.names):
        side = sign_of_side(name)
        upper = np.array([side * np.cos(MANNEQUIN_ARMS), 0.0, -np.sin(MANNEQUIN_ARMS)])
        if name.startswith("upper_arm"):
            aims[bone] = upper
        elif name.startswith("forearm"):
            aims[bone] = np.cos(MANNEQUIN_ELBOWS) * upper - np.sin(MANNEQUIN_ELBOWS) * BACK
        elif name.startswith(LEGS):
            aims[bone] = side * np.sin(MANNEQUIN_LEGS) * LEFT - np.cos(MANNEQUIN_LEGS) * UP
        elif name.startswith("foot"):
            aims[bone] = _ways(body)[bone]
    return moved_by(body, moves_of(body, turns_towards(body.parents, _ways(body), aims)))


def _twists(body: Armature, axes: np.ndarray) -> list[Extra]:
    """The helpers that the mannequin's limbs have: halfway along thigh and upper arm, and before wrist and ankle."""
    found = []
    for part, word, share in (
        ("upper_arm", "upperarm", 0.5),
        ("forearm", "lowerarm", 0.6),
        ("thigh", "thigh", 0.5),
        ("shin", "calf", 0.6),
    ):
        for letter in "LR":
            bone = body.names.index(f"{part}.{letter}")
            head, end = body.heads[bone], body.tails[bone]
            at = head + share * (end - head)
            side = letter.lower()
            found.append(Extra(f"{word}_twist_01_{side}", f"{word}_{side}", at, axes[bone], end))
    return found


def _with_root(made: Template) -> Template:
    """The mannequin's root on the ground, and the bones that its animations reach by inverse kinematics."""
    ground = np.array([0.0, 0.0, float(made.heads[:, 2].min()) - 0.02])
    place = {name: bone for bone, name in enumerate(made.names)}

    def like(name: str, above: str, bone: str) -> Extra:
        number = place[bone]
        return Extra(name, above, made.heads[number], made.axes[number], made.ends[number])

    upwards = ground + 0.2 * UP
    extras = [
        Extra("ik_foot_root", "root", ground, np.eye(3), upwards),
        like("ik_foot_l", "ik_foot_root", "foot_l"),
        like("ik_foot_r", "ik_foot_root", "foot_r"),
        Extra("ik_hand_root", "root", ground, np.eye(3), upwards),
        like("ik_hand_gun", "ik_hand_root", "hand_r"),
        like("ik_hand_l", "ik_hand_gun", "hand_l"),
        like("ik_hand_r", "ik_hand_gun", "hand_r"),
    ]
    rooted = Template(
        made.title,
        ("root", *made.names),
        np.concatenate([[-1], made.parents + 1]).astype(np.int32),
        np.concatenate([[ground], made.heads]),
        np.concatenate([[np.eye(3)], made.axes]),
        ("", *made.parts),
        np.concatenate([[upwards], made.ends]),
        ("root", *made.helpers),
    )
    return _with(rooted, extras)


def _rigify() -> Template:
    body = figure(necks=2)
    made = _named(body, bone_axes(body.heads, body.tails, body.rolls), "rigify", "rigify")
    extras = []
    for letter in "LR":
        sign = 1.0 if letter == "L" else -1.0
        hand, place = made.place[f"hand.{letter}"], made.place
        for number, stem in enumerate(FINGERS):
            knuckle = made.heads[place[f"{stem}.01.{letter}"]]
            start = made.heads[hand] + 0.35 * (knuckle - made.heads[hand])
            extras.append(_along(f"palm.{number + 1:02d}.{letter}", made.names[hand], start, knuckle, -UP))
        hip, chest = made.heads[place["hips"]], made.heads[place["chest"]]
        out = hip + np.array([sign * 0.1, -0.06, 0.06])
        extras.append(_along(f"pelvis.{letter}", made.names[place["hips"]], hip, out, -BACK))
        front = chest + np.array([sign * 0.09, -0.05, 0.06])
        extras.append(_along(f"breast.{letter}", made.names[place["chest"]], front, front - 0.08 * BACK, UP))
        heel = np.array([made.heads[place[f"foot.{letter}"]][0], 0.06, 0.01])
        start, end = heel + 0.03 * LEFT, heel - 0.03 * LEFT
        extras.append(_along(f"heel.02.{letter}", made.names[place[f"foot.{letter}"]], start, end, UP))
    return replace(_palms_between(_with(made, extras)), along=True)


def _palms_between(made: Template) -> Template:
    """The fingers hang on the palms, and come after them."""
    parents = made.parents.copy()
    for letter in "LR":
        for number, stem in enumerate(FINGERS):
            parents[made.place[f"{stem}.01.{letter}"]] = made.names.index(f"palm.{number + 1:02d}.{letter}")
    order: list[int] = []
    while len(order) < len(parents):
        order += [b for b in range(len(parents)) if b not in order and (parents[b] < 0 or parents[b] in order)]
    place = np.argsort(order)
    return replace(
        made,
        names=tuple(made.names[bone] for bone in order),
        parents=np.where(parents[order] < 0, -1, place[parents[order]]).astype(np.int32),
        heads=made.heads[order],
        axes=made.axes[order],
        parts=tuple(made.parts[bone] for bone in order),
        ends=made.ends[order],
    )


def _along(name: str, above: str, head: np.ndarray, end: np.ndarray, z: np.ndarray) -> Extra:
    """A bone whose y leads from head to end, and whose z looks about where it is told."""
    y = (end - head) / np.linalg.norm(end - head)
    z = _square_to(y, z)
    return Extra(name, above, head, np.stack([np.cross(y, z), y, z]), end)


def _named(body: Armature, axes: np.ndarray, convention: Convention, known: Known) -> Template:
    fresh = translate(body.names, body.parents, convention)
    names = tuple(fresh.get(name, name) for name in body.names)
    parts = tuple(name if is_part(name) else "" for name in body.names)
    return Template(TITLES[known], names, body.parents, body.heads, axes, parts, body.tails)


def _with(made: Template, extras: list[Extra]) -> Template:
    """The template with further bones after its own."""
    names = (*made.names, *(extra.name for extra in extras))
    return Template(
        made.title,
        names,
        np.concatenate([made.parents, [names.index(extra.above) for extra in extras]]).astype(np.int32),
        np.concatenate([made.heads, [extra.head for extra in extras]]),
        np.concatenate([made.axes, [extra.axes for extra in extras]]),
        (*made.parts, *("" for _ in extras)),
        np.concatenate([made.ends, [extra.end for extra in extras]]),
        (*made.helpers, *(extra.name for extra in extras)),
    )


def _ways(body: Armature) -> np.ndarray:
    return (body.tails - body.heads) / body.lengths[:, None]


def _square_to(axis: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The unit vector at right angles to a unit axis (3,) that is nearest to the one wanted."""
    across = wanted - (wanted @ axis) * axis
    return across / np.linalg.norm(across)
