"""Four-legged animals, from dogs to giraffes and hippos."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..limbs.muzzle import add_animal_head
from ..plan import Plan, along, smooth_line, unit


@dataclass(frozen=True)
class Animal:
    """Measures; the body is about one unit from hips to chest."""

    legs: float  # height of the hips above the ground
    girth: float  # half the trunk's height at the chest
    neck: float  # length
    rise: float  # the neck's angle above the horizontal, radians
    skull: float  # the head's size
    slope: float  # how much higher the shoulders are than the hips
    leg: float  # thickness of the legs
    hoof: bool
    tail: float  # length
    waist: float  # girth at the belly over that at the chest


# legs, girth, neck, rise, skull, slope, leg, tail: the middle of each kind's measures
KINDS = {
    "dog": (0.75, 0.21, 0.38, 0.7, 0.21, 0.02, 0.075, 0.6),
    "cat": (0.60, 0.18, 0.26, 0.6, 0.19, 0.0, 0.065, 0.9),
    "horse": (1.05, 0.28, 0.65, 0.85, 0.23, 0.02, 0.085, 0.7),
    "cow": (0.80, 0.30, 0.38, 0.3, 0.24, 0.0, 0.085, 0.7),
    "deer": (1.00, 0.22, 0.55, 1.0, 0.19, 0.0, 0.06, 0.2),
    "giraffe": (1.35, 0.26, 1.5, 1.25, 0.2, 0.2, 0.075, 0.7),
    "hippo": (0.52, 0.40, 0.22, 0.0, 0.34, 0.0, 0.14, 0.15),
    "elephant": (0.95, 0.42, 0.22, 0.3, 0.36, 0.1, 0.15, 0.5),
    "pig": (0.45, 0.30, 0.16, 0.1, 0.25, 0.0, 0.085, 0.2),
    "bear": (0.65, 0.32, 0.25, 0.2, 0.26, -0.02, 0.13, 0.08),
    "lizard": (0.30, 0.16, 0.25, 0.05, 0.17, 0.0, 0.07, 1.3),
    "sheep": (0.62, 0.30, 0.28, 0.6, 0.21, 0.0, 0.06, 0.15),
}


def quadruped(seed: int) -> KnownShape:
    """One animal."""
    plan = start("quadruped", "quadruped", seed, 2)
    animal, kind = draw_animal(plan)
    plan.symmetric = plan.chance(0.9)
    spine = add_body(plan, animal)
    add_four_legs(plan, animal, spine)
    add_animal_head(plan, add_neck(plan, animal, spine), animal.skull, kind)
    if animal.tail > 0.1:
        add_tail(plan, animal, spine[0])
    return build(plan, seed)


def draw_animal(plan: Plan) -> tuple[Animal, str]:
    """One of the kinds, or between two of them, with everything varied."""
    first, second = (str(name) for name in plan.rng.choice(list(KINDS), 2))
    mix = plan.uniform(0, 0.45) if plan.chance(0.4) else 0.0
    base = (1 - mix) * np.array(KINDS[first]) + mix * np.array(KINDS[second])
    legs, girth, neck, rise, skull, slope, leg, tail = (base * plan.rng.uniform(0.82, 1.22, 8)).tolist()
    if plan.chance(0.3):  # cute: a big head on short legs
        skull, legs, girth = (
            skull * plan.uniform(1.2, 1.9),
            legs * plan.uniform(0.55, 0.9),
            girth * plan.uniform(1, 1.25),
        )
    hoof = first in ("horse", "cow", "deer", "giraffe", "pig", "sheep", "elephant", "hippo")
    waist = plan.uniform(0.65, 1.15) if not hoof else plan.uniform(0.85, 1.2)
    return Animal(legs, girth, neck, rise, skull, slope, leg * plan.uniform(0.8, 1.3), hoof, tail, waist), first


def add_body(plan: Plan, animal: Animal) -> list[int]:
    """The spine from the hips to the chest; the hips' bone first."""
    count = int(plan.rng.choice([1, 2, 3, 4], p=[0.1, 0.25, 0.4, 0.25]))
    shares = np.linspace(0, 1, 8)
    sag = plan.uniform(-0.25, 0.2) * animal.girth
    lift = plan.uniform(-0.1, 0.35) * animal.girth
    middle = np.stack([0 * shares, 0.5 - shares, animal.legs + animal.slope * shares + sag * np.sin(np.pi * shares)], 1)
    joints = along(middle + [0, 0, lift], np.linspace(0.06, 0.98, count + 2))
    joints[-1, 2] -= 0.7 * lift
    bones = plan.chain([*numbered("spine", count), "chest"], joints, -1)
    rump, flat = plan.uniform(0.8, 1.05), plan.uniform(0.62, 0.95)
    at = np.array([-0.16, -0.04, 0.15, 0.35, 0.55, 0.78, 0.95, 1.1])
    belly = animal.waist
    high = animal.girth * np.array([0.55 * rump, 0.88 * rump, 0.95 * rump, belly, belly, 1.0, 0.88, 0.6])
    line = along(middle, at)
    line[:, 2] -= np.array([0, 0, 0, 0.02, 0.04, 0.06, 0.02, 0]) / 0.3 * animal.girth
    fine = np.linspace(0, 7, 15)
    radii = np.interp(fine, np.arange(8), high)
    plan.body(smooth_line(line, 15), np.stack([flat * radii, radii], 1), bones, blend=0.05, cap=0.7, grip=False)
    return bones


