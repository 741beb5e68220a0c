"""Heads of people: skull, nose, eyes, ears, hair and hats."""

from __future__ import annotations

import numpy as np

from ..plan import Plan, smooth_line


def add_head(plan: Plan, chin: float, height: float, style: str, neck: int) -> int:
    """The head bone with the skull around it; `chin` is its lowest height."""
    start = plan.bones[neck].tail
    tip = np.array([0.0, start[1], chin + height * plan.uniform(0.85, 0.97)])
    bone = plan.chain(["head"], np.stack([start, tip]), neck)[0]
    width = height * (plan.uniform(0.33, 0.4) if style == "realistic" else plan.uniform(0.36, 0.62))
    depth = height * (plan.uniform(0.4, 0.46) if style == "realistic" else plan.uniform(0.36, 0.55))
    boxy = style != "realistic" and plan.chance(0.15)
    forward = -0.1 * depth
    jaw = plan.uniform(0.45, 0.85)
    shares = np.array([0.1, 0.25, 0.45, 0.62, 0.78, 0.88])
    round_off = np.array([0.62 * jaw + 0.2, 0.45 + 0.45 * jaw, 0.97, 1.0, 0.85, 0.6])
    if boxy:
        shares, round_off = np.array([0.1, 0.9]), np.array([1.0, 1.0])
    line = np.stack([0 * shares, start[1] + forward * (1.2 - 0.5 * shares), chin + height * shares], 1)
    radii = np.stack([0.5 * 2 * width * round_off, depth * (0.3 + 0.7 * round_off)], 1)
    plan.body(line, radii * [1.0, 1.0], [bone], blend=0.015, boxy=boxy, cap=0.55)
    face = start[1] + forward - depth
    _features(plan, bone, chin, height, width, depth, face)
    _hair(plan, bone, chin, height, width, depth, start[1] + forward * 0.8)
    return bone


def _features(plan: Plan, bone: int, chin: float, height: float, width: float, depth: float, face: float) -> None:
    if plan.chance(0.6):
        nose = np.array([[0, face + 0.15 * depth, chin + 0.52 * height], [0, face - 0.1 * depth, chin + 0.4 * height]])
        plan.body(nose, [0.09 * height, 0.1 * height], [bone], blend=0.008, make="blend" if height < 0.2 else "tube")
    eyes = plan.chance(0.4)
    ears = plan.chance(0.55)
    ear = str(plan.rng.choice(["round", "cat", "long", "horn"], p=[0.72, 0.12, 0.1, 0.06]))
    size = height * plan.uniform(0.05, 0.11)
    ear_bones = plan.chance(0.8)
    bend = plan.uniform(-0.3, 0.5)
    for side in plan.sides():
        if eyes:
            at = np.array([[0.42 * width, face + 0.16 * depth, chin + 0.55 * height]])
            plan.body(at, [size], [bone], side, make="loose")
        if ears and ear == "round":
            at = np.array(
                [
                    [0.98 * width, face + depth, chin + 0.38 * height],
                    [1.02 * width, face + depth * 1.05, chin + 0.56 * height],
                ]
            )
            plan.body(at, [[0.05 * height, 0.08 * height]] * 2, [bone], side, blend=0.006, make="tube")
        elif ears:
            base = np.array([0.55 * width, face + depth, chin + 0.85 * height])
            rise = height * {"cat": 0.35, "long": 0.8, "horn": 0.45}[ear]
            tip = base + rise * np.array([0.35 + bend, 0.1, 1.0])
            name = "horn" if ear == "horn" else "ear"
            bones = plan.chain([name], np.stack([base, tip]), bone, side) if ear_bones else [bone]
            thick = height * (0.16 if ear == "cat" else 0.1)
            flat = 1.0 if ear == "horn" else 0.4
            line = smooth_line(np.stack([base, 0.5 * (base + tip) + [0.03, 0, 0.02], tip]), 6)
            taper = np.linspace(1, 0.15, 6) if ear != "long" else np.array([0.7, 1, 1.1, 1, 0.8, 0.4])
            plan.body(line, thick * taper[:, None] * [1.0, flat], bones, side, blend=0.01, make="tube")


def _hair(plan: Plan, bone: int, chin: float, height: float, width: float, depth: float, middle: float) -> None:
    kind = str(plan.rng.choice(["none", "cap", "long", "tail", "hat", "spikes"], p=[0.25, 0.2, 0.15, 0.1, 0.2, 0.1]))
    top = chin + 1.0 * height
    make = "loose" if plan.chance(0.6) else "tube"
    if kind in ("cap", "long", "tail"):
        low = {"cap": 0.55, "long": plan.uniform(-0.3, 0.2), "tail": 0.55}[kind]
        line = np.array(
            [
                [0, middle + 0.35 * depth, chin + low * height],
                [0, middle + 0.2 * depth, chin + 0.62 * height],
                [0, middle + 0.05 * depth, chin + 0.82 * height],
            ]
        )
        plan.body(
            line,
            [[0.9 * width, 0.72 * depth], [1.1 * width, 0.95 * depth], [1.0 * width, 0.95 * depth]],
            [bone],
            make=make,
            cap=0.5,
        )
    if kind == "tail":
        base = np.array([0, middle + 1.0 * depth, chin + 0.75 * height])
        points = base + height * np.array([[0, 0, 0], [0, 0.25, -0.1], [0, 0.35, -0.5], [0, 0.3, -1.0]])
        count = int(plan.rng.integers(1, 4))
        own = plan.chain(
            ["hair" if k == 0 else f"hair.{k:03d}" for k in range(count)], smooth_line(points, count + 1), bone
        )
        plan.body(smooth_line(points, 8), height * np.linspace(0.16, 0.05, 8), own, make="tube", blend=0.01)
    if kind == "hat":
        brim = plan.uniform(1.15, 1.8)
        at = chin + 0.75 * height
        disc = np.array([[0, middle, at], [0, middle, at + 0.05 * height]])
        plan.body(disc, [[brim * width, brim * depth]] * 2, [bone], make=make, cap=0.02, boxy=False)
        crown = np.array([[0, middle, at], [0, middle, top + plan.uniform(0.02, 0.4) * height]])
        tip = plan.uniform(0.1, 1.0)
        plan.body(
            crown, [[1.1 * width, 1.08 * depth], [1.05 * width * tip, 1.05 * depth * tip]], [bone], make=make, cap=0.2
        )
    if kind == "spikes":
        for place in np.linspace(-1, 1, int(plan.rng.integers(3, 6))):
            base = np.array([0, middle + 0.7 * depth * place, chin + (0.88 - 0.1 * place**2) * height])
            end = base + height * plan.uniform(0.2, 0.4) * np.array([0, 0.5 + 0.5 * place, 1.0])
            plan.body(np.stack([base, end]), [0.28 * width, 0.03 * width], [bone], make="tube", blend=0.01)
