"""A person made of bones alone, for tests of rest poses and of skeletons: canonical frame, our names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, Symmetry
from inference.frames import Frame
from inference.rigging.bones.hinges import with_natural_rolls
from inference.rigging.bones.rolls import bone_rolls

KNUCKLES = {"f_index": -0.03, "f_middle": -0.01, "f_ring": 0.01, "f_pinky": 0.03}  # along Y, the thumb's side in front
MIDDLE = [
    ("hips", "", (0, 0, 0.95), (0, 0, 1.05)),
    ("spine", "hips", (0, 0, 1.05), (0, 0.01, 1.15)),
    ("spine.001", "spine", (0, 0.01, 1.15), (0, 0.02, 1.27)),
    ("chest", "spine.001", (0, 0.02, 1.27), (0, 0.02, 1.45)),
    ("neck", "chest", (0, 0.02, 1.45), (0, 0.0, 1.55)),
    ("head", "neck", (0, 0.0, 1.55), (0, 0.0, 1.75)),
]
SIDE = [
    ("shoulder", "chest", (0.03, 0.01, 1.42), (0.17, 0.02, 1.42)),
    ("upper_arm", "shoulder", (0.17, 0.02, 1.42), (0.44, 0.02, 1.42)),
    ("forearm", "upper_arm", (0.44, 0.02, 1.42), (0.69, 0.01, 1.42)),
    ("hand", "forearm", (0.69, 0.01, 1.42), (0.77, 0.0, 1.42)),
    ("thumb.01", "hand", (0.71, -0.02, 1.41), (0.74, -0.06, 1.4)),
    ("thumb.02", "thumb.01", (0.74, -0.06, 1.4), (0.76, -0.09, 1.4)),
    ("thumb.03", "thumb.02", (0.76, -0.09, 1.4), (0.78, -0.11, 1.4)),
    ("thigh", "hips", (0.1, 0.0, 0.93), (0.1, -0.01, 0.5)),
    ("shin", "thigh", (0.1, -0.01, 0.5), (0.1, 0.02, 0.09)),
    ("foot", "shin", (0.1, 0.02, 0.09), (0.1, -0.12, 0.02)),
    ("toe", "foot", (0.1, -0.12, 0.02), (0.1, -0.19, 0.02)),
]


def person(*, fingers: bool = True) -> Armature:
    """A person in T-pose, palms down, facing -Y."""
    rows = [*MIDDLE]
    for mark, sign in ((".L", 1.0), (".R", -1.0)):
        side = [*SIDE]
        if fingers:
            for stem, y in KNUCKLES.items():
                for k in (1, 2, 3):
                    above = "hand" if k == 1 else f"{stem}.{k - 1:02d}"
                    start, end = (0.77 + 0.03 * (k - 1), y, 1.42), (0.77 + 0.03 * k, y * (1 + 0.1 * k), 1.42)
                    start = start if k == 1 else (start[0], y * (1 + 0.1 * (k - 1)), 1.42)
                    side.append((f"{stem}.{k:02d}", above, start, end))
        else:
            side = [row for row in side if not row[0].startswith("thumb")]
        own = {row[0] for row in side}
        rows += [
            (name + mark, above + mark if above in own else above, *(np.array(p) * (sign, 1, 1) for p in (head, tail)))
            for name, above, head, tail in side
        ]
    names = tuple(row[0] for row in rows)
    parents = np.array([names.index(row[1]) if row[1] else -1 for row in rows], np.int32)
    heads, tails = (np.array([row[k] for row in rows], float) for k in (2, 3))
    inside = np.maximum(parents, 0)
    connected = (parents >= 0) & (np.linalg.norm(tails[inside] - heads, axis=1) < 1e-9)
    count = len(names)
    made = Armature(
        names,
        parents,
        heads,
        tails,
        bone_rolls(heads, tails, parents),
        connected,
        np.ones(count),
        np.ones(count, bool),
        np.full((count, 2), 0.03),
        "biped",
        Symmetry(np.array([1.0, 0.0, 0.0]), 0.0),
    )
    return with_natural_rolls(made)


def turned(armature: Armature, turn: Rotation, size: float = 1.0, shift: tuple[float, float, float] = (0, 0, 0)):
    """The whole armature turned, scaled and shifted."""
    return Frame(turn.as_matrix().T, size, np.array(shift, float)).out(armature)


def renamed(armature: Armature, names: dict[str, str]) -> Armature:
    """With other names for some bones."""
    return replace(armature, names=tuple(names.get(name, name) for name in armature.names))


def way(armature: Armature, start: str, end: str) -> np.ndarray:
    """The unit vector from one bone's head to another's, (3,)."""
    span = armature.heads[armature.names.index(end)] - armature.heads[armature.names.index(start)]
    return span / np.linalg.norm(span)
