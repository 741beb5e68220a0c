"""Wings: of feathers, folded or spread, and of skin between fingers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from inference.rigging.bones.names import numbered

from ..plan import Plan, smooth_line


def spread_wing(
    plan: Plan, root: np.ndarray, span: float, chord: float, carrier: int, side: int, drawn: np.ndarray
) -> list[int]:
    """A feathered wing held out: an arm along its front edge and a slab behind; `drawn` (4,) in -1..1."""
    count = int(2 + round(1 + drawn[0]))  # 2 to 4
    rise = 0.35 * drawn[1]
    sweep = 0.25 + 0.3 * drawn[2]
    shares = np.linspace(0, 1, 6)
    edge = root + span * np.stack(
        [shares, sweep * (shares - 0.45) ** 2 - 0.1 * np.sin(np.pi * shares), rise * shares - 0.1 * shares**2], 1
    )
    bones = plan.chain(numbered("wing", count), smooth_line(edge, count + 1) * 1.0, carrier, side)
    thick = 0.035 * span * (1.3 + drawn[3])
    radii = thick * np.linspace(1.6, 0.45, 6)
    plan.body(edge, radii[:, None] * [1.0, 0.8], bones, side, across=(0, 1, 0), make="tube", band=0.8)
    depth = chord * np.array([1.0, 1.0, 0.95, 0.85, 0.65, 0.35])
    rows = np.linspace(0, 1, 4)[:, None]
    points = edge[None] + np.stack([0.12 * depth * rows, depth * rows, -0.08 * depth * rows**2], 2)
    plan.panel(points, np.linspace(0.7, 0.35, 4)[:, None] * thick, bones, side)
    return bones


def folded_wing(
    plan: Plan, root: np.ndarray, length: float, height: float, carrier: int, side: int, drawn: np.ndarray
) -> list[int]:
    """A wing laid against the body."""
    count = int(1 + round(0.5 + 0.5 * drawn[0]) + (drawn[3] > 0.3))
    end = root + length * np.array([-0.02, 1.0, -0.35 + 0.15 * drawn[1]])
    middle = 0.5 * (root + end) + height * np.array([0.3, 0, 0.1])
    line = smooth_line(np.stack([root, middle, end]), 7)
    bones = plan.chain(numbered("wing", count), smooth_line(line, count + 1), carrier, side)
    taper = np.array([0.55, 0.9, 1.0, 0.92, 0.75, 0.5, 0.18])
    radii = np.stack([np.maximum(0.24 * height * taper, 0.05 * height), 0.55 * height * taper], 1)
    plan.body(line, radii, bones, side, across=(1, 0, 0), make="tube", band=0.6)
    return bones


def skin_wing(
    plan: Plan, root: np.ndarray, span: float, chord: float, carrier: int, side: int, drawn: np.ndarray
) -> list[int]:
    """A bat's or dragon's wing: an arm, and skin between the fingers that spread from its wrist."""
    rise = 0.5 + 0.45 * drawn[0]
    elbow = root + span * np.array([0.26, 0.12, 0.22 * rise])
    wrist = root + span * np.array([0.5, -0.08 + 0.1 * drawn[1], 0.42 * rise + 0.08])
    tip = root + span * np.array([1.0, 0.12 + 0.25 * drawn[2], 0.35 * rise])
    bones = plan.chain(numbered("wing", 3), np.stack([root, elbow, wrist, tip]), carrier, side)
    thick = 0.028 * span * (1.2 + 0.4 * drawn[3])
    plan.body(
        np.stack([root, elbow, wrist]), thick * np.array([1.5, 1.1, 0.9]), bones[:2], side, make="tube", blend=0.02
    )
    fingers = [tip]
    count = int(plan.look.sides % 3 + 1)
    ends = [
        root + span * np.array([0.95 - 0.3 * k, 0.25 + chord / span * (0.55 + 0.4 * k / count), 0.1 * rise])
        for k in range(1, count + 1)
    ]
    named = drawn[3] > -0.4
    follow = list(bones)
    for number, end in enumerate(ends):
        own = plan.chain([f"wing.finger{number + 1}"], np.stack([wrist, end]), bones[1], side) if named else [bones[1]]
        follow += own if named else []
        plan.body(np.stack([wrist, end]), thick * np.array([0.7, 0.3]), own, side, make="tube", grip=named)
        fingers.append(end)
    plan.body(np.stack([wrist, tip]), thick * np.array([0.85, 0.3]), bones[2:], side, make="tube")
    body = root + np.array([0.02 * span, chord, -0.05 * span])
    rays = [_ray(wrist, end) for end in fingers]
    inner = [_ray(wrist, 0.5 * (ends[-1] + body) + [0, -0.1 * chord, 0]), _ray(elbow, body), _ray(root, body)]
    points = _between([*rays, *inner])
    plan.panel(points, 0.4 * thick, follow, side)
    return bones


def _ray(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    return smooth_line(np.stack([first, last]), 5)


def _between(rays: Sequence[np.ndarray]) -> np.ndarray:
    """A grid over rays, with the free edge scalloped between them, (5, C, 3)."""
    columns = [rays[0]]
    for before, after in pairwise(rays):
        middle = 0.5 * (before + after)
        pulled = middle[0] + 0.86 * (middle - middle[0])
        columns += [pulled, after]
    return np.stack(columns, 1)


def draws(plan: Plan) -> np.ndarray:
    """Numbers in -1..1 to be used on both sides alike, (4,)."""
    return plan.rng.uniform(-1, 1, 4)