def add_four_legs(plan: Plan, animal: Animal, spine: list[int], places: tuple[str, ...] = ("front", "hind")) -> None:
    """Front legs on the chest, hind legs on the hips."""
    girdle, toes, feet = plan.chance(0.6), plan.chance(0.5), plan.chance(0.93)
    out = animal.girth * plan.uniform(0.42, 0.6)
    sprawl = plan.uniform(0.5, 1.0) if animal.legs < 0.4 and plan.chance(0.4) else 0.0
    drawn = plan.rng.uniform(-1, 1, 8)
    for side in plan.sides():
        for place in places:
            turn = 0.0 if plan.symmetric else plan.uniform(-0.25, 0.25)
            front = place == "front"
            carrier, aside = (spine[-1], out) if front else (spine[0], out * (1 + 0.1 * drawn[7]))
            own = drawn[:4] if front else drawn[4:]
            _leg(
                plan,
                animal,
                place,
                carrier,
                side,
                aside,
                girdle=girdle,
                toes=toes,
                feet=feet,
                sprawl=sprawl,
                drawn=own,
                stride=turn,
            )


def _leg(
    plan: Plan,
    animal: Animal,
    place: str,
    carrier: int,
    side: int,
    out: float,
    *,
    girdle: bool,
    toes: bool,
    feet: bool,
    sprawl: float,
    drawn: np.ndarray,
    stride: float,
) -> None:
    front = place == "front"
    top_y = -0.46 + 0.03 * drawn[0] if front else 0.40 + 0.03 * drawn[0]
    top_z = (animal.legs + animal.slope if front else animal.legs) - animal.girth * (0.25 if front else 0.1)
    high = top_z
    # shares of the way down and how far back each joint is, in leg lengths
    if front:
        down, back = np.array([0, 0.42 + 0.04 * drawn[1], 0.82, 0.95]), np.array([0, 0.07, 0.03, 0.0])
    else:
        down, back = (
            np.array([0, 0.38 + 0.05 * drawn[1], 0.68 + 0.04 * drawn[2], 0.93]),
            np.array([0, -0.08, 0.12, 0.07]),
        )
    bend = 0.6 + 0.4 * drawn[3]
    joints = np.stack([np.full(4, out), top_y + bend * back * high + stride * down * high, top_z - down * high], 1)
    joints[:, 0] += (
        np.array([0.0, sprawl, sprawl * 1.1, sprawl * 1.15]) * 0.5 * high + np.array([0, 0.1, 0.12, 0.12]) * animal.leg
    )
    length = animal.leg * (0.9 if animal.hoof else 1.6)
    tip = joints[-1] + [0, -length, 0]
    tip[2] = min(0.4 * animal.leg, joints[-1][2])
    joints = np.concatenate([joints, tip[None]])
    names = [f"upper_leg.{place}", f"lower_leg.{place}", f"foot.{place}", f"toe.{place}"]
    if girdle:
        inner = joints[0] + [-0.6 * out, 0, 0.5 * animal.girth]
        carrier = plan.chain(["shoulder" if front else "pelvis"], np.stack([inner, joints[0]]), carrier, side)[0]
    kept = joints
    if not feet:
        names, kept = names[:2], joints[[0, 1, 3]]
    elif not toes:
        names, kept = names[:3], joints[[0, 1, 2, 3]]
    bones = plan.chain(names, kept, carrier, side)
    thick = animal.leg
    high_part = plan.look.band * 0 + animal.girth * (0.5 if front else 0.62)
    top = max(thick * 1.15, min(high_part, 2.1 * thick))
    line = along(joints[:4], [0.0, 0.16, 0.32, 0.44, 0.6, 0.8, 1.0])
    slim = 0.62 if animal.hoof and thick < 0.1 else 0.8
    radii = np.array(
        [top, 0.95 * top, 0.5 * top + 0.55 * thick, thick, 0.8 * slim * thick + 0.1 * thick, slim * thick, slim * thick]
    )
    plan.body(line, radii[:, None] * [0.82, 1.0], bones, side, blend=0.03, band=0.8)
    foot = joints[3:5].copy()
    foot[0, 2] = foot[1, 2] = 0.45 * thick
    size = (
        np.array([[0.9, 0.62], [0.95, 0.5]]) * thick if not animal.hoof else np.array([[0.85, 0.7], [0.9, 0.6]]) * thick
    )
    ankle = np.concatenate([joints[3:4], foot])
    size = np.concatenate([[[slim * thick, slim * thick]], size])
    plan.body(
        ankle, size, bones[-2:] if len(bones) > 2 else bones[-1:], side, blend=0.012, band=0.8, grip=len(bones) > 2
    )


