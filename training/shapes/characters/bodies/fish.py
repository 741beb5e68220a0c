"""Fish, sharks, rays and whales."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..plan import Plan, along, smooth_line


def fish(seed: int) -> KnownShape:
    """One swimmer; it looks towards -Y."""
    plan = start("fish", "fish", seed, 4)
    kind = str(plan.rng.choice(["fish", "shark", "whale", "ray", "eel"], p=[0.5, 0.16, 0.16, 0.1, 0.08]))
    high = {
        "fish": (0.14, 0.34),
        "shark": (0.1, 0.16),
        "whale": (0.12, 0.22),
        "ray": (0.05, 0.09),
        "eel": (0.04, 0.07),
    }[kind]
    wide = {"fish": (0.3, 0.8), "shark": (0.75, 1.0), "whale": (0.85, 1.25), "ray": (2.0, 3.5), "eel": (0.8, 1.0)}[kind]
    height = plan.uniform(*high)
    width = height * plan.uniform(*wide)
    line, sizes = _outline(plan, kind, height)
    spine, head = _bones(plan, line)
    plan.body(
        line, np.stack([sizes * width / height, sizes], 1), [*head[::-1], *spine], blend=0.02, grip=False, part="body"
    )
    _fins(plan, kind, line, height, width, spine, head)
    if plan.chance(0.4):
        at, here = along(line, [0.16])[0], float(np.interp(0.16, np.linspace(0, 1, 14), sizes)) / height
        for side in plan.sides():
            plan.body(
                (at + [0.88 * here * width, 0, 0.3 * here * height])[None],
                [0.11 * min(height, 2 * width)],
                [head[-1]],
                side,
                make="loose",
                grip=False,
            )
    return build(plan, seed)


def _outline(plan: Plan, kind: str, height: float) -> tuple[np.ndarray, np.ndarray]:
    """The middle line from the mouth to the tail's root, (14, 3), and half heights."""
    shares = np.linspace(0, 1, 14)
    sag = plan.uniform(-0.06, 0.06)
    line = np.stack([0 * shares, shares - 0.5, sag * np.sin(np.pi * shares)], 1)
    blunt, where = plan.uniform(0.35, 0.9), plan.uniform(0.28, 0.5)
    front = np.clip(shares / where, 0, 1)
    rear = np.clip((shares - where) / (1 - where), 0, 1)
    thin = plan.uniform(0.12, 0.3) if kind != "ray" else 0.35
    sizes = np.where(
        shares < where,
        (0.16 + 0.84 * np.sin(0.5 * np.pi * front) ** (1.6 - blunt)),
        1 - (1 - thin) * rear ** plan.uniform(1.0, 1.8),
    )
    if kind == "eel":
        sizes = 0.55 + 0.45 * sizes
        line[:, 0] = 0.0
    return line, height * sizes


