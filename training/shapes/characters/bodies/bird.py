"""Birds: standing with folded wings, or with wings spread."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..limbs.wings import draws, folded_wing, spread_wing
from ..plan import Plan, smooth_line, unit


def bird(seed: int) -> KnownShape:
    """One bird."""
    plan = start("bird", "bird", seed, 3)
    upright = plan.uniform(0.0, 1.25) if plan.chance(0.7) else plan.uniform(0.0, 0.3)
    forward = np.array([0, -np.cos(upright), np.sin(upright)])
    girth = plan.uniform(0.16, 0.34)
    hips = np.zeros(3)
    chest = hips + 0.55 * forward
    count = int(plan.rng.choice([1, 2, 3]))
    spine = plan.chain(
        [*numbered("spine", count - 1), "chest"] if count > 1 else ["spine"],
        smooth_line(np.stack([hips, chest]), count + 1),
        -1,
    )
    _trunk(plan, hips, forward, girth, spine)
    head_size = girth * plan.uniform(0.45, 0.95)
    neck = _neck(plan, chest, upright, girth, head_size, spine[-1])
    _head(plan, neck, head_size)
    _tail(plan, hips, forward, girth, spine[0])
    _wings(plan, chest, girth, forward, spine[-1])
    if plan.chance(0.9):
        _legs(plan, hips + 0.15 * forward, girth, spine[0])
    return build(plan, seed)


def _trunk(plan: Plan, hips: np.ndarray, forward: np.ndarray, girth: float, spine: list[int]) -> None:
    at = np.array([-0.35, -0.12, 0.1, 0.32, 0.52, 0.68])
    line = hips + at[:, None] * forward + np.array([0, 0, -0.15 * girth])
    radii = girth * np.array([0.3, 0.75, 0.98, 1.0, 0.85, 0.5])
    flat = plan.uniform(0.8, 1.05)
    fine = smooth_line(line, 12)
    sizes = np.interp(np.linspace(0, 5, 12), np.arange(6), radii)
    plan.body(fine, np.stack([flat * sizes, sizes], 1), spine, blend=0.04, grip=False)


def _neck(plan: Plan, chest: np.ndarray, upright: float, girth: float, head: float, carrier: int) -> int:
    length = plan.uniform(0.12, 0.3) if plan.chance(0.7) else plan.uniform(0.4, 1.1)
    rise = max(upright, plan.uniform(0.2, 1.4))
    way = np.array([0, -np.cos(rise), np.sin(rise)])
    count = int(np.clip(round(length * plan.uniform(2.5, 6)), 1, 6))
    base = chest + [0, 0, 0.2 * girth]
    end = base + (length + 0.3 * girth) * way
    bow = np.array([0, 1.0, -0.3]) * length * plan.uniform(-0.25, 0.2)
    joints = smooth_line(np.stack([base, 0.5 * (base + end) + bow, end]), count + 1)
    bones = plan.chain(numbered("neck", count), joints, carrier)
    first = 0.7 * girth if length < 0.35 else 0.45 * girth
    last = min(first, 0.7 * head)
    plan.body(
        smooth_line(np.stack([chest - 0.1 * way, *joints]), 8), np.linspace(first, last, 8), bones, blend=0.06, band=0.7
    )
    return bones[-1]


def _head(plan: Plan, neck: int, size: float) -> None:
    start_at = plan.bones[neck].tail
    tilt = plan.uniform(-0.1, 0.5)
    forward = np.array([0, -np.cos(tilt), -np.sin(tilt)])
    centre = start_at + 0.25 * size * forward + [0, 0, 0.2 * size]
    beak = size * plan.uniform(0.5, 1.8)
    tip = centre + (0.75 * size + beak) * forward
    whole = plan.chance(0.6)
    head = plan.chain(
        ["head"],
        np.stack([start_at, start_at + 0.95 * (tip - start_at) if whole else centre + 0.8 * size * forward]),
        neck,
    )[0]
    plan.body(
        np.stack([centre - 0.1 * size * forward, centre + 0.15 * size * forward]),
        [[0.85 * size, 0.9 * size]] * 2,
        [head],
        blend=0.03,
    )
    thick = size * plan.uniform(0.22, 0.4)
    root = centre + 0.5 * size * forward - [0, 0, 0.08 * size]
    hook = np.array([0, 0, -0.3 * size * plan.uniform(0, 1)])
    line = smooth_line(np.stack([root, 0.5 * (root + tip), tip + hook]), 5)
    wide = plan.uniform(0.8, 1.8)
    shape = np.linspace(1, plan.uniform(0.12, 0.5), 5)
    owner, grip = [head], False
    if not whole and plan.chance(0.5):
        owner, grip = plan.chain(["beak"], np.stack([root, tip + hook]), head), True
    plan.body(line, thick * np.stack([wide * shape, shape], 1), owner, make="tube", grip=grip, band=0.4)
    if plan.chance(0.2):
        crest = np.stack([centre + [0, 0, 0.6 * size], centre + [0, 0.5 * size, 1.4 * size]])
        bone = plan.chain(["crest"], crest, head)
        plan.body(crest, size * np.array([[0.1, 0.4], [0.05, 0.15]]), bone, make="tube")
    if plan.chance(0.4):
        round_eye = size * plan.uniform(0.09, 0.16)
        for side in plan.sides():
            at = centre + 0.35 * size * forward + [0.68 * size, 0, 0.15 * size]
            plan.body(at[None], [round_eye], [head], side, make="loose", grip=False)


def _tail(plan: Plan, hips: np.ndarray, forward: np.ndarray, girth: float, carrier: int) -> None:
    length = plan.uniform(0.15, 0.7)
    way = unit(-forward + [0, 0, plan.uniform(-0.2, 0.5)])
    base = hips + 0.18 * -forward
    end = base + (length + 0.1) * way
    count = int(plan.rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))
    joints = smooth_line(np.stack([base, end]), count + 1)
    bones = plan.chain(numbered("tail", count), joints, carrier)
    wide, thin = girth * plan.uniform(0.3, 0.9), 0.14 * girth
    fan = np.stack([np.linspace(0.4 * girth, wide, 5), np.linspace(2.2 * thin, thin, 5)], 1)
    plan.body(
        smooth_line(np.stack([base, end]), 5), fan, bones, across=(1, 0, 0), make="tube", boxy=plan.chance(0.4), cap=0.6
    )


def _wings(plan: Plan, chest: np.ndarray, girth: float, forward: np.ndarray, carrier: int) -> None:
    drawn = draws(plan)
    spread = plan.chance(0.5)
    span, chord = plan.uniform(0.7, 1.8), plan.uniform(0.25, 0.55)
    length, height = plan.uniform(0.55, 0.95), girth * plan.uniform(0.9, 1.3)
    for side in plan.sides():
        if spread:
            root = chest + [0.55 * girth, 0, 0.35 * girth] - 0.12 * forward
            spread_wing(plan, root, span, chord, carrier, side, drawn)
        else:
            root = chest + [0.85 * girth, 0, 0.1 * girth] - 0.1 * forward
            folded_wing(plan, root, length, height, carrier, side, drawn)


def _legs(plan: Plan, base: np.ndarray, girth: float, carrier: int) -> None:
    length = plan.uniform(0.22, 0.5) if plan.chance(0.75) else plan.uniform(0.6, 1.2)
    tucked = 0.35 * girth
    out, bend = girth * plan.uniform(0.3, 0.55), plan.uniform(0.05, 0.3)
    thick = max(0.024, girth * plan.uniform(0.08, 0.2))
    toes, boned = int(plan.rng.choice([0, 3, 4])), plan.chance(0.6)
    hip = base + [out, 0, -tucked]
    floor = hip[2] - 0.55 * girth - length
    knee = hip + [0.02, -0.2 * bend, -0.5 * girth]
    ankle = np.array([hip[0] + 0.02, hip[1] + bend * length, 0.5 * (knee[2] + floor)])
    foot = np.array([ankle[0], hip[1] - 0.05, floor + thick])
    reach = length * plan.uniform(0.3, 0.5) + 0.08
    tip = foot + [0, -reach, 0]
    for side in plan.sides():
        joints = np.stack([hip, knee, ankle, foot, tip] if boned else [hip, knee, ankle, foot])
        bones = plan.chain(["thigh", "shin", "foot", "toe"][: len(joints) - 1], joints, carrier, side)
        line = np.stack([hip, 0.5 * (hip + knee), knee, ankle, foot])
        sizes = np.array([0.42 * girth, 0.34 * girth, max(0.2 * girth, 1.3 * thick), 1.2 * thick, thick])
        plan.body(line, sizes, bones, side, blend=0.03)
        for turn in np.linspace(-0.55, 0.55, toes) if toes else []:
            way = np.array([np.sin(turn), -np.cos(turn), 0.0])
            plan.body(
                np.stack([foot, foot + reach * way]),
                thick * np.array([1.0, 0.6]),
                bones[-1:],
                side,
                make="tube",
                grip=False,
            )
        if not toes:
            plan.body(
                np.stack([foot + [0, 0.2 * reach, 0], tip]),
                [[0.3 * reach, thick], [0.55 * reach, 0.8 * thick]],
                bones[-1:],
                side,
                make="tube",
                grip=False,
            )
