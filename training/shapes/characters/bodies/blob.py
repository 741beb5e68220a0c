"""Simple bodies with few joints: slimes, ghosts, mushrooms, monsters with stumps."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..plan import Plan, smooth_line


def blob(seed: int) -> KnownShape:
    """One of them."""
    plan = start("creature", "blob", seed, 10)
    tall = plan.uniform(0.5, 1.3)
    wide, deep = plan.uniform(0.25, 0.5), plan.uniform(0.85, 1.1)
    count = int(plan.rng.choice([1, 2, 3, 4]))
    levels = np.linspace(0.06, 0.94, count + 1) * tall
    spine = plan.chain(numbered("spine", count), np.stack([0 * levels, 0 * levels, levels], 1), -1)
    shares = np.linspace(0.08, 0.92, 9)
    shape = str(plan.rng.choice(["drop", "ball", "ghost", "mushroom"]))
    profile = {
        "drop": np.sin(np.pi * (0.12 + 0.82 * shares)) ** 0.6 * (1.25 - 0.75 * shares),
        "ball": np.sin(np.pi * (0.08 + 0.84 * shares)) ** 0.7,
        "ghost": 1 - 0.45 * shares**3,
        "mushroom": np.where(shares < 0.5, 0.4, 1.05 * np.cos(0.5 * np.pi * (shares - 0.5) / 0.5) ** 0.6 + 0.05),
    }[shape]
    wobble = 1 + 0.08 * plan.rng.normal(size=9)
    line = np.stack([0 * shares, 0 * shares, shares * tall], 1)
    plan.body(line, (wide * profile * wobble)[:, None] * [1, deep], spine, blend=0.03, cap=0.5, grip=False)
    _eyes(plan, spine[-1], tall, wide)
    if plan.chance(0.6):
        _stumps(
            plan,
            "limb1",
            spine[-1] if plan.chance(0.5) else spine[0],
            tall * plan.uniform(0.35, 0.65),
            wide,
            plan.uniform(-0.8, 0.5),
        )
    if plan.chance(0.5):
        _feet(plan, spine[0], wide)
    if plan.chance(0.4):
        _top(plan, spine[-1], tall, wide)
    return build(plan, seed)


def _eyes(plan: Plan, bone: int, tall: float, wide: float) -> None:
    if plan.chance(0.5):
        size = wide * plan.uniform(0.12, 0.3)
        for side in plan.sides():
            at = np.array([0.35 * wide, -0.72 * wide, 0.66 * tall])
            plan.body(at[None], [size], [bone], side, make="loose", grip=False)


def _stumps(plan: Plan, name: str, bone: int, height: float, wide: float, rise: float) -> None:
    length, thick = plan.uniform(0.15, 0.5), plan.uniform(0.05, 0.12)
    count, blunt = int(plan.rng.choice([1, 2, 3])), plan.uniform(0.5, 1.0)
    root = np.array([0.6 * wide, 0, height])
    way = np.array([np.cos(rise), -0.2, np.sin(rise)])
    joints = root + np.linspace(0.15 * wide, 0.4 * wide + length, count + 1)[:, None] * way
    for side in plan.sides():
        bones = plan.chain(numbered(name, count), joints, bone, side)
        line = smooth_line(np.concatenate([root[None], joints]), 6)
        plan.body(line, thick * np.linspace(1.1, blunt, 6), bones, side, blend=0.03)


def _feet(plan: Plan, bone: int, wide: float) -> None:
    thick = wide * plan.uniform(0.18, 0.32)
    hip = np.array([0.45 * wide, 0, 0.1])
    foot = np.array([0.5 * wide, 0, -plan.uniform(0.05, 0.3)])
    tip = foot + [0, -1.6 * thick, 0]
    boned = plan.chance(0.8)
    for side in plan.sides():
        bones = plan.chain(["leg"], np.stack([hip, foot]), bone, side) if boned else [bone]
        plan.body(np.stack([hip, foot]), [thick, 0.8 * thick], bones, side, blend=0.03, grip=boned)
        plan.body(np.stack([foot, tip]), [[0.9 * thick, 0.7 * thick]] * 2, bones, side, blend=0.02, grip=boned)


def _top(plan: Plan, bone: int, tall: float, wide: float) -> None:
    """A stalk, horns or a crest."""
    thick = wide * plan.uniform(0.08, 0.16)
    if plan.chance(0.5):
        points = np.array([[0, 0, 0.85 * tall], [0, 0.05, tall + 0.12], [0, -0.05, tall + plan.uniform(0.2, 0.4)]])
        bones = plan.chain(["crest"], points[[0, 2]], bone)
        plan.body(smooth_line(points, 6), thick * np.array([1, 0.9, 0.8, 0.8, 1.2, 1.6]), bones, make="tube")
        return
    base = np.array([0.3 * wide, 0, 0.8 * tall])
    tip = base + [0.3 * wide, 0, 0.3 * tall]
    for side in plan.sides():
        bones = plan.chain(["horn"], np.stack([base, tip]), bone, side)
        plan.body(np.stack([base, tip]), thick * np.array([1.4, 0.3]), bones, side, make="tube")
