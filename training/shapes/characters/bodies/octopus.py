"""Octopuses, squids and jellyfish: a mantle or a bell, and arms around its mouth."""

from __future__ import annotations

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..plan import Plan, smooth_line, unit


def octopus(seed: int) -> KnownShape:
    """One of them. Octopuses sit on their arms, squids swim along -Y with the arms behind, bells hang."""
    kind = ("octopus", "squid", "bell")[seed % 5 // 2]
    plan = start("creature", "octopus" if kind != "bell" else "jellyfish", seed, 12)
    girth, tall = plan.uniform(0.16, 0.3), plan.uniform(0.3, 0.7)
    if kind == "octopus":
        way = unit([0, plan.uniform(0.0, 1.2), 1.0])
    else:
        way = np.array([0, -1.0, 0]) if kind == "squid" else np.array([0, 0, 1.0])
        tall = tall * 1.4 if kind == "squid" else 0.6 * girth
    carrier = _mantle(plan, kind, way, tall, girth)
    _arms(plan, kind, way, girth, carrier)
    if kind == "squid" and plan.chance(0.8):
        _fins(plan, way, tall, girth, carrier)
    return build(plan, seed)


def _mantle(plan: Plan, kind: str, way: np.ndarray, tall: float, girth: float) -> int:
    """The bone that the arms hang on."""
    count = 1 if kind == "bell" else int(plan.rng.choice([0, 1, 2], p=[0.25, 0.5, 0.25]))
    joint = 0.35 * girth * way
    base = plan.chain(["spine"], np.stack([-0.2 * girth * way, joint]), -1)
    top = joint + tall * way
    bones = base + plan.chain(numbered("head", count), smooth_line(np.stack([joint, top]), count + 1), base[0])
    profile = {
        "octopus": [0.6, 0.7, 0.75, 1.0, 1.1, 0.95, 0.55],
        "squid": [0.55, 0.75, 0.8, 0.8, 0.65, 0.4, 0.15],
        "bell": [1.3, 1.35, 1.3, 1.15, 0.95, 0.65, 0.3],
    }[kind]
    line = smooth_line(np.stack([-0.2 * girth * way, top]), 7)
    wide = girth * np.array(profile) * plan.rng.uniform(0.9, 1.1, 7)
    plan.body(line, np.stack([wide, wide * plan.uniform(0.8, 1.05)], 1), bones, blend=0.03, cap=0.7, grip=False)
    if kind != "bell" and plan.chance(0.7):
        size = girth * plan.uniform(0.15, 0.3)
        ahead = unit(np.array([0, -1.0, 0.2]) if kind == "octopus" else np.array([0, 0, 0.6]))
        for side in plan.sides():
            at = 0.4 * girth * way + 0.5 * girth * ahead + [0.5 * girth, 0, 0]
            plan.body(at[None], [size], base, side, make="loose", grip=False)
    return base[0]


def _arms(plan: Plan, kind: str, way: np.ndarray, girth: float, carrier: int) -> None:
    pairs = 4 if kind != "bell" else int(plan.rng.choice([2, 3, 4]))
    count = int(plan.rng.choice([3, 4, 5, 6, 8]))
    reach, thick = plan.uniform(0.6, 1.3), girth * plan.uniform(0.16, 0.32)
    if kind == "bell":
        thick *= 0.6
    curl, droop = plan.uniform(-0.5, 0.6), plan.uniform(0.1, 0.6)
    aside = np.array([1.0, 0, 0])
    ahead = np.cross(aside, way)
    ahead = ahead if ahead[1] <= 0 else -ahead
    drawn = plan.rng.normal(0, 0.15, (2 * pairs, 4, 3))
    for pair in range(pairs):
        angle = np.pi * (pair + 0.5) / pairs
        out = np.sin(angle) * aside + np.cos(angle) * ahead
        outward = {"octopus": 1.0, "squid": 0.25, "bell": 0.2}[kind] * plan.uniform(0.9, 1.1)
        first = 0.55 * girth * out - 0.15 * girth * way
        steps = np.linspace(0, 1, 5)[:, None]
        bend = droop * girth * np.sin(np.pi * steps * 0.5) if kind == "octopus" else reach * steps
        line = first + reach * outward * steps * out - bend * way
        line = line + 0.25 * curl * reach * (steps**2) * np.cross(way, out)
        for side in plan.sides():
            own = line.copy()
            number = 2 * pair + (0 if plan.symmetric or side > 0 else 1)
            own[1:] += 0.3 * reach * drawn[number] * np.linspace(0.2, 1, 4)[:, None]
            bones = plan.chain(numbered(f"tentacle{pair + 1}", count), smooth_line(own, count + 1), carrier, side)
            inner = np.concatenate([[0.2 * girth * out], own])
            plan.body(smooth_line(inner, 14), thick * np.linspace(1.15, 0.25, 14), bones, side, blend=0.03, band=0.8)


def _fins(plan: Plan, way: np.ndarray, tall: float, girth: float, carrier: int) -> None:
    width, chord = plan.uniform(0.4, 0.9) * girth, plan.uniform(0.25, 0.5) * tall
    root = (0.35 * girth + 0.75 * tall) * way + [0.35 * girth, 0, 0]
    shares = np.linspace(0, 1, 4)
    edge = root + np.stack([width * shares, 0.3 * chord * shares, 0 * shares], 1)
    depth = chord * np.array([1.0, 0.9, 0.6, 0.2])
    points = edge[None] + np.linspace(-0.5, 0.5, 3)[:, None, None] * np.array([0, 1.0, 0]) * depth[None, :, None]
    for side in plan.sides():
        bones = plan.chain(["fin"], edge[[0, 3]], carrier, side) if plan.look.sides > 8 else [carrier]
        plan.panel(points, 0.1 * girth, bones, side)
