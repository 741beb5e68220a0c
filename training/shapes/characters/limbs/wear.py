"""What figures wear and carry: skirts, capes, belts, packs, weapons."""

from __future__ import annotations

import numpy as np

from ..plan import Plan, smooth_line, unit


def dress(
    plan: Plan,
    hip: float,
    shoulder: float,
    width: float,
    spine: list[int],
    head: int,
    arms: list[list[int]],
    legs: list[list[int]],
) -> None:
    """Clothes-like layers and things held, none to a few of them."""
    if plan.chance(0.18):
        _skirt(plan, hip, shoulder, width, spine, legs)
    if plan.chance(0.1):
        _cape(plan, hip, shoulder, width, spine)
    if plan.chance(0.1):
        _pack(plan, hip, shoulder, width, spine)
    if plan.chance(0.15):
        _belt(plan, hip, shoulder, width, spine)
    if plan.chance(0.12):
        _pads(plan, arms)
    if plan.chance(0.15):
        add_weapon(plan, arms[int(plan.rng.integers(len(arms)))][-1])


def _skirt(plan: Plan, hip: float, shoulder: float, width: float, spine: list[int], legs: list[list[int]]) -> None:
    """From the waist to somewhere above the feet, a shell around the legs."""
    top = hip + plan.uniform(0.15, 0.4) * (shoulder - hip)
    low = hip * plan.uniform(0.08, 0.75)
    rows, columns = 6, 16
    angle = 2 * np.pi * np.arange(columns) / columns
    flare = plan.uniform(1.1, 1.9)
    at = np.linspace(0, 1, rows)[:, None]
    wide = 0.095 * width * (1.05 + (flare - 1) * at)
    deep = 0.075 * width * (1.05 + (flare - 0.8) * at)
    height = np.broadcast_to(top + (low - top) * at, (rows, columns))
    points = np.stack([wide * np.cos(angle), deep * np.sin(angle), height], 2)
    follow = [spine[0], *(leg[0] for leg in legs), *(leg[1] for leg in legs if low < 0.5 * hip)]
    plan.panel(points, 0.02 * width, follow, closed=True, loose=plan.chance(0.7))


def _cape(plan: Plan, hip: float, shoulder: float, width: float, spine: list[int]) -> None:
    low = hip * plan.uniform(0.1, 1.0)
    rows, columns = 7, 7
    at, across = np.linspace(0, 1, rows)[:, None], np.linspace(-1, 1, columns)[None]
    wide = width * (0.09 + plan.uniform(0.0, 0.09) * at)
    behind = 0.075 * width + 0.05 * at + 0.01 * np.cos(3 * np.pi * across) * at - 0.02 * across**2
    height = shoulder + (low - shoulder) * at + 0 * across
    points = np.stack([wide * across, behind, height], 2)
    plan.panel(points, 0.015 * width, spine, loose=True)


def _pack(plan: Plan, hip: float, shoulder: float, width: float, spine: list[int]) -> None:
    middle = hip + 0.6 * (shoulder - hip)
    deep = plan.uniform(0.04, 0.09) * width
    line = np.array(
        [
            [0, 0.06 * width + deep, middle - 0.3 * (shoulder - hip)],
            [0, 0.06 * width + deep, middle + 0.35 * (shoulder - hip)],
        ]
    )
    plan.body(line, [[0.075 * width, deep]] * 2, [spine[-1]], make="loose", boxy=plan.chance(0.6), grip=False)


def _belt(plan: Plan, hip: float, shoulder: float, width: float, spine: list[int]) -> None:
    at = hip + 0.1 * (shoulder - hip)
    line = np.array([[0, -0.002, at - 0.012], [0, -0.002, at + 0.012]])
    plan.body(line, [[0.102 * width, 0.078 * width]] * 2, [spine[0]], make="loose", cap=0.05, grip=False)


def _pads(plan: Plan, arms: list[list[int]]) -> None:
    size = plan.uniform(0.035, 0.065)
    for arm in arms:
        joint = plan.bones[arm[0]].head
        plan.body(joint[None] + [[0, 0, 0.3 * size]], [[size, size]], [arm[0]], make="loose", grip=False)


def add_weapon(plan: Plan, hand: int) -> None:
    """A sword, staff, hammer or gun along what the hand would hold."""
    bone = plan.bones[hand]
    forward = unit(bone.tail - bone.head)
    grip = bone.head + 0.8 * (bone.tail - bone.head)
    way = unit(np.array([0, -1.0, 0.3]) - forward * (np.array([0, -1.0, 0.3]) @ forward))
    kind = str(plan.rng.choice(["sword", "staff", "hammer", "gun"]))
    length = plan.uniform(0.25, 0.6)
    behind = {"sword": 0.12, "staff": 0.5, "hammer": 0.3, "gun": 0.3}[kind] * length
    line = smooth_line(np.stack([grip - behind * way, grip + (length - behind) * way]), 5)
    thin = plan.uniform(0.008, 0.014)
    sizes = {
        "sword": np.array([[1, 1], [1, 1], [2.4, 0.7], [2.2, 0.6], [0.6, 0.4]]),
        "staff": np.ones((5, 2)),
        "hammer": np.array([[1, 1], [1, 1], [1, 1], [1.2, 1.2], [1.2, 1.2]]),
        "gun": np.array([[2, 1.2], [2.6, 1.4], [2.4, 1.4], [1.2, 1.2], [1, 1]]),
    }[kind]
    plan.body(line, thin * sizes, [hand], across=forward, make="loose", boxy=kind == "gun", grip=False)
    if kind == "hammer":
        end = line[-1]
        plan.body(
            np.stack([end - 0.06 * forward, end + 0.06 * forward]), [3.5 * thin] * 2, [hand], make="loose", grip=False
        )
