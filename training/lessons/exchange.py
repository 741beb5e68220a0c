"""Bodies made of two: the head, the legs or the tail of one on the trunk of another of the same plan.

Riggers' habits and shapes then come apart: the network meets each head with many trunks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from training.datasets.packed.surfaces import STEPS

from .bodies import GROUPS, Body

HEAD, ARM, HAND, LEG, FOOT, WING, TAIL, NECK = (1 + index for index in range(len(GROUPS)))
WHOLE = ((HEAD,), (HEAD, NECK), (ARM, HAND), (LEG, FOOT), (WING,), (TAIL,))  # what is exchanged together
OFTEN = 0.4  # that limbs of one sort are exchanged
GROWTH = 0.15  # of the logarithm of what comes in
OF_JOINTS = ("heads", "tails", "part", "side", "pair", "group", "still")


@dataclass(frozen=True)
class Limbs:
    """The subtrees of some groups in a body."""

    tops: np.ndarray  # joints by which they hang on the rest
    inside: np.ndarray  # (J,) bool


def limbs_of(body: Body, groups: tuple[int, ...]) -> Limbs:
    """The outermost joints of these groups and all that hangs on them."""
    wanted = np.isin(body.group, groups)
    inside, tops = np.zeros(len(body.parents), bool), []
    for joint, parent in enumerate(body.parents):  # parents come first
        above = parent >= 0 and inside[parent]
        if not above and wanted[joint] and parent >= 0:
            tops.append(joint)
        inside[joint] = above or (wanted[joint] and parent >= 0)
    return Limbs(np.array(tops, np.int64), inside)


def exchanged(body: Body, other: Body, groups: tuple[int, ...], random: np.random.Generator) -> Body:
    """`body` with the limbs of `other`; as it was where the two do not match."""
    mine, theirs = limbs_of(body, groups), limbs_of(other, groups)
    pairs = [(top, _like(body, top, other, theirs.tops)) for top in mine.tops]
    if not pairs or any(partner < 0 for _, partner in pairs) or not (~mine.inside).any():
        return body
    kept = np.flatnonzero(~mine.inside)
    place = np.full(len(body.parents), -1)
    place[kept] = np.arange(len(kept))
    made = _Growing(body, kept, place)
    grown = np.exp(random.normal(0, GROWTH))
    for top, partner in pairs:
        made.take(other, partner, body, top, grown)
    return made.body(random)


def mixed(body: Body, alike: Mapping[int, list[Body]], random: np.random.Generator) -> Body:
    """A body with some limbs of another of its plan, wherever two of them match."""
    others = alike.get(body.plan, [])
    if len(others) < 2:
        return body
    other = others[int(random.integers(len(others)))]
    for groups in WHOLE:
        if other is not body and random.random() < OFTEN:
            body = exchanged(body, other, groups, random)
    return body


def _like(body: Body, top: int, other: Body, tops: np.ndarray) -> int:
    """The limb of the other body that is on the same side and in the same order; -1 where there is none."""
    same = [int(t) for t in tops if other.side[t] == body.side[top] and other.pair[t] == body.pair[top]]
    exact = [t for t in same if other.part[t] == body.part[top]]
    found = exact or same
    return min(found, key=lambda t: float(np.linalg.norm(other.heads[t] - body.heads[top])), default=-1)


def _reach(body: Body, inside: np.ndarray, at: np.ndarray) -> float:
    """How far the flesh of some joints reaches from a place."""
    mine = inside[body.joint]
    if not mine.any():
        return 0.0
    return float(np.quantile(np.linalg.norm(body.quantised[mine] / STEPS - at, axis=1), 0.9))


def _below(body: Body, top: int) -> np.ndarray:
    """A joint and all that hangs on it, (J,) bool."""
    inside = np.zeros(len(body.parents), bool)
    inside[top] = True
    for joint, parent in enumerate(body.parents):
        inside[joint] = inside[joint] or (parent >= 0 and inside[parent])
    return inside


class _Growing:
    """A body that takes limbs of others."""

    def __init__(self, body: Body, kept: np.ndarray, place: np.ndarray) -> None:
        self._of = body
        self._joints = {name: [getattr(body, name)[kept]] for name in OF_JOINTS}
        self._parents = [np.where(body.parents[kept] >= 0, place[body.parents[kept]], -1)]
        self._above = [place[body.above[kept]]]
        self._count = len(kept)
        self._place = place
        flesh = np.isin(body.joint, kept)
        bones, shares = _kept_bones(body.bones[flesh], body.shares[flesh], place, place[body.joint[flesh]])
        self._points = {
            "quantised": [body.quantised[flesh].astype(np.float64)],
            "directions": [body.directions[flesh]],
            "bones": [bones],
            "shares": [shares],
            "joint": [place[body.joint[flesh]]],
            "along": [body.along[flesh]],
        }
        self._density = [np.ones(int(flesh.sum()))]

    def take(self, other: Body, partner: int, body: Body, top: int, grown: float) -> None:
        """The limb of `other` that begins at a joint, in place of the one of `body`."""
        theirs, mine = _below(other, partner), _below(body, top)
        reach = _reach(other, theirs, other.heads[partner])
        scale = grown * _reach(body, mine, body.heads[top]) / reach if reach > 0 else 1.0
        chosen = np.flatnonzero(theirs)
        place = np.full(len(other.parents), -1)
        place[chosen] = self._count + np.arange(len(chosen))
        self._count += len(chosen)
        for name, parts in self._joints.items():
            parts.append(getattr(other, name)[chosen])
        for name in ("heads", "tails"):
            moved = (self._joints[name][-1] - other.heads[partner]) * scale + body.heads[top]
            self._joints[name][-1] = moved
        trunk = self._place[body.parents[top]]
        parents = np.where(theirs[other.parents[chosen]], place[other.parents[chosen]], trunk)
        self._parents.append(parents)
        above = other.above[chosen]
        self._above.append(np.where(theirs[above], place[above], trunk))
        flesh = theirs[other.joint]
        bones, shares = _kept_bones(other.bones[flesh], other.shares[flesh], place, place[other.joint[flesh]])
        points = (other.quantised[flesh] - STEPS * other.heads[partner]) * scale + STEPS * body.heads[top]
        for name, values in (
            ("quantised", points),
            ("directions", other.directions[flesh]),
            ("bones", bones),
            ("shares", shares),
            ("joint", place[other.joint[flesh]]),
            ("along", other.along[flesh]),
        ):
            self._points[name].append(values)
        self._density.append(np.full(int(flesh.sum()), scale * scale))

    def body(self, random: np.random.Generator) -> Body:
        """What it has become, with as many points as it had."""
        density = np.concatenate(self._density)
        count = len(self._of.quantised)
        chosen = random.choice(len(density), count, p=density / density.sum())
        points = {name: np.concatenate(parts)[chosen] for name, parts in self._points.items()}
        joints = {name: np.concatenate(parts) for name, parts in self._joints.items()}
        fleshed = np.unique(points["joint"])
        return replace(
            self._of,
            **joints,
            **(points | {"quantised": np.clip(points["quantised"], -90_000, 90_000).astype(np.int32)}),
            parents=np.concatenate(self._parents),
            above=np.concatenate(self._above),
            counts=np.bincount(joints["part"][fleshed], minlength=len(self._of.counts)),
            joints=len(fleshed),
            poses=np.zeros((0, self._count, 3, 3), np.float32),
        )


def _kept_bones(
    bones: np.ndarray, shares: np.ndarray, place: np.ndarray, own: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bones by their new places; what hung on bones that are gone hangs on the point's own."""
    moved = place[bones]
    gone = moved < 0
    return np.where(gone, own[:, None], moved).astype(np.uint8), shares
