"""Machines without legs: carts, cars, tanks, scooters, and drones with rotors. Every part is on one bone."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..plan import Plan


def machine(seed: int) -> KnownShape:
    """One of them; it looks towards -Y."""
    kind = ("car", "tank", "scooter", "drone")[seed % 4]
    plan = start("mech", "drone" if kind == "drone" else "machine", seed, 14)
    plan.look.made, plan.look.band = "tubes" if plan.chance(0.3) else "loose", 0.0
    if kind == "drone":
        _drone(plan)
    elif kind == "scooter":
        _scooter(plan)
    else:
        _car(plan, armed=kind == "tank")
    return build(plan, seed)


def _part(
    plan: Plan,
    first: np.ndarray | list[float],
    last: np.ndarray | list[float],
    half: tuple[float, float],
    bone: int,
    side: int = 0,
    *,
    boxy: bool = True,
    across: tuple[float, float, float] = (1, 0, 0),
) -> None:
    """A hard part between two places."""
    line = np.stack([np.asarray(first, float), np.asarray(last, float)])
    plan.body(line, [half, half], [bone], side, across=across, boxy=boxy, band=0.0, cap=0.2, grip=False, make="tube")


def _car(plan: Plan, *, armed: bool) -> None:
    long, wide, tall = plan.uniform(0.8, 1.4), plan.uniform(0.25, 0.45), plan.uniform(0.12, 0.3)
    wheel = plan.uniform(0.1, 0.2)
    floor = wheel * plan.uniform(0.9, 1.3)
    middle = floor + 0.5 * tall
    root = plan.chain(["root"], [[0, 0, middle], [0, -0.4 * long, middle]], -1)[0]
    _part(plan, [0, 0.5 * long, middle], [0, -0.5 * long, middle], (wide, 0.5 * tall), root)
    top = floor + tall
    if not armed and plan.chance(0.8):
        _part(
            plan,
            [0, 0.35 * long, top + 0.3 * tall],
            [0, -0.15 * long, top + 0.3 * tall],
            (0.85 * wide, 0.45 * tall),
            root,
        )
    if armed:
        turret = plan.chain(["turret"], [[0, 0, top + 0.1 * tall], [0, 0, top + 0.6 * tall]], root)[0]
        _part(
            plan,
            [0, 0.2 * long, top + 0.3 * tall],
            [0, -0.2 * long, top + 0.3 * tall],
            (0.6 * wide, 0.35 * tall),
            turret,
        )
        mouth = [0, -plan.uniform(0.5, 0.9) * long, top + 0.35 * tall]
        start_at = [0, -0.2 * long, top + 0.35 * tall]
        own = plan.chain(["barrel"], [start_at, mouth], turret)[0] if plan.chance(0.8) else turret
        _part(plan, start_at, mouth, (0.1 * wide, 0.1 * wide), own, boxy=False)
    pairs = int(plan.rng.choice([2, 3, 4], p=[0.7, 0.2, 0.1])) if not armed else int(plan.rng.choice([2, 3, 4, 5]))
    if armed and plan.chance(0.4):  # tracks that turn on nothing
        for side in plan.sides():
            _part(plan, [wide, 0.5 * long, wheel], [wide, -0.5 * long, wheel], (0.2 * wide, 0.9 * wheel), root, side)
        return
    thick = wheel * plan.uniform(0.3, 0.6)
    for number, name in enumerate(numbered("wheel", pairs)):
        y = long * (-0.36 + 0.72 * number / max(pairs - 1, 1))
        for side in plan.sides():
            _wheel(plan, name, np.array([wide, y, wheel]), wheel, thick, root, side)


def _wheel(plan: Plan, name: str, at: np.ndarray, radius: float, thick: float, carrier: int, side: int) -> None:
    axle = np.array([thick, 0, 0])
    own = plan.chain([name], np.stack([at, at + axle]), carrier, side)[0]
    half = (radius, radius)
    _part(plan, at - 0.5 * axle, at + 0.8 * axle, half, own, side, boxy=False, across=(0, 1, 0))


def _scooter(plan: Plan) -> None:
    long, wheel = plan.uniform(0.8, 1.1), plan.uniform(0.08, 0.2)
    root = plan.chain(["root"], [[0, 0, wheel], [0, -0.3 * long, wheel]], -1)[0]
    thin = plan.uniform(0.05, 0.12)
    _part(plan, [0, 0.45 * long, wheel], [0, -0.4 * long, wheel], (thin, 0.4 * wheel), root)
    if plan.chance(0.5):
        seat = wheel + plan.uniform(0.15, 0.35)
        _part(plan, [0, 0.4 * long, seat], [0, 0.0, seat], (1.2 * thin, 0.05), root)
        _part(plan, [0, 0.2 * long, wheel], [0, 0.2 * long, seat], (0.8 * thin, 0.1), root)
    top = plan.uniform(0.5, 0.9)
    foot, bar = np.array([0, -0.45 * long, wheel]), np.array([0, -0.38 * long, top])
    fork = plan.chain(["part"], np.stack([bar, foot]), root)[0]
    _part(plan, foot, bar, (0.025, 0.025), fork, boxy=False)
    grip = plan.uniform(0.12, 0.25)
    for side in plan.sides():
        _part(plan, bar, bar + [grip, 0.02, 0], (0.022, 0.022), fork, side, boxy=False, across=(0, 1, 0))
    for y, carrier, name in ((-0.45 * long, fork, "wheel"), (0.42 * long, root, "wheel.001")):
        at = np.array([-0.03, y, wheel])
        own = plan.chain([name], np.stack([at + [0.03, 0, 0], at + [0.03, 0, 0.9 * wheel]]), carrier)[0]
        _part(plan, at, at + [0.06, 0, 0], (wheel, wheel), own, boxy=False, across=(0, 1, 0))


def _drone(plan: Plan) -> None:
    wide, tall = plan.uniform(0.12, 0.25), plan.uniform(0.05, 0.15)
    root = plan.chain(["root"], [[0, 0, 0], [0, -wide, 0]], -1)[0]
    _part(plan, [0, 0.8 * wide, 0], [0, -0.8 * wide, 0], (0.7 * wide, tall), root, boxy=plan.chance(0.6))
    if plan.chance(0.5):
        eye = plan.chain(["part"], [[0, -0.7 * wide, -tall], [0, -1.1 * wide, -1.2 * tall]], root)[0]
        _part(plan, [0, -0.7 * wide, -tall], [0, -1.0 * wide, -1.2 * tall], (0.05, 0.05), eye, boxy=False)
    reach, size = plan.uniform(0.3, 0.5), plan.uniform(0.12, 0.22)
    blades = plan.chance(0.6)
    for name, y in zip(numbered("rotor", 2), (-1.0, 1.0), strict=True):
        hub = np.array([reach, y * reach * plan.uniform(0.8, 1.0), 0.6 * tall])
        for side in plan.sides():
            _part(plan, [0.5 * wide, y * 0.4 * wide, 0], hub, (0.025, 0.02), root, side, boxy=True, across=(0, 0, 1))
            own = plan.chain([name], np.stack([hub, hub + [0, 0, 0.08]]), root, side)[0]
            _part(plan, hub, hub + [0, 0, 0.05], (0.03, 0.03), own, side, boxy=False)
            if blades:
                for turn in (0.0, np.pi / 2):
                    way = size * np.array([np.cos(turn), np.sin(turn), 0])
                    _part(
                        plan,
                        hub + [0, 0, 0.05] - way,
                        hub + [0, 0, 0.05] + way,
                        (0.022, 0.008),
                        own,
                        side,
                        across=(-np.sin(turn), np.cos(turn), 0),
                    )
            else:
                _part(plan, hub + [0, 0, 0.04], hub + [0, 0, 0.06], (size, size), own, side, boxy=False)
