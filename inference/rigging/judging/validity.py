"""What every rig must fulfil, whatever it looks like."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...anatomy import Armature, SkinWeights

SHORTEST = 1e-6  # shorter bones vanish in Blender
SUM_TOLERANCE = 1e-5


def valid_problems(armature: Armature, skin: SkinWeights | None, influences: int | None = None) -> list[str]:
    """What makes this rig invalid, in a rigger's words; nothing for a valid one."""
    problems = bone_problems(armature)
    return problems if skin is None else problems + weight_problems(armature, skin, influences)


def bone_problems(armature: Armature) -> list[str]:
    """The same for the bones alone."""
    count = len(armature.names)
    if count == 0:
        return ["The armature has no bones."]
    problems = [f"The name '{name}' is used {n} times." for name, n in Counter(armature.names).items() if n > 1]
    for bone in np.flatnonzero(~(np.isfinite(armature.heads) & np.isfinite(armature.tails)).all(1)):
        problems.append(f"Bone '{armature.names[bone]}' has a position that is not a number.")
    for bone in np.flatnonzero(armature.lengths < SHORTEST):
        problems.append(f"Bone '{armature.names[bone]}' has no length.")
    if ((armature.parents < -1) | (armature.parents >= count)).any():
        return [*problems, "A bone has a parent that does not exist."]
    roots = [armature.names[bone] for bone in np.flatnonzero(armature.parents < 0)]
    if len(roots) > 1:
        problems.append(f"There are {len(roots)} roots: {', '.join(roots[:4])}. One bone should carry all others.")
    if (_tops(armature.parents) >= 0).any():
        problems.append("Some bones are parents of each other in a circle.")
    return problems


def weight_problems(armature: Armature, skin: SkinWeights, influences: int | None) -> list[str]:
    """The same for the weights alone."""
    if not np.isfinite(skin.weights).all() or (skin.weights < 0).any():
        return ["Some weights are negative or not a number."]
    used = skin.weights > 0
    if used.any() and not 0 <= int(skin.bones[used].min()) <= int(skin.bones[used].max()) < len(armature.names):
        return ["Some weights belong to bones that do not exist."]
    problems = []
    total = skin.weights.sum(1, dtype=np.float64)
    bare = int((total < SUM_TOLERANCE).sum())
    if bare:
        problems.append(f"{bare} vertices have no weight.")
    uneven = int((np.abs(total - 1) > SUM_TOLERANCE).sum()) - bare
    if uneven:
        problems.append(f"The weights of {uneven} vertices do not sum to 1.")
    most = int(used.sum(1).max(initial=0))
    if influences is not None and most > influences:
        problems.append(f"A vertex has {most} influences; {influences} are allowed.")
    return problems


def _tops(parents: np.ndarray) -> np.ndarray:
    """Where each bone ends up after as many steps to the parent as there are bones: -1 unless in a circle."""
    top = np.arange(len(parents))
    for _ in range(len(parents)):
        top = np.where(top >= 0, parents[top], -1)
    return top
