"""Cars: sedan, hatchback, estate, van, bus, pickup, lorry, convertible, racer; wheels, lights, mirrors, spoilers."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, both, box, disc, moved, tube
from .common import Parts, Random, chance, pick

# Side views: (y from nose 0 to tail 1, height of the upper edge 0..1) of the lower body and of the cabin.
BODIES: dict[str, list[tuple[float, float]]] = {
    "sedan": [(0.0, 0.62), (0.04, 0.78), (0.3, 0.95), (0.75, 1.0), (0.95, 0.95), (1.0, 0.8)],
    "hatchback": [(0.0, 0.66), (0.05, 0.82), (0.28, 0.98), (0.8, 1.0), (0.97, 0.98), (1.0, 0.85)],
    "racer": [(0.0, 0.35), (0.1, 0.6), (0.35, 0.9), (0.7, 1.0), (0.95, 0.95), (1.0, 0.85)],
    "box": [(0.0, 0.75), (0.03, 0.92), (0.15, 1.0), (0.85, 1.0), (0.98, 0.98), (1.0, 0.9)],
}
CABINS: dict[str, list[tuple[float, float]]] = {
    "sedan": [(0.26, 0.0), (0.4, 0.92), (0.5, 1.0), (0.64, 0.98), (0.74, 0.75), (0.88, 0.0)],
    "hatchback": [(0.24, 0.0), (0.38, 0.92), (0.5, 1.0), (0.78, 0.95), (0.9, 0.7), (0.98, 0.0)],
    "estate": [(0.24, 0.0), (0.38, 0.92), (0.48, 1.0), (0.85, 0.98), (0.93, 0.85), (0.98, 0.0)],
    "van": [(0.02, 0.0), (0.16, 0.85), (0.22, 1.0), (0.9, 1.0), (0.98, 0.95), (0.99, 0.0)],
    "bus": [(0.0, 0.0), (0.02, 0.9), (0.05, 1.0), (0.95, 1.0), (0.985, 0.9), (1.0, 0.0)],
    "pickup": [(0.26, 0.0), (0.38, 0.92), (0.44, 1.0), (0.54, 0.98), (0.57, 0.8), (0.59, 0.0)],
    "racer": [(0.32, 0.0), (0.46, 0.9), (0.55, 1.0), (0.66, 0.85), (0.78, 0.45), (0.92, 0.0)],
    "lorry": [(0.0, 0.0), (0.03, 0.85), (0.06, 1.0), (0.2, 1.0), (0.24, 0.95), (0.25, 0.0)],
}


def car(rng: Random) -> Parts:
    """One car, nose towards -Y."""
    kind = pick(rng, "sedan sedan hatchback estate van bus pickup lorry convertible racer")
    length = {"bus": 8.5, "lorry": 7.0, "van": 5.0, "hatchback": 3.9, "pickup": 5.2}.get(kind, 4.5) * rng.uniform(
        0.9, 1.1
    )
    width = {"bus": 2.4, "lorry": 2.3, "van": 1.95}.get(kind, 1.78) * rng.uniform(0.94, 1.06)
    body = {"bus": 1.2, "lorry": 0.75, "van": 0.85, "racer": 0.5}.get(kind, 0.65) * rng.uniform(0.9, 1.12)
    cabin = {"bus": 1.4, "lorry": 1.4, "van": 1.05, "racer": 0.42}.get(kind, 0.58) * rng.uniform(0.9, 1.15)
    radius = {"bus": 0.46, "lorry": 0.46}.get(kind, 0.33) * rng.uniform(0.95, 1.15)
    clear, corner = radius * rng.uniform(0.65, 0.9), rng.uniform(0.15, 0.5)
    shape = {"sedan": "sedan", "racer": "racer", "convertible": "sedan", "hatchback": "hatchback"}.get(kind, "box")
    if kind in ("estate", "pickup"):
        shape = "hatchback"
    top = clear + body
    parts = [_lower(rng, BODIES[shape], length, width, clear, body, corner)]
    if kind == "convertible":
        parts += _open_top(rng, length, width, top, cabin)
    else:
        cab = CABINS[kind] if kind in CABINS else CABINS["sedan"]
        parts.append(_cabin(rng, cab, length, width, top, cabin, corner))
    if kind == "pickup":
        parts += _bed(length, width, top)
    if kind == "lorry":
        parts += _load(rng, length, width, top, cabin)
    parts += _wheels(rng, kind, length, width, radius)
    return parts + _trim(rng, kind, length, width, clear, body, top, cabin)


def _lower(
    rng: Random,
    profile: list[tuple[float, float]],
    length: float,
    width: float,
    clear: float,
    body: float,
    corner: float,
) -> Part:
    share = np.linspace(0, 1, 11)
    at, high = np.array(profile).T
    upper = np.interp(share, at, high)
    under = 0.22 * (np.abs(2 * share - 1) ** 6) + 0.0 * share
    plan = 1 - rng.uniform(0.06, 0.2) * np.abs(2 * share - 1) ** rng.uniform(3, 6)
    half = (upper - under) * body / 2
    line = np.stack([0 * share, (share - 0.5) * length, clear + (upper + under) * body / 2], 1)
    return bar(line, [1, 0, 0], plan * width / 2, half, corner)


def _cabin(
    rng: Random,
    profile: list[tuple[float, float]],
    length: float,
    width: float,
    top: float,
    cabin: float,
    corner: float,
) -> Part:
    at, high = np.array(profile).T
    share = np.linspace(at[0], at[-1], 11)
    upper = np.maximum(np.interp(share, at, high), 0.03)
    sink = 0.3
    half = (upper * cabin + sink) / 2
    plan = width / 2 * (0.93 - rng.uniform(0.03, 0.12) * upper)
    line = np.stack([0 * share, (share - 0.5) * length, top - sink + half], 1)
    return bar(line, [1, 0, 0], plan, half, min(1.0, corner + 0.1))


def _open_top(rng: Random, length: float, width: float, top: float, cabin: float) -> Parts:
    """A windscreen's frame and seats."""
    x, y = 0.42 * width, -0.1 * length
    frame = [
        [-x, y - 0.25, top - 0.1],
        [-0.85 * x, y, top + 0.7 * cabin],
        [0.85 * x, y, top + 0.7 * cabin],
        [x, y - 0.25, top - 0.1],
    ]
    parts: Parts = [tube(frame, 0.03)]
    for row in range(int(rng.integers(1, 3))):
        z, back = top + 0.12, y + 0.55 + 0.75 * row
        seat = bar([[0.22 * width, back, top - 0.1], [0.22 * width, back + 0.12, z + 0.38]], [1, 0, 0], 0.24, 0.07, 0.7)
        parts += both(seat)
        parts += both(box([0.22 * width, back + 0.12, z + 0.46], [0.24, 0.09, 0.18], 0.8))
    if chance(rng, 0.5):
        parts.append(box([0, 0.27 * length, top], [0.8 * width, 0.5, 0.22], 0.7))
    return parts


