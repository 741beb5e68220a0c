"""Heads of animals: skull, muzzle, jaw, ears, horns, eyes, trunks."""

from __future__ import annotations

import numpy as np

from ..plan import Plan, smooth_line, unit

HORNED = ("cow", "deer", "sheep", "giraffe", "dragon")


def add_animal_head(plan: Plan, neck: int, size: float, kind: str) -> int:
    """A head at the neck's end, looking forwards and a little down."""
    start = plan.bones[neck].tail
    tilt = plan.uniform(-0.1, 0.55)
    forward = np.array([0, -np.cos(tilt), -np.sin(tilt)])
    up = np.array([0, -np.sin(tilt), np.cos(tilt)])
    snout = size * plan.uniform(0.35, 1.3)
    if kind in ("cat", "bear"):
        snout = size * plan.uniform(0.15, 0.55)
    centre = start + 0.35 * size * forward + 0.1 * size * up
    tip = centre + (0.35 * size + snout) * forward - 0.18 * size * up
    whole = plan.chance(0.75)
    joints = np.stack([start, start + 0.96 * (tip - start)])
    head = plan.chain(["head"], joints if whole else np.stack([start, centre + 0.5 * size * forward]), neck)[0]
    wide = plan.uniform(0.72, 1.0)
    skull = np.stack([centre - 0.25 * size * forward, centre + 0.15 * size * forward])
    plan.body(skull, size * np.array([[0.55, 0.58], [0.6 * wide, 0.6]]), [head], blend=0.04 * size / 0.2, band=0.7)
    blunt = plan.uniform(0.45, 0.95)
    root = centre + 0.1 * size * forward - 0.12 * size * up
    line = smooth_line(np.stack([root, 0.5 * (root + tip) - 0.02 * size * up, tip]), 5)
    taper = np.linspace(0.46, 0.46 * blunt, 5) * size
    plan.body(line, np.stack([wide * taper, 0.92 * taper], 1), [head], blend=0.05 * size / 0.2, grip=False)
    if plan.chance(0.3):
        _jaw(plan, head, root, tip, forward, up, size, 0.3 * blunt)
    if kind == "elephant" and plan.chance(0.8):
        _trunk(plan, head, tip, size)
    _ears(plan, head, centre, size, up, kind)
    if (kind in HORNED and plan.chance(0.65)) or plan.chance(0.07):
        _horns(plan, head, centre, size, up, kind)
    if plan.chance(0.4):
        round_eye = size * plan.uniform(0.06, 0.14)
        for side in plan.sides():
            at = centre + 0.32 * size * forward + 0.22 * size * up + [0.46 * size * wide, 0, 0]
            plan.body(at[None], [round_eye], [head], side, make="loose", grip=False)
    return head


def _jaw(
    plan: Plan,
    head: int,
    root: np.ndarray,
    tip: np.ndarray,
    forward: np.ndarray,
    up: np.ndarray,
    size: float,
    thick: float,
) -> None:
    base = root - 0.22 * size * up
    end = tip - 0.2 * size * up - plan.uniform(0.0, 0.25) * size * up - 0.1 * size * forward
    bones = plan.chain(["jaw"], np.stack([base, end]), head)
    plan.body(
        np.stack([base, end]),
        [[0.34 * size, 0.16 * size], [thick * size, 0.4 * thick * size]],
        bones,
        blend=0.006,
        make="tube",
    )


def _trunk(plan: Plan, head: int, tip: np.ndarray, size: float) -> None:
    count = int(plan.rng.integers(3, 7))
    reach = size * plan.uniform(1.5, 2.6)
    # It ends above the ground; where there is little room it hangs less, for joints must not fall into one place.
    fall = min(reach, max((tip[2] - 0.05) / 0.95, 0.2 * reach))
    points = tip + np.array([0, reach, fall]) * np.array(
        [[0, 0.0, 0], [0, -0.25, -0.25], [0, -0.25, -0.65], [0, -0.35 - plan.uniform(-0.2, 0.3), -0.95]]
    )
    bones = plan.chain([f"trunk.{k:03d}" if k else "trunk" for k in range(count)], smooth_line(points, count + 1), head)
    plan.body(smooth_line(points, 12), size * np.linspace(0.27, 0.12, 12), bones, blend=0.02)


