"""Fish and whales: an even chain through the body, fins at it."""

from __future__ import annotations

import numpy as np

from ...anatomy import Armature
from ..bodies.interior import Interior
from ..bodies.traits import Traits
from ..bones.names import numbered
from .chain import at_shares, place_expected
from .draft import Draft
from .extras import build_line, worth_bones
from .finish import finished

# Where the joints are on fish rigged by hand, as shares of the way from the mouth to the end of the tail fin.
FROM_MOUTH = {
    "few": ([0.34, 0.14, 0.02], [0.34, 0.6, 0.82, 0.97]),
    "normal": ([0.33, 0.13, 0.01], [0.33, 0.49, 0.62, 0.74, 0.86, 0.98]),
    "many": ([0.33, 0.22, 0.12, 0.01], [0.33, 0.42, 0.51, 0.6, 0.68, 0.76, 0.83, 0.9, 0.98]),
}
TAIL_FROM = 0.6  # bones whose head lies behind this are the tail's
SLICES = 40
BEND = 2  # degree of the curve a body follows
LEAST_FIN = 0.07
LONG_FIN = 0.15  # from this reach on a fin gets as many bones as other limbs
ASIDE = 0.04  # fins nearer to the middle than this are not at the side
FINS_MOST = {"few": 1, "normal": 3, "many": 8}


def rig_fish(traits: Traits, density: str) -> Armature:
    """The armature of a fish that swims towards -Y."""
    draft = Draft(traits.interior, traits.body.symmetric)
    axis = body_axis(traits.interior)
    forwards, backwards = FROM_MOUTH[density]
    body = [share for share in backwards if share < TAIL_FROM] or backwards[:1]
    names = numbered("spine", len(body)) + numbered("tail", len(backwards) - 1 - len(body))
    spine = draft.add(_joints(traits.interior, axis, backwards), names[: len(backwards) - 1], -1)
    head_names = [*numbered("chest", len(forwards) - 2), "head"]
    head = draft.add(_joints(traits.interior, axis, forwards), head_names, spine[0])
    carriers = [*spine, *head]
    _fins(draft, traits, carriers, density)
    return finished(draft, "fish")


def body_axis(interior: Interior) -> np.ndarray:
    """The middle line of a long body from front to back, (SLICES, 3): a gentle curve through its deepest points."""
    points, depth = interior.solid.centres, interior.solid.depth
    low, length = points[:, 1].min(), float(np.ptp(points[:, 1]))
    at = np.linspace(0.0, 1.0, SLICES)
    along = (points[:, 1] - low) / max(length, 1e-9)
    root = np.sqrt(depth**3)  # polyfit squares its weights
    line = np.stack([np.polyval(np.polyfit(along, points[:, axis], BEND, w=root), at) for axis in (0, 2)], axis=1)
    return np.stack([line[:, 0], low + at * length, line[:, 1]], axis=1)


def _joints(interior: Interior, axis: np.ndarray, shares: list[float]) -> np.ndarray:
    """Joints near the given shares of the axis, where bones stay inside the shape: the tail fin may be forked."""
    place = np.linspace(shares[0], shares[-1], SLICES) * (len(axis) - 1)
    line = np.stack([np.interp(place, np.arange(len(axis)), column) for column in axis.T], axis=1)
    line = interior.pulled_in(line)
    expected = (np.asarray(shares) - shares[0]) / (shares[-1] - shares[0])
    return at_shares(line, place_expected(interior, line, interior.depth(line), expected, slack=0.05))


def _fins(draft: Draft, traits: Traits, carriers: list[int], density: str) -> None:
    """The fins at the sides, from the front: the first pair `fin`, others `fin.pelvic`, flukes `fin.tail`."""
    points = traits.interior.solid.centres
    low, length = points[:, 1].min(), float(np.ptp(points[:, 1]))
    done = {i for i, limb in enumerate(traits.body.limbs) if limb.side == 0 or abs(limb.tip[0]) < ASIDE}
    for number in worth_bones(traits, done | {0}, density)[: FINS_MOST[density]]:
        limb = traits.body.limbs[number]
        if limb.parent != 0 or limb.reach < LEAST_FIN:
            continue
        share = (limb.tip[1] - low) / length
        name = "fin.tail" if share > 0.88 else ("fin" if share < 0.62 else "fin.pelvic")
        carrier = draft.nearest(limb.points[limb.leaves], limb.side, carriers)
        build_line(draft, limb, name, carrier, "few" if limb.reach < LONG_FIN and density == "normal" else density)