def _bones(plan: Plan, line: np.ndarray) -> tuple[list[int], list[int]]:
    """From the root in the middle: forwards to the head, backwards to the tail."""
    style = str(plan.rng.choice(["both", "chain"], p=[0.7, 0.3]))
    count = int(plan.rng.integers(3, 7))
    if style == "both":
        root = plan.uniform(0.28, 0.4)
        back = along(line, np.linspace(root, 0.99, count + 1))
        spines = max(1, count // 2)
        spine = plan.chain([*numbered("spine", spines), *numbered("tail", count - spines)], back, -1)
        ahead = int(plan.rng.choice([1, 2]))
        front = along(line, np.linspace(root, 0.02, ahead + 1))
        head = plan.chain([*numbered("chest", ahead - 1), "head"], front, spine[0])
        return spine, head
    root = plan.uniform(0.15, 0.3)
    back = along(line, np.linspace(root, 0.99, count + 1))
    spine = plan.chain([*numbered("spine", count - 1), "tail"], back, -1)
    return spine, plan.chain(["head"], along(line, [root, 0.02]), spine[0])


def _fins(
    plan: Plan, kind: str, line: np.ndarray, height: float, width: float, spine: list[int], head: list[int]
) -> None:
    flat_tail = kind == "whale"
    boned = plan.chance(0.7)
    last = spine[-1]
    if kind not in ("ray", "eel"):
        _tail_fin(plan, line, height, flat=flat_tail, carrier=last)
    thick = 0.12 * min(height, width) + 0.008
    for _ in range({"fish": 2, "shark": 1, "whale": int(plan.chance(0.5)), "ray": 0, "eel": 1}[kind]):
        at, long = plan.uniform(0.25, 0.6), plan.uniform(0.12, 0.35)
        rise = height * plan.uniform(0.5, 1.3)
        below = kind == "fish" and plan.chance(0.3)
        root = along(line, np.linspace(at, min(at + long, 0.92), 5))
        high = np.interp(np.linspace(at, at + long, 5), np.linspace(0, 1, 14), _half_heights(plan))
        up = np.array([0, 0, -1.0 if below else 1.0])
        base = root + 0.75 * high[:, None] * up
        shape = np.array([0.5, 1.0, 0.9, 0.7, 0.4])[:, None] * rise
        tip = base + shape * up + [0, 0.25 * rise, 0]
        plan.panel(np.stack([base, 0.5 * (base + tip), tip]), np.array([1.0, 0.8, 0.5])[:, None] * thick, spine)
    if kind == "eel":
        return
    span = {"fish": plan.uniform(0.12, 0.32), "shark": 0.3, "whale": 0.25, "ray": plan.uniform(0.45, 0.8)}[
        kind
    ] * plan.uniform(0.8, 1.2)
    _pectoral(plan, kind, line, height, width, span, thick, (head[0] if len(head) > 1 else spine[0]), boned=boned)


def _half_heights(plan: Plan) -> np.ndarray:
    return plan.flesh[0].radii[:, 1]


def _tail_fin(plan: Plan, line: np.ndarray, height: float, *, flat: bool, carrier: int) -> None:
    """Two lobes, upright or level, as one slab that hangs on the tail."""
    end = line[-1]
    reach, spread = plan.uniform(0.12, 0.28), plan.uniform(0.12, 0.3)
    fork, lean = plan.uniform(-0.2, 0.8), 0.0 if flat else plan.uniform(-0.3, 0.5)
    at = np.linspace(-1, 1, 7)
    wide = np.array([1.0, 1.0 + lean])[(at > 0).astype(int)]
    across = np.array([1.0, 0, 0]) if flat else np.array([0, 0, 1.0])
    root = end + np.outer(at * 0.3 * spread, across) + [0, -0.03, 0]
    back = (1 - fork * (1 - np.abs(at))) * reach
    tip = end + np.outer(at * wide * spread, across) + np.outer(back, [0, 1.0, 0])
    thick = 0.03 * (0.6 + height)
    boned = plan.chance(0.5)
    bones = [carrier]
    if boned:
        stop = end + np.array([0, 0.8 * reach * (1 - max(fork, 0)), 0])
        bones = plan.chain(["tail.fin"], np.stack([end - [0, 0.01, 0], stop]), carrier)
    plan.panel(np.stack([root, 0.5 * (root + tip), tip]), np.array([1.6, 1.0, 0.6])[:, None] * thick, bones)


def _pectoral(
    plan: Plan,
    kind: str,
    line: np.ndarray,
    height: float,
    width: float,
    span: float,
    thick: float,
    carrier: int,
    *,
    boned: bool,
) -> None:
    at = plan.uniform(0.26, 0.36) if kind != "ray" else 0.3
    root = along(line, [at])[0] + [0.8 * width, 0, -0.3 * height * (kind != "ray")]
    drop, back = plan.uniform(-0.6, 0.2), plan.uniform(0.3, 0.9)
    if kind == "ray":
        drop, back = plan.uniform(-0.15, 0.35), plan.uniform(0.0, 0.4)
    chord = span * plan.uniform(0.35, 0.6) if kind != "ray" else plan.uniform(0.4, 0.6)
    shares = np.linspace(0, 1, 5)
    edge = root + span * np.stack([shares, back * shares**1.3, drop * shares], 1)
    depth = chord * (1 - plan.uniform(0.5, 0.8) * shares**1.5)
    count = 1 if kind != "ray" else 2
    pelvic = kind in ("fish", "shark") and plan.chance(0.4)
    for side in plan.sides():
        middle = edge + np.stack([0 * depth, 0.4 * depth, 0 * depth], 1)
        bones = (
            plan.chain(numbered("fin", count), smooth_line(middle[[0, 2, 4]], count + 1), carrier, side)
            if boned
            else [carrier]
        )
        rows = np.linspace(-0.2, 1, 4)[:, None]
        points = edge[None] + np.stack([0 * depth * rows, depth * rows, 0 * depth * rows], 2)
        plan.panel(points, np.array([0.8, 1.2, 1.0, 0.5])[:, None] * thick * (2 if kind == "ray" else 1), bones, side)
        if pelvic:
            place = along(line, [0.55])[0] + [0.4 * width, 0, -0.7 * height]
            small = place + 0.5 * span * np.stack([0.5 * shares, back * shares, -0.7 * shares], 1)
            grid = (
                small[None]
                + np.linspace(0, 0.35 * span, 3)[:, None, None]
                * np.array([0, 1.0, 0])
                * (1 - 0.6 * shares)[None, :, None]
            )
            owner = (
                plan.chain(["fin.pelvic"], small[[0, 4]] + [0, 0.08 * span, 0], plan.bone("spine"), side)
                if boned
                else [carrier]
            )
            plan.panel(grid, thick, owner, side)
