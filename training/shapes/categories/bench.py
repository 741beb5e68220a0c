"""Benches: long seats of slats or boards, with or without backs, arms and a table's kinds of support."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, both, box, moved, slab, tube
from .common import Parts, Random, Style, board, chance, pick, rail, style_of, supports


def bench(rng: Random) -> Parts:
    """One bench."""
    style = style_of(rng)
    width, depth, height = rng.uniform(1.0, 2.2), rng.uniform(0.36, 0.52), rng.uniform(0.38, 0.48)
    if chance(rng, 0.4):
        return _cast(rng, style, width, depth, height)
    thick = rng.uniform(0.035, 0.06)
    parts = _seat(rng, style, width, depth, height, thick)
    below = pick(rng, "four four panels trestle sled cross blocks")
    if below == "blocks":
        x = width * rng.uniform(0.3, 0.42)
        size = [rng.uniform(0.08, 0.25), 0.85 * depth, height + 0.5 * thick]
        parts += both(board(style, [x, 0, size[2] / 2], size))
    else:
        parts += supports(rng, style, below, 0.95 * width, 0.95 * depth, height, 0.4 * thick)
    if chance(rng, 0.55):
        parts += _back(rng, style, width, depth, height + 0.5 * thick)
    return parts


def _seat(rng: Random, style: Style, width: float, depth: float, height: float, thick: float) -> Parts:
    z = height + thick / 2
    kind = pick(rng, "slats slats board cushion cross")
    if kind == "board":
        return [board(style, [0, 0, z], [width, depth, thick])]
    if kind == "cushion":
        soft = box([0, 0, z + 0.04], [0.97 * width, 0.97 * depth, 0.09], 1.0, 0.025)
        return [board(style, [0, 0, z], [width, depth, thick]), soft]
    bearers = [box([s * 0.4 * width, 0, z - 0.2 * thick], [0.06, 0.96 * depth, thick]) for s in (-1, 1)]
    if kind == "cross":
        count = int(width / 0.1)
        lines = (np.arange(count) + 0.5) / count * width - width / 2
        frame = [box([0, s * 0.41 * depth, z - 0.2 * thick], [width, 0.09, thick]) for s in (-1, 1)]
        plank = board(style, [0, 0, z + 0.2 * thick], [0.055, depth, 0.6 * thick])
        return frame + bearers + [moved(plank, np.eye(3), (x, 0, 0)) for x in lines]
    count = int(rng.integers(3, 8))
    lines = (np.arange(count) + 0.5) / count * depth - depth / 2
    plank = board(style, [0, 0, z + 0.15 * thick], [width, 0.78 * depth / count, 0.7 * thick])
    return bearers + [moved(plank, np.eye(3), (0, y, 0)) for y in lines]


def _back(rng: Random, style: Style, width: float, depth: float, base: float) -> Parts:
    """Posts with boards, rods or one panel between them."""
    high, tilt, radius = rng.uniform(0.32, 0.5), rng.uniform(0, 0.25), 0.024 * style.thick
    rear, reach = depth / 2 - radius, 0.46 * width

    def at(x: float, v: float) -> list[float]:
        return [x, rear + tilt * v * high, base + v * high]

    parts: Parts = [rail(style, [at(s * reach, -0.1), at(s * reach, 1)], radius) for s in (-1, 1)]
    if chance(rng, 0.4):
        parts.append(rail(style, [at(0, -0.1), at(0, 1)], radius))
    kind = pick(rng, "boards boards rods panel")
    if kind == "panel":
        grid = np.array([[at(x, v) for v in np.linspace(0.15, 0.98, 4)] for x in np.linspace(-reach, reach, 6)])
        parts.append(slab(grid, 0.7 * radius, pick(rng, "sharp round")))
    elif kind == "boards":
        count = int(rng.integers(1, 5))
        edge = np.linspace(rng.uniform(0.2, 0.5), 1, 2 * count)
        for low, top in zip(edge[::2], edge[1::2], strict=True):
            across = np.array(at(0, 1)) - at(0, 0)
            line = [at(-1.04 * reach, (low + top) / 2), at(1.04 * reach, (low + top) / 2)]
            parts.append(bar(line, across, (top - low) * high / 2, 0.6 * radius, style.corner))
    else:
        count = int(rng.integers(7, 18))
        parts += [rail(style, [at(-reach, v), at(reach, v)], 0.9 * radius) for v in (0.2, 0.97)]
        rod = tube([at(0, 0.18), at(0, 0.97)], 0.5 * radius, ends="flat")
        parts += [moved(rod, np.eye(3), (x, 0, 0)) for x in np.linspace(-reach, reach, count + 2)[1:-1]]
    if chance(rng, 0.5):
        z, front = base + rng.uniform(0.18, 0.28), -0.42 * depth
        rest = board(style, [reach, (front + rear) / 2, z], [0.06, rear - front + 0.1, 0.035])
        parts += [*both(rest), *both(rail(style, [[reach, front, base - 0.03], [reach, front, z]], radius))]
    return parts


def _cast(rng: Random, style: Style, width: float, depth: float, height: float) -> Parts:
    """A park bench: bent iron sides, slats along a curve of seat and back."""
    radius, tilt, high = rng.uniform(0.016, 0.028), rng.uniform(0.12, 0.35), rng.uniform(0.3, 0.5)
    profile = _profile(rng, depth, height, high, tilt)
    reach = width * rng.uniform(0.38, 0.47)
    count = 3 if width > 1.7 or chance(rng, 0.3) else 2
    parts: Parts = []
    rest = chance(rng, 0.7)
    for x in np.linspace(-reach, reach, count):
        parts += _side(rng, style, x, profile, radius, depth, height, rest=rest and abs(x) > 0.1)
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    pitch = rng.uniform(0.06, 0.13)
    slats = int(steps[-1] / pitch)
    for s in (np.arange(slats) + 0.5) / slats * steps[-1]:
        y, z = np.interp(s, steps, profile[:, 0]), np.interp(s, steps, profile[:, 1])
        dy, dz = (np.interp(s + 0.01, steps, profile[:, k]) - np.interp(s - 0.01, steps, profile[:, k]) for k in (0, 1))
        normal = np.array([0, -dz, dy]) / np.hypot(dy, dz)
        middle = np.array([0, y, z]) + 0.9 * radius * normal
        line = [middle - np.array([width / 2, 0, 0]), middle + np.array([width / 2, 0, 0])]
        parts.append(bar(line, np.array([0, dy, dz]), 0.36 * pitch, 0.016 * style.thick, style.corner))
    return parts


def _profile(rng: Random, depth: float, height: float, high: float, tilt: float) -> np.ndarray:
    """Side view (N, 2) of seat and back as y, z."""
    dip, roll = rng.uniform(0, 0.03), rng.uniform(0.02, 0.05)
    points = np.array(
        [
            [-depth / 2, height - roll],
            [-depth / 2 + 0.06, height],
            [0, height - dip],
            [depth / 2 - 0.08, height - dip],
            [depth / 2, height + 0.06],
            [depth / 2 + tilt * 0.5 * high, height + 0.5 * high],
            [depth / 2 + tilt * high, height + high],
        ]
    )
    share = np.linspace(0, 1, 19)
    return np.stack([np.interp(share, np.linspace(0, 1, 7), points[:, k]) for k in (0, 1)], 1)


def _side(
    rng: Random, style: Style, x: float, profile: np.ndarray, radius: float, depth: float, height: float, *, rest: bool
) -> list[Part]:
    spine = np.stack([np.full(len(profile), x), profile[:, 0], profile[:, 1]], 1)
    floor, y = 0.8 * radius, depth / 2
    parts = [
        tube(spine[::2], radius, ends="flat"),
        tube([[x, -0.7 * y, height], [x, -0.95 * y, floor]], radius, ends="flat"),
        tube([[x, 0.85 * y, height], [x, 1.05 * y, floor]], radius, ends="flat"),
    ]
    if style.bent > 0:
        parts.append(
            tube([[x, -0.88 * y, 0.5 * height], [x, 0, 0.62 * height], [x, 0.98 * y, 0.5 * height]], 0.7 * radius)
        )
    if rest:
        level = height + 0.22
        back = np.interp(level, profile[10:, 1], profile[10:, 0])
        loop = [[x, back, level], [x, -0.75 * y, level], [x, -0.95 * y, level - 0.06], [x, -0.7 * y, height - 0.02]]
        parts.append(tube(loop, 0.9 * radius, ends="flat"))
    return parts
