"""Mesh and rig -> the rig with chains for what hangs on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...anatomy import Armature, SkinWeights, Spring
from ...axes import rolls_towards
from ..bones.names import BOTH_SIDES, split_side
from .cones import skirt
from .figure import Figure
from .lanes import Hanging, down_cone
from .pieces import capes, hair
from .springs import marked, spring_of
from .weights import swung_weights

NOTHING = (
    "Nothing that swings was found: no skirt around the legs, no loose hair, no cape, no tail and no ears with bones. "
    "Nothing was changed."
)
BONE = 0.45  # of a thigh's length: about as long are a skirt's bones


def hanging_parts(figure: Figure) -> list[Hanging]:
    """Everything that hangs and has no bones of its own yet; no vertex belongs to two of them."""
    bones = {name.split(".")[0].rstrip("0123456789") for name in figure.bones}
    found: list[Hanging] = []
    cone = None if "skirt" in bones else skirt(figure)
    if cone is not None:
        thigh = float(figure.armature.lengths[figure.bones["thigh.L"]])
        mirrored = figure.armature.symmetry is not None
        made = down_cone(cone, figure.mesh.vertices, BONE * thigh, mirrored=mirrored)
        found += [] if made is None else [made]
    found += [] if "hair" in bones else hair(figure)
    if not {"cape", "cloth"} & bones:
        found += capes(figure, _taken(figure, found))
    free = np.ones(len(figure.mesh.vertices), bool)
    apart = []
    for part in found:
        own = part.vertices & free
        if own.sum() >= 4:
            apart.append(replace(part, vertices=own))
            free &= ~own
    return apart


def with_chains(figure: Figure, influences: int) -> tuple[Armature, SkinWeights, tuple[Spring, ...], str]:
    """The rig of `figure` with chains for what hangs, the springs of those and of tails and ears, and what to tell.

    Bones that were there keep their numbers; without anything that swings all stays as it is.
    """
    armature, skin = figure.armature, figure.skin
    marks = marked(armature)
    parts = hanging_parts(figure)
    known = {ours: armature.names[number] for ours, number in figure.bones.items()}
    springs = list(marks)
    for part in parts:
        first = len(armature.names)
        armature, chains = _with_bones(armature, part, figure)
        for name, bones in chains:
            springs.append(spring_of(part.base, name, bones, armature, known, added=True))
        skin = swung_weights(skin, figure.mesh.vertices, part, first, len(armature.names), influences)
    return armature, skin, tuple(springs), _told(parts, marks)


def _with_bones(
    armature: Armature, part: Hanging, figure: Figure
) -> tuple[Armature, list[tuple[str, tuple[str, ...]]]]:
    """The armature with the chains of one part, and their names with those of their bones."""
    names, parents, heads, tails, outward, connected = list(armature.names), [], [], [], [], []
    chains = []
    for lane in part.lanes:
        bones = []
        away = lane.joints.mean(0) - figure.armature.heads[part.carrier]
        for number in range(len(lane.joints) - 1):
            name = _free(lane.name, number + 1, names)
            parents.append(part.carrier if number == 0 else len(names) - 1)
            heads.append(lane.joints[number])
            tails.append(lane.joints[number + 1])
            outward.append([away[0], away[1], 0.0])
            connected.append(number > 0)
            names.append(name)
            bones.append(name)
        chains.append((lane.name, tuple(bones)))
    count = len(heads)
    heads, tails = np.stack(heads), np.stack(tails)
    thick = 0.1 * np.linalg.norm(tails - heads, axis=1)
    return (
        replace(
            armature,
            names=tuple(names),
            parents=np.concatenate([armature.parents, parents]).astype(np.int32),
            heads=np.concatenate([armature.heads, heads]),
            tails=np.concatenate([armature.tails, tails]),
            rolls=np.concatenate(
                [armature.rolls, rolls_towards(heads, tails, _safe(np.array(outward), tails - heads))]
            ),
            connected=np.concatenate([armature.connected, np.array(connected, bool)]),
            confidence=np.concatenate([armature.confidence, np.full(count, 0.5)]),
            deform=np.concatenate([armature.deform, np.ones(count, bool)]),
            radii=np.concatenate([armature.radii, np.stack([thick, thick], 1)]),
        ),
        chains,
    )


def _safe(outward: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Directions to turn z axes to that are not along the bones themselves."""
    across = np.linalg.norm(np.cross(outward, along), axis=1)
    weak = across < 1e-3 * np.maximum(np.linalg.norm(outward, axis=1) * np.linalg.norm(along, axis=1), 1e-12)
    outward[weak] = (0.0, -1.0, 0.0)
    return outward


def _free(lane: str, number: int, taken: list[str]) -> str:
    """`skirt.F.L` -> `skirt.F.001.L`: the side stands at the end, where the house and Blender look for it."""
    base, side = split_side(lane) if lane.endswith(BOTH_SIDES) else (lane, "")
    while (name := f"{base}.{number:03d}{side}") in taken:
        number += 1
    return name


def _taken(figure: Figure, found: list[Hanging]) -> np.ndarray:
    taken = np.zeros(len(figure.mesh.vertices), bool)
    for part in found:
        taken |= part.vertices
    return taken


def _told(parts: list[Hanging], marks: list[Spring]) -> str:
    """One sentence about what swings from now on."""
    if not parts and not marks:
        return NOTHING
    words: dict[str, int] = {}
    for part in parts:
        words[part.base] = words.get(part.base, 0) + len(part.lanes)
    made = [f"{base} ({count} {'chain' if count == 1 else 'chains'})" for base, count in words.items()]
    old = [spring.name for spring in marks]
    sentences = []
    if made:
        sentences.append(f"New bones swing: {', '.join(made)}.")
    if old:
        sentences.append(f"Bones that were there swing: {', '.join(old)}.")
    return " ".join(sentences)