def add_neck(plan: Plan, animal: Animal, spine: list[int]) -> int:
    """From the chest to the head; its last bone."""
    count = int(np.clip(round(animal.neck * plan.uniform(2, 5)), 1, 6))
    base = plan.bones[spine[-1]].tail
    way = np.array([0, -np.cos(animal.rise), np.sin(animal.rise)])
    end = base + (animal.neck + 0.35 * animal.girth) * way
    bow = 0.12 * animal.neck * np.array([0, 1, 0.3]) * plan.uniform(-0.5, 1)
    joints = smooth_line(np.stack([base, 0.5 * (base + end) - bow, end]), count + 1)
    bones = plan.chain(numbered("neck", count), joints, spine[-1])
    first = max(0.62 * animal.girth, 0.6 * animal.skull) * plan.uniform(0.75, 1.05)
    last = min(first, 0.62 * animal.skull * plan.uniform(0.85, 1.3))
    line = smooth_line(np.stack([base + [0, 0.25 * animal.girth, -0.1 * animal.girth], *joints]), 9)
    sizes = np.interp(np.linspace(0, 1, 9), [0, 0.35, 1], [first, 0.5 * (first + last), last])
    plan.body(line, sizes[:, None] * [0.75, 1.0], bones, blend=0.05, band=0.7)
    return bones[-1]


def add_tail(plan: Plan, animal: Animal, hips: int) -> list[int]:
    """From the rump: drooping, level or raised."""
    count = int(np.clip(round(animal.tail * plan.uniform(3, 9)), 1, 8))
    droop, curl = plan.uniform(-1.2, 0.9), plan.uniform(-0.8, 0.8)
    if animal.legs < 0.4:
        droop = plan.uniform(-0.3, 0.2)
    base = np.array([0, 0.5 + 0.12, animal.legs + 0.35 * animal.girth * (1 if droop < 0.3 else 1.4)])
    if animal.tail > 1:
        base[2] = animal.legs
    steps = np.arange(7)
    angles = droop + curl * steps / 6
    ways = np.stack([0 * angles, np.cos(angles), np.sin(angles)], 1) * animal.tail / 6
    points = base + np.concatenate([[[0, 0, 0]], np.cumsum(ways[:-1], 0)])
    points[:, 2] = np.maximum(points[:, 2], 0.1 * animal.girth)
    bones = plan.chain(numbered("tail", count), smooth_line(points, count + 1), hips)
    thick = animal.girth * (plan.uniform(0.12, 0.3) if animal.tail < 1 else plan.uniform(0.4, 0.65))
    taper = np.linspace(1, plan.uniform(0.2, 0.9), 12)
    if plan.chance(0.15):
        taper = 0.6 + 1.2 * np.sin(np.linspace(0, 0.85 * np.pi, 12)) ** 2  # a bushy one
    line = np.concatenate([points[:1] - 0.15 * unit(points[1] - points[0]) * animal.tail, points])
    plan.body(smooth_line(line, 12), np.maximum(thick * taper, 0.012), bones, blend=0.03, band=0.8)
    return bones