def _bed(length: float, width: float, top: float) -> Parts:
    """A pickup's walls."""
    y0, y1, thick, high = 0.08 * length, 0.485 * length, 0.07, 0.4
    sides = both(box([0.44 * width, (y0 + y1) / 2, top + high / 2 - 0.1], [thick, y1 - y0, high + 0.12]))
    return [*sides, box([0, y1 - thick / 2, top + high / 2 - 0.1], [0.88 * width + thick, thick, high + 0.12])]


def _load(rng: Random, length: float, width: float, top: float, cabin: float) -> Parts:
    """What a lorry carries: a box, a tank, a platform with posts."""
    y0, y1 = -0.2 * length, 0.5 * length
    kind = pick(rng, "box box tank platform")
    middle, size = (y0 + y1) / 2, y1 - y0
    if kind == "box":
        high = cabin * rng.uniform(1.0, 1.4)
        return [box([0, middle, top + high / 2 - 0.1], [width * 1.02, size, high + 0.2], rng.uniform(0, 0.2))]
    if kind == "tank":
        radius = 0.46 * width
        return [tube([[0, y0 + 0.3, top + 0.85 * radius], [0, y1 - 0.3, top + 0.85 * radius]], radius, sides=24)]
    deck = box([0, middle, top + 0.02], [width, size, 0.14])
    walls = both(box([0.48 * width, middle, top + 0.25], [0.06, size, 0.5]))
    return [deck, *walls, box([0, y1 - 0.03, top + 0.25], [width * 0.98, 0.06, 0.5])]


