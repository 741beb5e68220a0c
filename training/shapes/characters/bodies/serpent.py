"""Snakes and worms: lying straight, winding, or with a raised head."""

from __future__ import annotations

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..plan import Plan, along, smooth_line


def serpent(seed: int) -> KnownShape:
    """One snake or worm; its head looks towards -Y."""
    plan = start("serpent", "serpent", seed, 6)
    plan.symmetric = plan.chance(0.35)
    line = _course(plan)
    thick = plan.uniform(0.02, 0.06)
    middle = plan.uniform(0.25, 0.55)
    count = int(plan.rng.integers(5, 15))
    ahead = max(2, round(count * (1 - middle) * 0.9))
    spine = plan.chain(numbered("spine", ahead), along(line, np.linspace(middle, 0.9, ahead + 1)), -1)
    head = plan.chain(["head"], along(line, [0.9, 0.992]), spine[-1])
    tails = max(2, count - ahead)
    tail = plan.chain(numbered("tail", tails), along(line, np.linspace(middle, 0.01, tails + 1)), spine[0])
    shares = np.linspace(0, 1, 40)
    worm = plan.chance(0.3)
    slim = np.clip(shares / plan.uniform(0.15, 0.45), 0, 1) ** 0.6 * (1 - 0.25 * shares)
    radii = thick * (
        np.maximum(slim, 0.12)
        if not worm
        else np.maximum(np.minimum(1, 6 * shares + 0.35), 0.3) * np.minimum(1.0, 8 - 7.3 * shares)
    )
    swell = plan.uniform(0.0, 0.9) * np.exp(-(((shares - 0.955) / 0.025) ** 2)) if not worm else 0 * shares
    hood = plan.uniform(0.8, 1.8) * np.exp(-(((shares - 0.85) / 0.05) ** 2)) if plan.chance(0.15) else 0 * shares
    sizes = np.stack([radii * (1 + swell + hood), radii * (1 + 0.4 * swell)], 1)
    points = along(line, shares)
    plan.body(points[::-1], sizes[::-1], [*head[::-1], *spine[::-1], *tail], blend=0.01, grip=False)
    _on_head(plan, along(line, [0.9, 0.94, 1.0]), thick, head[0], worm=worm)
    return build(plan, seed)


def _course(plan: Plan) -> np.ndarray:
    """From the tail's tip to the nose, (60, 3), about one unit long."""
    t = np.linspace(0, 1, 60)
    waves, wide = plan.uniform(0.5, 2.6), plan.uniform(0.03, 0.16)
    fade = np.sin(np.pi * np.clip(t / 0.8, 0, 1)) ** 0.7
    x = wide * np.sin(2 * np.pi * waves * t + plan.uniform(0, 6)) * fade * (not plan.symmetric)
    line = np.stack([x, 0.5 - t, 0 * t], 1)
    how = str(plan.rng.choice(["flat", "raised", "arch"], p=[0.45, 0.4, 0.15]))
    if how == "raised":
        begin, high = plan.uniform(0.55, 0.78), plan.uniform(0.12, 0.4)
        s = np.clip((t - begin) / (0.9 - begin), 0, 1)
        line[:, 2] += high * s * s * (3 - 2 * s)
        line[:, 1] = 0.5 - np.where(t < begin, t, begin + (t - begin) * plan.uniform(0.3, 0.8))
    elif how == "arch":
        line[:, 2] += plan.uniform(0.02, 0.08) * np.sin(np.pi * t * plan.rng.integers(1, 5)) ** 2
    if not plan.symmetric and plan.chance(0.2):  # coiled
        turn = 2 * np.pi * plan.uniform(1.0, 1.8) * (1 - t)
        radius = 0.1 + 0.14 * (1 - t)
        line = np.stack([radius * np.sin(turn), -radius * np.cos(turn), plan.uniform(0.05, 0.3) * t**2], 1)
    return line


def _on_head(plan: Plan, points: np.ndarray, thick: float, head: int, *, worm: bool) -> None:
    if worm:
        return
    if plan.chance(0.35):
        jaw = points[1:] - [0, 0, 0.75 * thick]
        jaw[1] += [0, 0, -plan.uniform(0.1, 0.6) * thick]
        own = plan.chain(["jaw"], smooth_line(jaw, 2), head)
        plan.body(jaw, thick * np.array([[0.8, 0.35], [0.4, 0.2]]), own, make="tube", band=0.3)
    if plan.chance(0.4):
        for side in plan.sides():
            across = 0.75 * thick * (1 if plan.symmetric else 0)
            if across:
                plan.body(
                    (points[1] + [across, 0, 0.5 * thick])[None], [0.25 * thick], [head], side, make="loose", grip=False
                )
