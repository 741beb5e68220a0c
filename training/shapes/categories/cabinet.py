"""Cabinets: columns and rows of open shelves, doors and drawers, on legs, a plinth or the floor."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..making.parts import bar, box, tube
from .common import Parts, Random, Style, board, chance, knob, leg, pick, pull, style_of


def cabinet(rng: Random) -> Parts:
    """One cabinet."""
    style = style_of(rng)
    kind = pick(rng, "tall tall low chest square bookcase bookcase")
    width, height, depth = {
        "tall": (rng.uniform(0.5, 1.2), rng.uniform(1.5, 2.1), rng.uniform(0.35, 0.6)),
        "low": (rng.uniform(1.2, 2.0), rng.uniform(0.5, 0.85), rng.uniform(0.38, 0.5)),
        "chest": (rng.uniform(0.6, 1.1), rng.uniform(0.7, 1.2), rng.uniform(0.4, 0.55)),
        "square": (rng.uniform(0.45, 0.8), rng.uniform(0.45, 0.9), rng.uniform(0.35, 0.5)),
        "bookcase": (rng.uniform(0.6, 1.4), rng.uniform(1.0, 2.1), rng.uniform(0.24, 0.38)),
    }[kind]
    thick = rng.uniform(0.022, 0.04)
    foot = 0.0 if chance(rng, 0.3) else rng.uniform(0.05, 0.25) * min(1.0, height)
    bodies = _cells(rng, kind, width, height, depth, foot, thick)
    parts = _base(rng, style, width, depth, foot, thick)
    backless = kind == "bookcase" and chance(rng, 0.4)
    handle = pick(rng, "knob bow upright none")
    for x, z, w, h in bodies:
        role = "open" if kind == "bookcase" and chance(rng, 0.8) else _role(rng, kind, w, h)
        if role == "open" and len(bodies) == 1 and kind == "chest":
            role = "drawers"
        if role == "open":
            parts += _open(rng, x, z, w, h, depth, thick, backless=backless)
        else:
            parts += _closed(rng, style, role, x, z, w, h, depth, handle)
    if chance(rng, 0.5):
        over = rng.uniform(0.0, 0.04)
        parts.append(board(style, [0, -over / 2, height + 0.3 * thick], [width + 2 * over, depth + over, 1.4 * thick]))
    return parts


def _cells(
    rng: Random, kind: str, width: float, height: float, depth: float, foot: float, thick: float
) -> list[tuple[float, float, float, float]]:
    """Centre x, z and size of the units that fill the front, each reaching half a board into its neighbours."""
    columns = {"low": int(rng.integers(2, 5)), "tall": int(rng.integers(1, 3))}.get(kind, int(rng.integers(1, 3)))
    rows = {"tall": int(rng.integers(1, 4)), "bookcase": 1, "low": 1}.get(kind, int(rng.integers(1, 3)))
    xs = _cuts(rng, columns, width)
    cells = []
    for left, right in pairwise(xs):
        zs = _cuts(rng, rows, height - foot)
        for low, top in pairwise(zs):
            a, b = left - (thick / 2 if left > 0 else 0), right + (thick / 2 if right < width else 0)
            c, d = low - (thick / 2 if low > 0 else 0), top + (thick / 2 if top < height - foot else 0)
            cells.append(((a + b - width) / 2, foot + (c + d) / 2, b - a, d - c))
    return cells


def _cuts(rng: Random, count: int, whole: float) -> np.ndarray:
    share = rng.uniform(0.7, 1.3, count)
    if chance(rng, 0.5):
        share[:] = 1
    return np.concatenate([[0], np.cumsum(share) / share.sum()]) * whole


def _role(rng: Random, kind: str, w: float, h: float) -> str:
    if kind == "chest":
        return "drawers"
    if h < 0.3:
        return pick(rng, "open drawers drawers")
    return pick(rng, "open doors doors drawers")


def _open(rng: Random, x: float, z: float, w: float, h: float, depth: float, thick: float, *, backless: bool) -> Parts:
    """Boards around, shelves between, a thin back."""
    parts: Parts = [box([x + s * (w - thick) / 2, 0, z], [thick, depth, h]) for s in (-1, 1)]
    parts += [box([x, 0, z + s * (h - thick) / 2], [w, depth, thick]) for s in (-1, 1)]
    if not backless:
        parts.append(box([x, (depth - 0.5 * thick) / 2, z], [w, 0.5 * thick, h]))
    shelves = int(h / rng.uniform(0.24, 0.45))
    for level in np.arange(1, shelves) / max(shelves, 1) * h - h / 2:
        parts.append(box([x, 0.01, z + level], [w - 0.5 * thick, depth - 0.02, 0.8 * thick]))
    if w > 0.5 and chance(rng, 0.3):
        parts.append(box([x + rng.uniform(-0.2, 0.2) * w, 0.01, z], [0.8 * thick, depth - 0.02, h - 0.5 * thick]))
    return parts


def _closed(
    rng: Random, style: Style, role: str, x: float, z: float, w: float, h: float, depth: float, handle: str
) -> Parts:
    """A solid body with fronts a little before it and a groove around each."""
    parts: Parts = [box([x, 0, z], [w, depth, h])]
    front, out = -depth / 2, rng.uniform(0.008, 0.018)
    columns, rows = (
        (2 if w > 0.45 else 1, 1) if role == "doors" else (1 if w < 0.9 else 2, max(1, int(h / rng.uniform(0.16, 0.3))))
    )
    framed = chance(rng, 0.35)
    for i in range(columns):
        for k in range(rows):
            fx, fz = x + ((i + 0.5) / columns - 0.5) * w, z + ((k + 0.5) / rows - 0.5) * h
            fw, fh = w / columns - 0.016, h / rows - 0.016
            parts.append(box([fx, front, fz], [fw, 2 * out, fh]))
            if framed:
                parts += _frame(fx, front - out, fz, fw, fh, out)
            at = [fx, front - out, fz]
            if role == "doors":
                at[0] += 0.4 * fw if columns == 1 or i == 0 else -0.4 * fw
            parts += _handle(style, handle, role, at, fw, fh)
    return parts


def _frame(x: float, y: float, z: float, w: float, h: float, out: float) -> Parts:
    """A raised border on a front."""
    edge = 0.12 * min(w, h)
    parts: Parts = [box([x + s * (w - edge) / 2, y, z], [edge, 1.2 * out, h]) for s in (-1, 1)]
    return parts + [box([x, y, z + s * (h - edge) / 2], [w, 1.2 * out, edge]) for s in (-1, 1)]


def _handle(style: Style, handle: str, role: str, at: list[float], w: float, h: float) -> Parts:
    if handle == "none":
        return []
    if handle == "knob":
        return [knob(style, [at[0], at[1], at[2]], 0.017)]
    upright = role == "doors"
    return [pull(at, min(0.25, 0.4 * (h if upright else w)), 0.016, upright=upright)]


def _base(rng: Random, style: Style, width: float, depth: float, foot: float, thick: float) -> Parts:
    if foot == 0:
        return []
    kind = pick(rng, "legs legs plinth sled")
    sink = 0.7 * thick
    if kind == "plinth" or foot < 0.04:
        return [box([0, 0.02, (foot + sink) / 2], [0.94 * width, 0.88 * depth, foot + sink])]
    x, y, radius = width / 2 - 0.06, depth / 2 - 0.06, 0.024 * style.thick
    if kind == "sled":
        loops = [
            [[s * x, -y, foot + sink], [s * x, -y, radius], [s * x, y, radius], [s * x, y, foot + sink]]
            for s in (-1, 1)
        ]
        return [tube(loop, radius, sides=4 if style.square else 10, ends="flat") for loop in loops]
    splay, shape = rng.uniform(0, 0.3) * foot, pick(rng, "plain tapered turned")
    legs = [
        leg(rng, style, shape, [sx * x, sy * y, foot + sink], [sx * (x + splay), sy * (y + splay), 0], radius)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    if chance(rng, 0.3):
        legs.append(bar([[-x, -y, foot], [x, -y, foot]], [0, 0, 1], 0.6 * foot, 0.015))
    return legs
