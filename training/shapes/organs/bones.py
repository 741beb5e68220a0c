"""Bones: skulls with openings, vertebrae with their hole, long bones, rib cages."""

from __future__ import annotations

import numpy as np

from inference.anatomy import Mesh

from ..making.finish import Draft
from ..making.parts import Part, both, moved, turned, wing
from ..shape import Curve, Sheet
from .blobs import bent, blob, body, mesh_of, pipe, plain, roughened, solid_of
from .branching import Random, warp


def _drum(axes: np.ndarray, power: float, waist: float) -> Part:
    """Between an ellipsoid and a cylinder about Z, narrower at half its height by a share `waist`."""

    def bend(points: np.ndarray) -> np.ndarray:
        flat = points / axes
        size = np.maximum(np.linalg.norm(flat, axis=-1, keepdims=True), 1e-9)
        around = np.linalg.norm(flat[..., :2], axis=-1, keepdims=True)
        # From the unit ball to the ball of another norm, along the same rays.
        norm = (around**power + np.abs(flat[..., 2:]) ** power) ** (1 / power)
        made = points * size / np.maximum(norm, 1e-9)
        in_waist = 1 - waist * np.cos(np.clip(made[..., 2:] / axes[2], -1, 1) * np.pi / 2)
        return made * np.concatenate([in_waist, in_waist, np.ones_like(in_waist)], -1)

    return blob(axes, bend)


def vertebra(rng: Random) -> Draft:
    """A body in front, an arch behind it around the canal, and seven processes: one handle."""
    wide, deep, tall = rng.uniform(0.2, 0.26), rng.uniform(0.15, 0.19), rng.uniform(0.1, 0.17)
    drum = _drum(np.array([wide, deep, tall]), 5.0, rng.uniform(0.05, 0.15))
    canal, arm = rng.uniform(0.12, 0.15), rng.uniform(0.03, 0.042)
    front = deep + rng.uniform(0.02, 0.05)
    turn = np.linspace(0, np.pi, 9)
    arch = np.stack([canal * np.cos(turn), front + 1.25 * canal * np.sin(turn), 0.02 + 0 * turn], 1)
    root = np.array([canal * 0.9, 0.6 * deep, 0.02])
    arch = np.concatenate([[root], arch, [root * [-1, 1, 1]]])
    back, drop, long = front + 1.25 * canal, rng.uniform(0.02, 0.25), rng.uniform(0.16, 0.3)
    spine = [[0, back - 0.01, 0.02], [0, back + 0.5 * long, 0.01 - 0.4 * drop], [0, back + long, -drop]]
    parts = [drum, pipe(arch, arm, 10, 1.0), pipe(spine, [0.045, 0.035, 0.04], 10, 0.9)]
    reach, lift = rng.uniform(0.2, 0.32), rng.uniform(-0.03, 0.08)
    start = np.array([canal, front, 0.0])
    sideways = start + np.array([[0, 0.04, 0.02], [0.5 * reach, 0.06, 0.03], [reach, 0.09, 0.03 + lift]])
    above = start + np.array([[0, 0.06, 0.0], [0.03, 0.07, 0.6 * tall + 0.08]])
    below = start + np.array([[0, 0.09, 0.0], [0.005, 0.13, -0.6 * tall - 0.08]])
    for knots, radii in ((sideways, [0.04, 0.03, 0.036]), (above, [0.04, 0.045]), (below, [0.04, 0.045])):
        parts += both(pipe(knots, radii, 10, 0.9))
    bend = warp(0.01, 5.0, rng)
    return body([bent(part, bend) for part in parts], 1, 1)


def long_bone(rng: Random) -> Draft:
    """A shaft with a ball and a hump at its upper end and two knuckles at the lower one."""
    shaft = rng.uniform(0.03, 0.045)
    bow = rng.uniform(0.0, 0.04)
    line = [[0.0, 0, 0.36], [0, -bow, 0.12], [0, -bow, -0.15], [0, 0, -0.42]]
    neck = [[0, 0, 0.34], [0.06, 0, 0.41], [0.11, 0, 0.45]]
    head = rng.uniform(0.055, 0.075)
    knuckle = rng.uniform(0.055, 0.075)
    parts = [
        pipe(line, shaft * np.array([1.3, 1, 1.05, 1.6]), 14, 1.2),
        pipe(neck, shaft * np.array([1.1, 0.9, 0.9]), 12, 0.8),
        moved(blob(np.full(3, head), plain, 2), np.eye(3), (0.13, 0, 0.465)),
        moved(blob(np.array([0.045, 0.05, 0.075]), plain, 2), turned("y", -15), (-0.03, 0.0, 0.40)),
    ]
    for side, size in ((-1, 1.0), (1, rng.uniform(0.85, 1.1))):
        part = blob(knuckle * size * np.array([0.75, 1.15, 0.9]), plain, 2)
        parts.append(moved(part, np.eye(3), (0.05 * side, 0.015, -0.44)))
    return body([bent(roughened(part, 0.02, 40.0, rng), warp_) for warp_ in [warp(0.008, 6, rng)] for part in parts])


