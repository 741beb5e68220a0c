"""Insects, spiders, crabs and scorpions."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..plan import Plan, along, smooth_line, unit

PAIRS = {3: ("front", "mid", "hind")}


def insect(seed: int) -> KnownShape:
    """One of them; it looks towards -Y."""
    plan = start("insect", "insect", seed, 5)
    kind = str(
        plan.rng.choice(["ant", "beetle", "bee", "spider", "crab", "scorpion"], p=[0.2, 0.2, 0.15, 0.25, 0.08, 0.12])
    )
    pairs = {"spider": 4, "scorpion": 4, "crab": int(plan.rng.integers(3, 5))}.get(kind, 3)
    girth = plan.uniform(0.1, 0.2)
    thorax, head = _trunk(plan, kind, girth)
    _legs(plan, kind, pairs, girth, thorax)
    if kind not in ("spider", "crab", "scorpion") and plan.chance(0.8):
        _antennae(plan, head, girth)
    if kind in ("bee",) or (kind == "ant" and plan.chance(0.2)):
        _wings(plan, thorax, girth)
    if kind in ("scorpion", "crab"):
        _claws(plan, thorax, girth)
    return build(plan, seed)


def _trunk(plan: Plan, kind: str, girth: float) -> tuple[int, int]:
    """Thorax as the root, the head before and the abdomen behind it."""
    length = plan.uniform(0.25, 0.4)
    behind = plan.uniform(0.25, 0.7) if kind not in ("crab",) else 0.0
    front, rear = np.array([0, -0.5 * length, 0]), np.array([0, 0.5 * length, 0])
    thorax = plan.chain(["spine"], np.stack([rear, front]), -1)
    flat = plan.uniform(0.55, 1.0)
    wide = girth * (1.7 if kind == "crab" else 1.0)
    shape = np.array([0.7, 1.0, 0.95, 0.65])
    plan.body(
        smooth_line(np.stack([rear, front]), 4),
        np.stack([wide * shape, flat * girth * shape], 1),
        thorax,
        blend=0.02,
        grip=False,
    )
    size = girth * plan.uniform(0.5, 0.95)
    nose = front + [0, -1.5 * size, plan.uniform(-0.3, 0.3) * size]
    head = plan.chain(["head"], np.stack([front, nose]), thorax[0])
    plan.body(
        np.stack([front + 0.45 * (nose - front), front + 0.6 * (nose - front)]),
        [size * 0.75] * 2,
        head,
        blend=0.02,
        band=0.4,
    )
    if plan.chance(0.6):
        bulge = size * plan.uniform(0.2, 0.5)
        for side in plan.sides():
            at = front + 0.6 * (nose - front) + [0.6 * size, -0.15 * size, 0.25 * size]
            plan.body(at[None], [bulge], head, side, make="loose" if plan.look.sides > 8 else "tube", grip=False)
    if kind == "scorpion":
        _stinger(plan, thorax[0], rear, girth)
    elif behind:
        droop = plan.uniform(-0.3, 0.35) * behind
        end = rear + [0, behind, droop]
        count = int(plan.rng.choice([1, 2, 3], p=[0.65, 0.2, 0.15]))
        bones = plan.chain(numbered("tail", count), smooth_line(np.stack([rear, end]), count + 1), thorax[0])
        high = plan.uniform(0.8, 1.8) * girth * (1.2 if kind in ("spider", "beetle") else 1.0)
        sharp = plan.uniform(0.2, 0.7)
        fat = np.array([0.45, 0.85, 1.0, 0.9, sharp]) * min(high, 0.8 * behind)
        plan.body(
            smooth_line(np.stack([rear, end]), 5),
            np.stack([fat, fat * plan.uniform(0.7, 1.0)], 1),
            bones,
            blend=0.02,
            band=0.4,
        )
        if kind == "beetle" and plan.chance(0.6):
            shell = np.stack(
                [
                    rear + [0, -0.3 * length, 0.3 * girth],
                    0.5 * (rear + end) + [0, 0, 0.5 * high],
                    end + [0, 0, 0.2 * high],
                ]
            )
            plan.body(
                smooth_line(shell, 5),
                np.stack([1.15 * fat.max() * np.array([0.7, 1, 1.05, 0.95, 0.5]), 0.7 * fat], 1),
                bones[:1],
                make="loose",
                grip=False,
            )
    return thorax[0], head[0]


def _stinger(plan: Plan, carrier: int, rear: np.ndarray, girth: float) -> None:
    count = int(plan.rng.integers(4, 7))
    reach = plan.uniform(0.5, 0.9)
    points = rear + reach * np.array(
        [[0, 0, 0], [0, 0.5, 0.05], [0, 0.85, 0.35], [0, 0.75, 0.8], [0, 0.35, 0.95], [0, 0.1, 0.7]]
    )
    bones = plan.chain(numbered("tail", count), smooth_line(points, count + 1), carrier)
    plan.body(smooth_line(points, 14), girth * np.linspace(0.75, 0.2, 14), bones, blend=0.02)


def _legs(plan: Plan, kind: str, pairs: int, girth: float, thorax: int) -> None:
    joints = int(plan.rng.choice([3, 4], p=[0.6, 0.4]))
    reach = plan.uniform(0.4, 1.0) * (1.25 if kind == "spider" else 1.0)
    knee, low = plan.uniform(0.1, 0.6) * reach, -plan.uniform(0.25, 0.7) * reach - 0.5 * girth
    thick = girth * plan.uniform(0.09, 0.24)
    fan = plan.uniform(0.5, 1.0)
    back = plan.bones[thorax].head[1]
    ahead = plan.bones[thorax].tail[1]
    wide = 1.7 if kind == "crab" else 1.0
    turns = np.linspace(-1, 1, pairs) * fan + plan.uniform(-0.15, 0.15)
    for rank, turn in enumerate(turns):
        y = ahead + (back - ahead) * (rank + 0.5) / pairs
        way = np.array([np.cos(turn), np.sin(turn), 0])
        root = np.array([0.55 * girth * wide, y, -0.15 * girth])
        grown = reach * (1.0 + 0.25 * (abs(turn) > 0.4))
        points = np.stack(
            [
                root,
                root + 0.45 * grown * way + [0, 0, knee],
                root + 0.8 * grown * way + [0, 0, 0.4 * low],
                root + grown * way + [0, 0, low],
            ]
        )
        if joints == 4:
            points = np.concatenate([points[:1], [root + 0.15 * grown * way + [0, 0, 0.15 * knee]], points[1:]])
        name = f"leg.{PAIRS[pairs][rank]}" if pairs in PAIRS else f"leg{rank + 1}"
        for side in plan.sides():
            own = points if plan.symmetric else points + plan.rng.normal(0, 0.02, points.shape)
            bones = plan.chain(numbered(name, joints), own, thorax, side)
            radii = thick * np.linspace(1.25, 0.55, len(own))
            inner = root - 0.5 * girth * way * [1, 0.5, 0]
            plan.body(
                np.concatenate([inner[None], own]),
                np.concatenate([radii[:1], radii]),
                bones,
                side,
                make="tube",
                band=0.7,
            )


def _antennae(plan: Plan, head: int, girth: float) -> None:
    bone = plan.bones[head]
    base = bone.head + 0.65 * (bone.tail - bone.head) + [0.2 * girth, 0, 0.25 * girth]
    long = plan.uniform(0.2, 0.6)
    way = unit([plan.uniform(0.2, 0.9), -1.0, plan.uniform(0.1, 1.0)])
    points = np.stack([base, base + 0.5 * long * way + [0, 0, 0.15 * long], base + long * way])
    count = int(plan.rng.choice([1, 2, 3]))
    thick = girth * plan.uniform(0.06, 0.12)
    for side in plan.sides():
        bones = plan.chain(numbered("antenna", count), smooth_line(points, count + 1), head, side)
        plan.body(smooth_line(points, 6), thick * np.array([1, 0.9, 0.8, 0.8, 0.8, 1.3]), bones, side, make="tube")


def _wings(plan: Plan, thorax: int, girth: float) -> None:
    two = plan.chance(0.5)
    span, back, rise = plan.uniform(0.4, 0.9), plan.uniform(0.1, 0.9), plan.uniform(0.1, 0.7)
    for number in range(1 + two):
        root = np.array([0.4 * girth, -0.05 + 0.12 * number, 0.6 * girth])
        tip = root + span * (1 - 0.25 * number) * unit([1, back + 0.3 * number, rise])
        shares = np.linspace(0, 1, 5)
        edge = root + shares[:, None] * (tip - root)
        chord = 0.4 * span * np.array([0.3, 0.75, 1.0, 0.95, 0.4])
        points = (
            edge[None] + np.linspace(-0.25, 0.75, 4)[:, None, None] * np.array([-0.2, 1.0, 0]) * chord[None, :, None]
        )
        count = int(plan.rng.choice([1, 2]))
        for side in plan.sides():
            bones = plan.chain(
                numbered("wing" if number == 0 else "wing2", count),
                smooth_line(edge[[0, 2, 4]], count + 1),
                thorax,
                side,
            )
            plan.panel(points, 0.022 * span + 0.006, bones, side)


def _claws(plan: Plan, thorax: int, girth: float) -> None:
    ahead = plan.bones[thorax].tail[1]
    size = girth * plan.uniform(0.5, 1.1)
    root = np.array([0.8 * girth, ahead + 0.05, 0.0])
    elbow = root + [0.25 + 0.3 * girth, -0.1, plan.uniform(-0.05, 0.1)]
    wrist = elbow + np.array([-0.02, -0.25, 0.0])
    tip = wrist + [-0.04, -2.0 * size, 0]
    pinch = plan.chance(0.6)
    for side in plan.sides():
        bones = plan.chain(["upper_arm", "forearm", "hand"], np.stack([root, elbow, wrist, tip]), thorax, side)
        plan.body(np.stack([root, elbow, wrist]), girth * np.array([0.2, 0.2, 0.24]), bones[:2], side, make="tube")
        line = along(np.stack([wrist, tip]), [0, 0.3, 0.65, 1.0])
        plan.body(
            line,
            size * np.array([[0.3, 0.3], [0.62, 0.45], [0.4, 0.3], [0.1, 0.1]]),
            bones[2:],
            side,
            make="tube",
            band=0.3,
        )
        if pinch:
            thumb = np.stack([line[1] + [-0.3 * size, 0, 0], tip + [-0.55 * size, 0.2 * size, 0]])
            own = plan.chain(["claw"], thumb, bones[2], side)
            plan.body(thumb, size * np.array([0.24, 0.07]), own, side, make="tube", band=0.3)