def _ears(plan: Plan, head: int, centre: np.ndarray, size: float, up: np.ndarray, kind: str) -> None:
    if kind in ("lizard", "dragon") or plan.chance(0.12):
        return
    shape = str(plan.rng.choice(["point", "round", "long", "flop"]))
    shape = "big" if kind == "elephant" else shape
    length = (
        size * {"point": 0.55, "round": 0.35, "long": 1.1, "flop": 0.7, "big": 1.5}[shape] * plan.uniform(0.75, 1.2)
    )
    way = {
        "point": [0.35, 0.1, 1],
        "round": [0.7, 0.1, 0.8],
        "long": [0.5, 0.3, 1],
        "flop": [0.8, 0, -0.5],
        "big": [1, 0.3, -0.1],
    }
    base = centre + 0.4 * size * up + [0.34 * size, 0.12 * size, 0]
    direction = unit(np.array(way[shape]) + plan.rng.normal(0, 0.08, 3))
    tip = base + length * direction
    boned = int(plan.rng.choice([0, 1, 2, 3], p=[0.15, 0.5, 0.25, 0.1]))
    wide = length * {"point": 0.27, "round": 0.42, "long": 0.15, "flop": 0.22, "big": 0.45}[shape]
    bow = np.array([0, 0.1, 0.12]) * length
    middle = smooth_line(np.stack([base - 0.15 * length * direction, 0.5 * (base + tip) + bow, tip]), 6)
    taper = np.array([0.6, 0.95, 1.0, 0.85, 0.55, 0.2]) if shape != "round" else np.array([0.7, 0.9, 1, 1, 0.85, 0.5])
    thin = max(0.022 * size / 0.2, 0.16 * wide)
    joints = np.stack([base, 0.5 * (base + tip) + 0.75 * bow, base + 0.95 * (tip - base)])
    for side in plan.sides():
        bones = plan.chain(_chain("ear", boned), smooth_line(joints, boned + 1), head, side) if boned else [head]
        radii = np.stack([wide * taper, np.maximum(thin * taper, 0.5 * thin)], 1)
        plan.body(
            middle,
            radii,
            bones,
            side,
            across=np.cross(direction, [0, 1.0, 0.2]),
            make="tube",
            band=0.5,
            grip=bool(boned),
        )


def _horns(plan: Plan, head: int, centre: np.ndarray, size: float, up: np.ndarray, kind: str) -> None:
    length = size * plan.uniform(0.5, 1.6)
    base = centre + 0.42 * size * up + [0.2 * size, 0, 0]
    curve = plan.rng.uniform([-0.1, -0.5, -0.2], [0.7, 0.7, 0.5])
    points = np.stack(
        [
            base - 0.1 * size * up,
            base + 0.5 * length * unit([0.5, 0.1, 1]),
            base + length * unit(np.array([0.5, 0.1, 0.8]) + curve),
        ]
    )
    boned = int(plan.rng.choice([0, 1, 2], p=[0.45, 0.4, 0.15]))
    line = smooth_line(points, 7)
    thick = size * plan.uniform(0.07, 0.14)
    fork = kind == "deer" and plan.chance(0.7)
    for side in plan.sides():
        bones = plan.chain(_chain("horn", boned), smooth_line(points, boned + 1), head, side) if boned else [head]
        plan.body(line, thick * np.linspace(1, 0.25, 7), bones, side, make="tube", band=0.4, grip=bool(boned))
        for at in (3, 5) if fork else ():
            twig = np.stack([line[at], line[at] + 0.4 * length * unit([0.2, -0.8, 0.7])])
            plan.body(twig, thick * np.array([0.55, 0.2]), bones[-1:], side, make="tube", grip=False)


def _chain(name: str, count: int) -> list[str]:
    return [name if k == 0 else f"{name}.{k:03d}" for k in range(count)]
