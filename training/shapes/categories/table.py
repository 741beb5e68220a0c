"""Tables and desks: round, oval, square and long tops, one or two plates, drawers, every kind of support."""

from __future__ import annotations

import numpy as np

from ..making.parts import box, disc, moved, slab, tube
from .common import Parts, Random, Style, board, chance, knob, pick, pull, style_of, supports


def table(rng: Random) -> Parts:
    """One table."""
    style = style_of(rng)
    size = pick(rng, "dining dining coffee side desk console")
    width, depth, height = {
        "dining": (rng.uniform(0.9, 2.0), rng.uniform(0.7, 1.0), rng.uniform(0.68, 0.78)),
        "coffee": (rng.uniform(0.7, 1.4), rng.uniform(0.5, 0.8), rng.uniform(0.3, 0.48)),
        "side": (rng.uniform(0.4, 0.6), rng.uniform(0.4, 0.6), rng.uniform(0.45, 0.7)),
        "desk": (rng.uniform(1.1, 1.7), rng.uniform(0.55, 0.8), rng.uniform(0.7, 0.78)),
        "console": (rng.uniform(0.9, 1.5), rng.uniform(0.3, 0.45), rng.uniform(0.7, 0.9)),
    }[size]
    thick = rng.uniform(0.02, 0.05) * (1 + 0.3 * width)
    form = "board" if size == "desk" else pick(rng, "board board round oval squarish")
    if form == "round":
        depth = width = min(width, 1.3)
    below = "four" if size == "desk" else pick(rng, "four four four pedestal trestle sled cross panels hairpin solid")
    if size == "desk":
        below = pick(rng, "four panels trestle sled cabinets cabinets cabinet")
    extra = pick(rng, "none apron apron drawers shelf both") if below in ("four", "panels") else "none"
    if extra in ("shelf", "both") and below == "four":
        below = "upright"
    parts = _top(rng, style, form, width, depth, height, thick)
    inner = 0.64 if form in ("round", "oval") else (0.88 if form == "squarish" else 0.97)
    w, d = width * inner, depth * inner
    if below in ("cabinets", "cabinet"):
        parts += _cabinets(rng, style, w, d, height, thick, two=below == "cabinets")
    elif below == "pedestal" and width > 1.7 * depth:
        pedestal = supports(rng, style, below, depth, depth, height, 0.5 * thick)
        parts += [moved(part, np.eye(3), (x, 0, 0)) for x in (-0.26 * width, 0.26 * width) for part in pedestal]
        parts.append(board(style, [0, 0, 0.25 * height], [0.52 * width, 0.06, 0.06]))
    else:
        parts += supports(rng, style, below, w, d, height, 0.5 * thick)
    return parts + _extras(rng, style, extra, form, w, d, height, thick, below)


def _top(rng: Random, style: Style, form: str, width: float, depth: float, height: float, thick: float) -> Parts:
    z, half = height + thick / 2, thick / 2
    rim = pick(rng, "round sharp")
    if form == "board":
        if chance(rng, 0.2):
            count = int(rng.integers(3, 7))
            gap = depth / count
            lines = (np.arange(count) + 0.5) * gap - depth / 2
            planks = [board(style, [0, y, z], [width, 0.88 * gap, thick]) for y in lines]
            return planks + [
                box([s * 0.36 * width, 0, z - 0.3 * thick], [0.06, 0.98 * depth, 0.9 * thick]) for s in (-1, 1)
            ]
        return [board(style, [0, 0, z], [width, depth, thick])]
    if chance(rng, 0.12):
        turn, reach = 2 * np.pi * np.arange(32) / 32, np.linspace(0.78, 1, 3)[:, None]
        grid = np.stack([reach * width / 2 * np.cos(turn), reach * depth / 2 * np.sin(turn), z + 0 * reach * turn], -1)
        # A ring with a thinner inner plate, as of glass.
        return [slab(grid, half, rim, wrap=True), disc([0, 0, z], [0, 0, 1], (0.4 * width, 0.4 * depth), 0.6 * half)]
    power = rng.uniform(3, 6) if form == "squarish" else 2.0
    return [disc([0, 0, z], [0, 0, 1], (width / 2 - half, depth / 2 - half), half, rim, 36, power=power)]


