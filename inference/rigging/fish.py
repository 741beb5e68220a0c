"""Fish and whales: an even chain through the body, fins at it."""

from __future__ import annotations

import numpy as np

from ..anatomy import Armature
from .draft import Draft
from .extras import build_line, salience_of
from .flesh import Flesh
from .limbs import Limb
from .name import numbered
from .traits import Traits

# Where the joints are on fish rigged by hand, as shares of the way from the mouth to the end of the tail fin.
FROM_MOUTH = {
    "few": ([0.34, 0.14, 0.02], [0.34, 0.6, 0.82, 0.97]),
    "normal": ([0.33, 0.13, 0.01], [0.33, 0.49, 0.62, 0.74, 0.86, 0.98]),
    "many": ([0.33, 0.22, 0.12, 0.01], [0.33, 0.42, 0.51, 0.6, 0.68, 0.76, 0.83, 0.9, 0.98]),
}
TAIL_FROM = 0.6  # bones whose head lies behind this are the tail's
SLICES = 40
LEAST_FIN = 0.07


def rig_fish(traits: Traits, density: str) -> Armature:
    """The armature of a fish that swims towards -Y."""
    draft = Draft(traits.flesh, traits.body.symmetric)
    axis = body_axis(traits.flesh)
    forwards, backwards = FROM_MOUTH[density]
    body = [share for share in backwards if share < TAIL_FROM] or backwards[:1]
    names = numbered("spine", len(body)) + numbered("tail", len(backwards) - 1 - len(body))
    spine = draft.add(_at(axis, backwards), names[: len(backwards) - 1], -1)
    head_names = [*numbered("chest", len(forwards) - 2), "head"]
    head = draft.add(_at(axis, forwards), head_names, spine[0])
    carriers = [*spine, *head]
    _fins(draft, traits, carriers, density)
    return draft.finish("fish")


def body_axis(flesh: Flesh) -> np.ndarray:
    """The middle line of a long body from front to back, (SLICES, 3): where its slices are deepest."""
    points, depth = flesh.solid.centres, flesh.solid.depth
    low, high = points[:, 1].min(), points[:, 1].max()
    where = np.clip(((points[:, 1] - low) / max(high - low, 1e-9) * SLICES).astype(int), 0, SLICES - 1)
    weight = depth**3
    total = np.bincount(where, weight, minlength=SLICES)
    filled = total > 0
    centre = np.stack([np.bincount(where, weight * points[:, axis], minlength=SLICES) for axis in range(3)], axis=1)
    at = low + (np.arange(SLICES) + 0.5) / SLICES * (high - low)
    line = np.stack([np.interp(at, at[filled], centre[filled, axis] / total[filled]) for axis in range(3)], axis=1)
    smooth = np.apply_along_axis(
        lambda v: np.convolve(np.pad(v, 3, mode="edge"), np.ones(7) / 7, mode="valid"), 0, line
    )
    smooth[:, 1] = at
    return smooth


def _at(axis: np.ndarray, shares: list[float]) -> np.ndarray:
    place = np.asarray(shares) * (len(axis) - 1)
    return np.stack([np.interp(place, np.arange(len(axis)), column) for column in axis.T], axis=1)


def _fins(draft: Draft, traits: Traits, carriers: list[int], density: str) -> None:
    count: dict[str, int] = {}
    middle = traits.flesh.solid.centres[:, 2].mean()
    taken: list[np.ndarray] = []
    for limb in sorted(traits.body.limbs[1:], key=lambda limb: -limb.reach):
        if limb.parent != 0 or limb.reach < LEAST_FIN or (limb.loose and limb.length < 2 * LEAST_FIN):
            continue
        if limb.side == 0 or abs(limb.tip[0]) < 0.04:
            continue
        name = "fin" if limb.tip[1] < 0.1 else "fin.pelvic"
        if count.get(name, 0) >= (1 if traits.body.symmetric else 2) or any(
            np.linalg.norm(limb.tip - tip) < 0.1 for tip in taken
        ):
            continue
        count[name] = count.get(name, 0) + 1
        taken.append(limb.tip)
        carrier = draft.nearest(limb.points[limb.leaves], limb.side, carriers)
        build_line(draft, limb, name, carrier, density)
    best = _largest(traits, above=True, middle=middle)
    if best is not None and density == "many":
        build_line(draft, best, "fin.dorsal", draft.nearest(best.points[best.leaves], 0, carriers), density)


def _largest(traits: Traits, above: bool, middle: float) -> Limb | None:
    fins = [
        limb
        for limb in traits.body.limbs[1:]
        if limb.side == 0 and limb.parent == 0 and (limb.tip[2] > middle) == above
    ]
    return max(fins, key=lambda limb: salience_of(limb) * limb.reach, default=None)