def rib_cage(rng: Random) -> Draft:
    """Pairs of ribs between spine and breastbone: a handle for every rib but one."""
    pairs = int(rng.integers(6, 10))
    wide, deep, tall = rng.uniform(0.3, 0.36), rng.uniform(0.2, 0.26), 0.42
    slope, width = rng.uniform(0.08, 0.2), rng.uniform(0.016, 0.022)
    spine = [[0, deep, -tall - 0.06], [0, deep - 0.04, 0], [0, deep, tall + 0.08]]
    breast = [[0, -deep, -0.16 - slope / 2], [0, -deep - 0.02, 0.05], [0, -deep + 0.05, tall - slope]]
    parts = [pipe(spine, 0.042, 12, 1.2), pipe(breast, [0.03, 0.032, 0.035], 10, 1.2)]
    turn = np.linspace(0, np.pi, 9)
    for height in np.linspace(-0.75, 0.9, pairs) * tall:
        size = np.sqrt(max(1 - ((height + 0.1) / (1.25 * tall)) ** 2, 0.2))
        # Each rib falls forward and rises again to where it meets the breastbone.
        reach = float(np.interp(height, [-tall, tall], [-0.16 - slope / 2, tall - slope]))
        fall = np.interp(turn, [0, 0.6 * np.pi, np.pi], [height + 0.04, min(height, reach) - 0.5 * slope, reach])
        y = np.where(turn < np.pi / 2, deep, deep + (1 - size) * 0.05) * np.cos(turn)
        line = np.stack([wide * size * np.sin(turn) ** 0.75, y, fall], 1)
        line[0], line[-1] = [0, deep - 0.02, height + 0.04], [0, _front(breast, reach), reach]
        parts += both(pipe(line, width, 6, 4.0))
    bend = warp(0.008, 4.0, rng)
    return body([bent(part, bend) for part in parts], 1, 2 * pairs - 1, thick=False)


def _front(breast: list[list[float]], height: float) -> float:
    """Where the breastbone is at a height."""
    knots = np.array(breast)
    return float(np.interp(height, knots[:, 2], knots[:, 1]))


def skull(rng: Random) -> Draft:
    """A brain case as a shell with its opening below, sockets, nose, cheek arches, and a jaw of its own.

    Cheek arches are a handle each; so is each socket that is open to the inside.
    """
    long, wide, tall = rng.uniform(0.40, 0.46), rng.uniform(0.31, 0.35), rng.uniform(0.32, 0.37)
    wall = rng.uniform(0.02, 0.03)
    case = blob(np.array([wide, long, tall]), plain)
    face = moved(_drum(np.array([0.215, 0.15, 0.26]), 3.2, 0.0), turned("x", 6), (0, -long + 0.09, -0.27))
    inner = Part(case.vertices * (1 - wall / np.array([wide, long, tall])), case.triangles)
    solid = solid_of(case) + solid_of(face)
    arches = []
    ear = wide * np.sqrt(1 - (0.03 / long) ** 2 - (0.13 / tall) ** 2) - wall / 2
    for side in (1, -1):
        line = np.array(
            [[0.15, -long + 0.06, -0.2], [0.3, -long + 0.14, -0.24], [0.345, -0.12, -0.21], [ear, 0.03, -0.13]]
        )
        arches.append(pipe(line * [side, 1, 1], [0.035, 0.026, 0.022, 0.03], 8, 1.6))
    for arch in arches:
        solid += solid_of(arch)
    solid -= solid_of(inner)
    through = rng.random() < 0.5
    depth = 0.2 if through else 0.07
    eye = blob(np.array([0.085, depth, 0.075]), plain, 2)
    for side in (1, -1):
        solid -= solid_of(moved(eye, turned("z", 12 * side), (0.1 * side, -long - 0.02, -0.13)))
    nose = blob(np.array([0.045, 0.06, 0.07]), lambda p: p * (1 - np.array([4.0, 0, 0]) * p[..., 2:]), 2)
    solid -= solid_of(moved(nose, np.eye(3), (0, -long - 0.05, -0.28)))
    hole = pipe([[0, 0.12, -0.1], [0, 0.13, -0.6]], rng.uniform(0.07, 0.09), 14, 3)
    solid -= solid_of(hole)
    jaw = _jaw(rng, long)
    solid += solid_of(jaw)
    sheet = _shell_sheet(np.array([wide, long, tall]) - wall / 2, wall / 2)
    lines = [curve for part in (*arches, jaw) for curve in part.curves]
    stretch, wave = rng.uniform(0.88, 1.12, 3), warp(0.02, 4.0, rng)
    mesh = mesh_of(solid)
    return Draft(
        Mesh(wave(mesh.vertices * stretch), mesh.triangles),
        2,
        2 + 2 * through,
        tuple(Curve(wave(line.points * stretch), line.radii) for line in lines),
        (Sheet(wave(sheet.points * stretch), sheet.radii),),
        thick=True,
    )


def _jaw(rng: Random, long: float) -> Part:
    """A horseshoe, tall and thin, whose ends rise towards the ears."""
    chin, low = rng.uniform(-0.03, 0.0) - long, rng.uniform(-0.65, -0.62)
    half = np.array([[0.26, -0.06, -0.26], [0.25, -0.1, low + 0.16], [0.19, chin + 0.16, low], [0.1, chin + 0.03, low]])
    line = np.concatenate([half, [[0, chin, low]], half[::-1] * [-1, 1, 1]])
    tall = np.array([0.045, 0.085, 0.07, 0.06, 0.06, 0.06, 0.07, 0.085, 0.045])
    lean = np.array([[0, 1, 0], [0, 1, 0.6], [0, 0.3, 1], [0, 0, 1], [0, 0, 1]], float)
    lean = np.concatenate([lean, lean[-2::-1]])
    made = wing(line, lean, tall, 0.38 * tall, 12, "round")
    return Part(made.vertices, made.triangles, (Curve(line, 0.38 * tall),))


def _shell_sheet(axes: np.ndarray, half: float) -> Sheet:
    """The upper part of the case's middle surface, above all openings."""
    polar, turn = np.linspace(0.06, 0.46, 8)[:, None] * np.pi, np.linspace(0, 2 * np.pi, 25)
    points = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar) + 0 * turn], -1) * axes
    return Sheet(points, np.full(points.shape[:2], half))


BONES = {"skull": skull, "vertebra": vertebra, "long bone": long_bone, "rib cage": rib_cage}
