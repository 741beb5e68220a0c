"""What somebody who has seen many shapes says about one, and how far the geometry follows it.

The geometry takes a shape to stand on +Z and knows the front of one that does better than the network; that a person or
an animal lies on its back only the network sees. Where the network is not sure, the geometry tries the likely ways of
standing, and the one in which it finds a body best counts. Of furniture and plants the network is often wrongly sure:
they stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...kinds import KINDS, Kind

STOOD_UP = tuple(kind for kind, facts in KINDS.items() if facts.upright)
LEGGED = 0.2  # chance of being one of them below which a shape stays as it is
SURE = 0.97  # chance of one way of standing from which no other is tried
LIKELY = 0.05  # chance from which a way is tried ...
MOST = 3  # ... and how many are, at most
NOT_AMISS = 0.3  # chance from which the way a thing was handed over is left alone, if it hardly looks legged
AS_IT_IS = 1.5  # how much likelier than others the way in which a shape was handed over is
DOUBT = 0.1  # a way in which the geometry finds no body still has this share of its chance
BODY = 0.75  # evidence of a body from which a thing that does not look like one is stood up all the same


@dataclass(frozen=True)
class Hint:
    """What a network thinks of a shape, in the mesh's frame; chances are calibrated, 0..1."""

    kind: Kind
    kind_certainty: float
    legged: float  # chance of its being a biped or a quadruped
    ups: np.ndarray  # (W, 3) unit vectors along axes: ways of standing
    forwards: np.ndarray  # (W, 3) where it looks in each of them
    chances: np.ndarray  # (W,) of each

    def turned(self, turn: np.ndarray) -> Hint:
        """The same for the mesh turned by a rotation (3, 3) of column vectors."""
        return replace(self, ups=self.ups @ turn.T, forwards=self.forwards @ turn.T)


@dataclass(frozen=True)
class Way:
    """One way of standing."""

    turn: np.ndarray  # (3, 3) rotation that stands the shape up, one of the 24 that map axes onto axes
    chance: float
    front: np.ndarray | None = None  # (3,) where it looks, in the mesh's own frame; None: to be found once it stands


AS_GIVEN = Way(np.eye(3), 1.0)


def ways_to_stand(hint: Hint | None) -> tuple[Way, ...]:
    """The ways of standing worth a try, likeliest first; only the one of the mesh without a hint.

    A shape that is stood up also faces -Y as nearly as it can, so that all 24 ways of lying end in the same one.
    """
    if hint is None or hint.legged < LEGGED:
        return (AS_GIVEN,)
    given = hint.ups[:, 2] > 0.5
    chances = hint.chances * np.where(given, AS_IT_IS, 1.0)
    chances = chances / chances.sum()
    order = np.argsort(-chances, kind="stable")
    if hint.kind not in STOOD_UP and chances[given].sum() >= NOT_AMISS:
        return (AS_GIVEN,)
    if chances[order[0]] >= SURE and hint.kind in STOOD_UP:
        order = order[:1]
    else:
        worth = [way for way in order if chances[way] >= LIKELY and not given[way]]
        order = sorted([*np.flatnonzero(given), *worth[: MOST - 1]], key=lambda way: -chances[way])
    return tuple(Way(_standing(hint.ups[way], hint.forwards[way]), float(chances[way])) for way in order)


def way_to_front(front: Sequence[float], hint: Hint | None) -> Way:
    """How a shape stands that looks to `front`, one of the six directions along axes.

    What looks to a side stands on +Z. What looks up or down lies: on its likeliest way, or as files with Y up come.
    """
    forward = np.array(front, float)
    if forward[2] == 0.0:
        return Way(np.eye(3), 1.0, forward)
    up = np.array([0.0, 1.0, 0.0])
    if hint is not None:
        level = np.flatnonzero(np.abs(hint.ups[:, 2]) < 0.5)
        up = hint.ups[level[int(np.argmax(hint.chances[level]))]]
    return Way(_standing(up, forward), 1.0, forward)


def best_way(hint: Hint | None, ways: Sequence[Way], bodies: Sequence[float]) -> int:
    """Which of several ways is right, by their chances and by how much of a body the geometry found in each, 0..1."""
    looks_like_one = hint is not None and hint.kind in STOOD_UP
    worth = [
        way.chance * (DOUBT + body) if looks_like_one or body >= BODY or way.turn[2, 2] > 0.5 else 0.0
        for way, body in zip(ways, bodies, strict=True)
    ]
    return int(np.argmax(worth))


def _standing(up: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """The rotation that brings an axis up; none for a shape that stands already, which way it looks is found later."""
    up = nearest_axis(up)
    if up[2] > 0:
        return np.eye(3)
    forward = nearest_axis(forward - (forward @ up) * up)
    return np.stack([np.cross(up, forward), -forward, up])


def nearest_axis(direction: np.ndarray) -> np.ndarray:
    """The one of the six axis directions that is nearest to a direction (3,)."""
    axis = np.zeros(3)
    longest = int(np.argmax(np.abs(direction)))
    axis[longest] = 1.0 if direction[longest] >= 0 else -1.0
    return axis
