"""What perception says of a shape: several looks at its surface, put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...rigging.bodies.perceived import Perceived
from ...rigging.bodies.words import PLANS
from ..chances import softmax
from ..facing.inputs import TURNS
from ..loader import Ask
from .inputs import POINTS, inputs_of, place

STAND = 7  # place of the scores of standing among the answers
FLIP = np.array([-1.0, 1.0, 1.0])
OTHER_SIDE = [0, 2, 1]
# In training so many shapes stood otherwise than upright and facing -Y; of these the shares that faced backwards, that
# faced one of the sides, and that stood in any way.
TURNED, TURNED_BACK, TURNED_SIDE, TURNED_ANYHOW = 0.36, 0.45, 0.25, 0.3
UPRIGHT = tuple(int(turn) for turn in np.flatnonzero(TURNS[:, 2, 2] > 0.5))  # turns that leave up where it is
WARMTH = 1.0  # how far the word of the network is taken, beside how files usually stand
# Of the files that people make: a file's up is nearly always its format's, and its front mostly.
UP_AS_GIVEN, FRONT_AS_GIVEN, BACK_AS_GIVEN, SIDE_AS_GIVEN = 0.97, 0.85, 0.07, 0.04


def perceive(
    ask: Ask,
    points: np.ndarray,  # (P, 3) surface points in random order, upright and facing -Y
    normals: np.ndarray,  # (P, 3)
    vertices: int = 0,  # of the mesh, 0 = not known
    joints: float = 0,  # wanted, 0 = as many as suit the shape
    plan: str = "",
    looks: int = 2,
    *,
    mirrored: bool = True,
) -> Perceived:
    """Looks at `looks` times 1,024 of the points and, where asked, at the mirror image of each too."""
    placed, middle, size = place(points)
    chosen = np.arange(looks * POINTS) % len(points)
    shown = np.concatenate([placed[chosen], normals[chosen]], 1).reshape(looks, POINTS, 6)
    if mirrored:
        shown = np.concatenate([shown, shown * np.tile(FLIP, 2)])
    told = [np.full(len(shown), value, float) for value in (vertices, joints, PLANS.index(plan) + 1 if plan else 0)]
    answer = [np.array(value, np.float64) for value in ask(inputs_of(shown, *told).arrays())]
    part, side, pair, along, vote, error, plans, _, number, counts = answer
    part, side, pair = (softmax(scores) for scores in (part, side, pair))
    if mirrored:
        side[looks:], vote[looks:] = side[looks:][:, :, OTHER_SIDE], vote[looks:] * FLIP
        part, side, pair, along, vote, error = (
            (value[:looks] + value[looks:]) / 2 for value in (part, side, pair, along, vote, error)
        )
    log = number.mean(0)
    return Perceived(
        points=points[chosen],
        part=part.reshape(len(chosen), -1),
        side=side.reshape(len(chosen), -1),
        pair=pair.reshape(len(chosen), -1),
        along=along.ravel(),
        votes=vote.reshape(len(chosen), 3, 3) * size + middle,
        error=error.reshape(len(chosen), 3) * size,
        plan=softmax(plans).mean(0),
        joints=float(np.exp(log[0])),
        joints_error=float(log[1]),
        counts=np.expm1(np.maximum(counts.mean(0), 0.0)),
    )


def standing(ask: Ask, points: np.ndarray, normals: np.ndarray, turns: Sequence[int] = UPRIGHT) -> np.ndarray:
    """Evidence (24,) that each of the TURNS rights the points: how much likelier it makes what is then seen.

    `turns` are tried, each on 1,024 of the points; the others have no evidence, -inf. One view at a time is asked
    whether it stands right: that is learned sooner than which of 24 turns would right it.
    """
    placed, _, _ = place(points)
    clouds = []
    for look, turn in enumerate(turns):
        some = np.arange(look * POINTS, (look + 1) * POINTS) % len(points)
        clouds.append(np.concatenate([placed[some] @ TURNS[turn].T, normals[some] @ TURNS[turn].T], 1))
    nothing = np.zeros(len(clouds))
    stand = np.array(ask(inputs_of(np.stack(clouds), nothing, nothing, nothing).arrays())[STAND], np.float64)
    evidence = np.full(len(TURNS), -np.inf)
    evidence[list(turns)] = WARMTH * (_odds(softmax(stand)[:, 0]) - _odds(1 - TURNED))
    return evidence


def turn_chances() -> np.ndarray:
    """How often each turn was right of what was shown turned, (24,)."""
    share = np.full(len(TURNS), TURNED_ANYHOW / (len(TURNS) - 1))
    for turn in UPRIGHT:
        facing = TURNS[turn][1, 1]
        share[turn] += TURNED_BACK if facing < -0.5 else TURNED_SIDE / 2 if facing < 0.5 else 0.0
    share[0] = 0.0
    return share


def _odds(chance: np.ndarray | float) -> np.ndarray:
    """Logarithm of how much likelier something is than not."""
    chance = np.clip(chance, 1e-9, 1 - 1e-9)
    return np.log(chance / (1 - chance))