def _wheels(rng: Random, kind: str, length: float, width: float, radius: float) -> Parts:
    half = radius * rng.uniform(0.28, 0.4)
    axles = [-0.31, 0.3] if kind not in ("bus", "lorry") else [-0.35, 0.28]
    if kind == "lorry":
        axles = [-0.38, 0.22, 0.37] if chance(rng, 0.6) else [-0.38, 0.3]
    spoked = chance(rng, 0.6)
    x, hub = width / 2 - 0.35 * half, [0, radius]
    axle: Parts = both(disc([x, *hub], [1, 0, 0], radius - half, half, "round", 16, across=(0, 1, 0)))
    cap = [[x, *hub], [x + 1.25 * half, *hub]]
    axle += both(tube(cap, [0.55 * radius, 0.4 * radius], ends="flat", sides=10))
    axle.append(tube([[-x, *hub], [x, *hub]], 0.2 * radius, ends="flat", sides=8))
    if spoked and kind not in ("bus", "lorry", "racer"):
        arch, reach = np.linspace(0.15, np.pi - 0.15, 7), 1.12 * radius
        line = np.stack([0 * arch + width / 2 - 0.04, -reach * np.cos(arch), radius + reach * np.sin(arch)], 1)
        axle += both(tube(line, 0.055, ends="flat", sides=6))
    return [moved(part, np.eye(3), (0, y * length, 0)) for y in axles for part in axle]


def _trim(
    rng: Random, kind: str, length: float, width: float, clear: float, body: float, top: float, cabin: float
) -> Parts:
    """Bumpers, lights, mirrors, racks, wings."""
    parts: Parts = []
    nose, tail = -length / 2, length / 2
    if chance(rng, 0.7):
        for y in (nose + 0.02, tail - 0.02):
            parts.append(box([0, y, clear + 0.3 * body], [0.86 * width, 0.16, 0.2 * body], 0.6))
    if kind not in ("racer",):
        lamp = tube(
            [[0.33 * width, nose + 0.3, clear + 0.56 * body], [0.33 * width, nose - 0.01, clear + 0.56 * body]],
            0.11,
            sides=8,
        )
        parts += both(lamp)
    if chance(rng, 0.8):
        y = {"bus": -0.47, "lorry": -0.44, "van": -0.34}.get(kind, -0.17) * length
        # The stalk starts well inside the body.
        stalk = tube([[0.38 * width, y, top - 0.08], [0.56 * width, y - 0.02, top + 0.08]], 0.035, ends="flat", sides=8)
        parts += [*both(stalk), *both(box([0.56 * width, y, top + 0.12], [0.16, 0.1, 0.16], 0.6))]
    roof = top + cabin
    if kind in ("estate", "van") and chance(rng, 0.6):
        y0, y1 = (0.0, 0.3) if kind == "estate" else (-0.2, 0.4)
        line = [
            [0.3 * width, y0 * length, roof - 0.1],
            [0.3 * width, y0 * length + 0.12, roof + 0.08],
            [0.3 * width, y1 * length - 0.12, roof + 0.08],
            [0.3 * width, y1 * length, roof - 0.1],
        ]
        parts += both(tube(line, 0.028, ends="flat"))
    if kind == "racer" or (kind in ("sedan", "hatchback") and chance(rng, 0.25)):
        parts += both(box([0.3 * width, 0.46 * length, top + 0.06], [0.05, 0.14, 0.36]))
        parts.append(box([0, 0.47 * length, top + 0.23], [0.86 * width, 0.26, 0.05], 0.5))
    if chance(rng, 0.2):
        parts.append(
            tube([[0.2 * width, 0.3 * length, top - 0.15], [0.2 * width, 0.36 * length, top + 0.7]], 0.018, sides=8)
        )
    return parts
