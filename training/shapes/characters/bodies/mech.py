"""Robots: hard parts, each on one bone."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..plan import Plan, unit


def mech(seed: int) -> KnownShape:
    """A walking machine: two or more legs, mostly arms or guns."""
    plan = start("biped", "mech", seed, 9)
    plan.look.made = "tubes" if plan.chance(0.4) else "loose"
    plan.look.band = 0.0
    plan.look.sides = int(plan.rng.choice([4, 6, 8, 12], p=[0.45, 0.15, 0.25, 0.15]))
    walker = plan.chance(0.4)
    pairs = int(plan.rng.choice([1, 2, 3], p=[0.6, 0.28, 0.12])) if walker else 1
    plan.kind = "biped" if not walker else {1: "biped", 2: "quadruped", 3: "insect"}[pairs]
    height = plan.uniform(0.4, 0.6)
    wide, deep, tall = plan.uniform(0.1, 0.24), plan.uniform(0.09, 0.2), plan.uniform(0.1, 0.3)
    top = _hull(plan, walker=walker, height=height, wide=wide, deep=deep, tall=tall)
    _legs(plan, pairs, height, wide, deep)
    if not walker or plan.chance(0.4):
        _arms(plan, top, height + 0.8 * tall, wide, walker=walker)
    return build(plan, seed)


def _box(
    plan: Plan,
    first: np.ndarray | list[float],
    last: np.ndarray | list[float],
    half: tuple[float, float],
    bone: int,
    side: int = 0,
    taper: float = 1.0,
    across: tuple[float, ...] = (1, 0, 0),
) -> None:
    """A hard part between two points."""
    ends = np.stack([np.asarray(first, float), np.asarray(last, float)])
    line = ends[0] + np.array([[0.0], [0.5], [1.0]]) * (ends[1] - ends[0])
    radii = np.array(half) * np.array([[1.0], [0.5 + 0.5 * taper], [taper]])
    boxy = plan.look.sides in (4, 8)
    plan.body(line, radii, [bone], side, across=across, boxy=boxy, band=0.0, cap=0.25, grip=False)


def _hull(plan: Plan, *, walker: bool, height: float, wide: float, deep: float, tall: float) -> int:
    hips = plan.chain(["hips"], [[0, 0, height - 0.03], [0, 0, height + 0.12 * tall]], -1)[0]
    _box(plan, [0, 0, height - 0.06], [0, 0, height + 0.1 * tall], (0.7 * wide, 0.7 * deep), hips)
    count = int(plan.rng.choice([1, 2]))
    heights = np.linspace(height + 0.12 * tall, height + tall, count + 1)
    spine = plan.chain(
        numbered("spine", count) if count == 1 else ["spine", "chest"],
        np.stack([0 * heights, 0 * heights, heights], 1),
        hips,
    )
    for number, bone in enumerate(spine):
        scale = (0.6 if number < count - 1 else 1.0) * plan.uniform(0.85, 1.1)
        _box(
            plan,
            [0, 0, heights[number] - 0.01],
            [0, 0, heights[number + 1] + 0.01],
            (wide * scale, deep * scale),
            bone,
            taper=plan.uniform(0.7, 1.2),
        )
    if plan.chance(0.85):
        rise = plan.uniform(0.08, 0.2)
        ahead = -0.6 * deep if walker and plan.chance(0.5) else 0.0
        neck = [0, ahead, height + tall]
        head = plan.chain(["head"], [neck, [0, ahead, height + tall + rise]], spine[-1])[0]
        size = plan.uniform(0.05, 0.1)
        _box(
            plan,
            [0, ahead, height + tall - 0.02],
            [0, ahead, height + tall + 0.3 * rise],
            (0.4 * size, 0.4 * size),
            head,
        )
        _box(plan, [0, ahead, height + tall + 0.25 * rise], [0, ahead, height + tall + rise], (size, size), head)
        _box(
            plan,
            [0, ahead - 0.8 * size, height + tall + 0.6 * rise],
            [0, ahead - 1.5 * size, height + tall + 0.6 * rise],
            (0.5 * size, 0.3 * size),
            head,
        )
    if plan.chance(0.3):
        _box(
            plan,
            [0, deep, height + 0.3 * tall],
            [0, 1.6 * deep, height + 0.5 * tall],
            (0.6 * wide, 0.4 * tall),
            spine[-1],
        )
    if walker and plan.chance(0.5):
        gun = plan.chain(
            ["gun"], [[0, -0.8 * deep, height + 0.5 * tall], [0, -2.2 * deep, height + 0.5 * tall]], spine[-1]
        )[0]
        _box(plan, [0, -0.7 * deep, height + 0.5 * tall], [0, -2.3 * deep, height + 0.5 * tall], (0.03, 0.03), gun)
    return spine[-1]


def _legs(plan: Plan, pairs: int, height: float, wide: float, deep: float) -> None:
    thick = plan.uniform(0.03, 0.07)
    out = wide * plan.uniform(0.6, 1.0) + thick * 0.5
    spread, back = plan.uniform(0.0, 0.3) * (1 if pairs == 1 else 3), plan.uniform(-0.35, 0.1)
    bent = plan.uniform(-0.25, 0.3)
    digit = plan.chance(0.3)  # three bones between hip and foot
    balls = plan.chance(0.5)
    foot, wide_foot = plan.uniform(0.08, 0.18), thick * plan.uniform(0.9, 1.7)
    for pair in range(pairs):
        y = 0.0 if pairs == 1 else deep * (2 * pair / (pairs - 1) - 1)
        turn = 0.0 if pairs == 1 else 0.8 * (2 * pair / (pairs - 1) - 1)
        way = np.array([np.cos(turn), np.sin(turn), 0])
        hip = np.array([out, y, height])
        ankle = hip + spread * height * way + [0, 0.04, -0.9 * height]
        knee = 0.5 * (hip + ankle) + bent * height * (np.array([0, -1.0, 0]) if pairs == 1 else way) * 0.5
        joints = [hip, knee, ankle]
        names = ["thigh", "shin", "foot"]
        if digit:
            low = knee + 0.55 * (ankle - knee) - back * height * np.array([0, 0.4, 0])
            joints, names = [hip, knee, low, ankle], ["thigh", "shin", "shin.001", "foot"]
        tip = ankle + [0, -foot, -0.06 * height]
        if pairs > 1:
            names = [f"leg{pair + 1}" if k == 0 else f"leg{pair + 1}.{k:03d}" for k in range(len(names))]
        for side in plan.sides():
            bones = plan.chain(names, np.stack([*joints, tip]), plan.bone("hips"), side)
            for number, bone in enumerate(bones[:-1]):
                first, last = joints[number], joints[number + 1]
                size = thick * (1.25 - 0.2 * number)
                _box(plan, first + 0.02 * (first - last), last, (size, 1.1 * size), bone, side, taper=0.85)
                if balls:
                    _ball(plan, first, size * 1.2, bone, side)
            floor = ankle[2] - 0.075 * height
            _box(
                plan,
                [ankle[0], ankle[1] + 0.3 * foot, floor],
                [ankle[0], ankle[1] - foot, floor],
                (wide_foot, 0.05 * height),
                bones[-1],
                side,
            )
            _box(
                plan, ankle + [0, 0, 0.01], ankle + [0, 0, -0.05 * height], (0.7 * thick, 0.7 * thick), bones[-1], side
            )


def _ball(plan: Plan, at: np.ndarray, size: float, bone: int, side: int) -> None:
    line = at + 0.8 * size * np.array([[-1.0, 0, 0], [0, 0, 0], [1.0, 0, 0]])
    plan.body(line, [size] * 3, [bone], side, across=(0, 0, 1), band=0.0, cap=0.05, grip=False)


def _arms(plan: Plan, chest: int, height: float, wide: float, *, walker: bool) -> None:
    thick = plan.uniform(0.025, 0.055)
    angle = plan.uniform(0.0, 1.3)
    way = np.array([np.cos(angle), 0, -np.sin(angle)])
    bend = plan.uniform(0.0, 1.4)
    onward = unit(np.cos(bend) * way + np.sin(bend) * np.array([0, -1.0, 0]))
    shoulder = np.array([1.05 * wide + thick, 0, height])
    elbow = shoulder + plan.uniform(0.12, 0.2) * way
    wrist = elbow + plan.uniform(0.1, 0.18) * onward
    tip = wrist + plan.uniform(0.06, 0.12) * onward
    gun, pads, clavicle = plan.chance(0.3), plan.chance(0.5), plan.chance(0.6)
    side_way = unit(np.cross(onward, [0.1, 0.3, 1.0]))
    for side in plan.sides():
        carrier = plan.chain(["shoulder"], [[0.5 * wide, 0, height], shoulder], chest, side)[0] if clavicle else chest
        if clavicle:
            _box(plan, np.array([0.6 * wide, 0, height]), shoulder, (thick, thick), carrier, side, across=(0, 1, 0))
        bones = plan.chain(["upper_arm", "forearm", "hand"], np.stack([shoulder, elbow, wrist, tip]), carrier, side)
        _box(plan, shoulder - 0.02 * way, elbow, (1.1 * thick, 1.1 * thick), bones[0], side, across=(0, 1, 0))
        _box(plan, elbow - 0.01 * onward, wrist, (1.3 * thick, 1.2 * thick), bones[1], side, across=tuple(side_way))
        if pads:
            _ball(plan, shoulder, 1.9 * thick, bones[0], side)
        if gun:
            _box(
                plan,
                wrist - 0.01 * onward,
                tip + 0.12 * onward,
                (0.7 * thick, 0.7 * thick),
                bones[2],
                side,
                across=tuple(side_way),
            )
            continue
        _box(
            plan,
            wrist - 0.01 * onward,
            wrist + 0.55 * (tip - wrist),
            (1.1 * thick, 0.8 * thick),
            bones[2],
            side,
            across=tuple(side_way),
        )
        for place in (-0.7, 0.0, 0.7):
            base = wrist + 0.5 * (tip - wrist) + place * thick * side_way
            own = bones[2]
            if not walker and plan.symmetric and plan.look.sides != 12:
                name = {-0.7: "f_index.01", 0.0: "f_middle.01", 0.7: "f_pinky.01"}[place]
                own = plan.chain([name], np.stack([base, base + 0.8 * (tip - wrist)]), bones[2], side)[0]
            _box(
                plan, base, base + 0.8 * (tip - wrist), (0.25 * thick, 0.25 * thick), own, side, across=tuple(side_way)
            )