def _extras(
    rng: Random,
    style: Style,
    kind: str,
    form: str,
    w: float,
    d: float,
    height: float,
    thick: float,
    below: str,
) -> Parts:
    """Aprons, a lower plate, drawers under the top."""
    parts: Parts = []
    drop = rng.uniform(0.06, 0.14) * (0.5 + height)
    edge = 0.022 * style.thick * (0.6 + 0.8 * height)
    if kind in ("apron", "both"):
        x, y = w / 2 - 1.6 * edge, d / 2 - 1.6 * edge
        z, t = height - drop / 2 + 0.2 * thick, 0.022
        parts += [box([0, s * y, z], [2 * x, t, drop]) for s in (-1, 1)]
        parts += [box([s * x, 0, z], [t, 2 * y, drop]) for s in (-1, 1)]
    if kind == "drawers":
        parts += _drawers(
            rng, style, [0, 0.02, height - drop / 2 + 0.2 * thick], [w - 2 * edge, d - 3 * edge, drop], "row"
        )
    if kind in ("shelf", "both") and below == "upright":
        level = height * rng.uniform(0.2, 0.4)
        if form in ("board", "squarish"):
            parts.append(board(style, [0, 0, level], [w - edge, d - edge, 0.7 * thick]))
        else:
            parts.append(disc([0, 0, level], [0, 0, 1], (0.74 * w, 0.74 * d), 0.35 * thick))
    return parts


def _drawers(rng: Random, style: Style, centre: list[float], size: list[float], way: str) -> Parts:
    """A closed case with fronts and handles."""
    x, y, z = centre
    w, d, h = size
    parts = [box(centre, size)]
    count = int(rng.integers(1, 4)) if way == "row" else int(rng.integers(2, 5))
    bow = chance(rng, 0.5)
    for k in range(count):
        share = (k + 0.5) / count - 0.5
        fx, fz = (x + share * w, z) if way == "row" else (x, z + share * h)
        fw, fh = (w / count, h) if way == "row" else (w, h / count)
        front = y - d / 2
        parts.append(box([fx, front, fz], [fw * 0.9, 0.03, fh * 0.82]))
        at = [fx, front - 0.015, fz]
        parts.append(pull(at, 0.35 * fw, 0.016) if bow else knob(style, at, 0.016))
    return parts


def _cabinets(rng: Random, style: Style, w: float, d: float, height: float, thick: float, *, two: bool) -> Parts:
    """A desk's drawer cases on one or both sides, legs where there is none."""
    wide, foot = w * rng.uniform(0.24, 0.32), rng.uniform(0.0, 0.12)
    parts: Parts = []
    for side in (-1, 1):
        x = side * (w - wide) / 2
        if side == 1 and not two:
            radius = 0.025 * style.thick
            parts += [
                tube(
                    [
                        [w / 2 - 2 * radius, s * (d / 2 - 2 * radius), 0],
                        [w / 2 - 2 * radius, s * (d / 2 - 2 * radius), height + thick / 2],
                    ],
                    radius,
                    sides=4 if style.square else None,
                    ends="flat",
                )
                for s in (-1, 1)
            ]
            continue
        high = height - foot
        parts += _drawers(
            rng, style, [x, 0, foot + high / 2 + 0.2 * thick], [wide, 0.9 * d, high + 0.4 * thick], "column"
        )
        if foot > 0.03:
            parts += [
                tube(
                    [[x + sx * 0.4 * wide, sy * 0.36 * d, 0], [x + sx * 0.4 * wide, sy * 0.36 * d, foot + 0.03]],
                    0.02,
                    ends="flat",
                )
                for sx in (-1, 1)
                for sy in (-1, 1)
            ]
        else:
            parts.append(box([x, 0, foot / 2 + 0.02], [0.9 * wide, 0.8 * d, foot + 0.04]))
    if chance(rng, 0.6):
        parts.append(box([0, 0.35 * d, height * 0.7], [w - wide, 0.025, 0.62 * height]))
    return parts
