"""People and people-like figures, from realistic to chibi."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..limbs.arms import add_arm
from ..limbs.heads import add_head
from ..limbs.wear import dress
from ..plan import Plan, along, smooth_line

# Along the trunk, as shares of the way from the hip joints to the shoulders: where artists put the joints.
PELVIS, CHEST, NECK = 0.04, 0.70, 1.10


@dataclass(frozen=True)
class Figure:
    """Measures of a figure about one unit high; heights are above the ground."""

    hip: float
    shoulder: float
    chin: float
    head: float  # the head's height
    shoulder_out: float  # from the middle to the arm's joint
    hip_out: float
    width: float  # how broad the trunk is, 1 for a realistic slim body
    depth: float  # how deep
    limb: float  # how thick the limbs are
    back: float  # how far behind the middle the spine runs
    style: str  # realistic, stylised, chibi

    def at(self, share: float) -> float:
        """A height on the trunk."""
        return self.hip + share * (self.shoulder - self.hip)


@dataclass(frozen=True)
class Trunk:
    """The bones that others hang on."""

    hips: int
    spine: list[int]  # hips, spine ..., chest
    chest: int
    neck: list[int]


def biped(seed: int) -> KnownShape:
    """One figure."""
    plan = start("biped", "biped", seed, 1)
    return build(plan_biped(plan), seed)


def plan_biped(plan: Plan) -> Plan:
    """Fill a plan with a figure, dressed."""
    figure = draw_figure(plan)
    boxy = figure.style != "realistic" and plan.chance(0.2)
    trunk = add_trunk(plan, figure, boxy=boxy)
    head = add_head(plan, figure.chin, figure.head, figure.style, trunk.neck[-1] if trunk.neck else trunk.chest)
    plan.symmetric = plan.chance(0.85)
    arms = _arms(plan, figure, trunk, boxy=boxy)
    legs = [add_leg(plan, figure, trunk.hips, side, boxy=boxy, spread=spread) for side, spread in _spreads(plan)]
    if plan.chance(0.08):
        _tail(plan, figure, trunk)
    dress(plan, figure.hip, figure.shoulder, figure.width, trunk.spine, head, arms, legs)
    return plan


def draw_figure(plan: Plan) -> Figure:
    """Random measures."""
    style = str(plan.rng.choice(["realistic", "stylised", "chibi"], p=[0.4, 0.38, 0.22]))
    low, high = {"realistic": (0.118, 0.15), "stylised": (0.15, 0.27), "chibi": (0.27, 0.46)}[style]
    head = plan.uniform(low, high)
    below = 1 - head
    neck = below * plan.uniform(0.01, 0.03) * (1.0 if style == "chibi" else 1.4)
    chin = 1 - head
    shoulder = chin - neck - 0.03 * below
    hip = shoulder * plan.uniform(*{"realistic": (0.61, 0.67), "stylised": (0.5, 0.67), "chibi": (0.4, 0.6)}[style])
    fat = plan.uniform(0.85, 1.25) if style == "realistic" else plan.uniform(0.8, 1.7)
    grown = below * (1.12 if style == "realistic" else plan.uniform(0.95, 1.4))
    return Figure(
        hip=hip,
        shoulder=shoulder,
        chin=chin,
        head=head,
        shoulder_out=0.113 * grown * (0.75 + 0.25 * fat) * plan.uniform(0.88, 1.15),
        hip_out=0.060 * grown * (0.6 + 0.4 * fat) * plan.uniform(0.9, 1.2),
        width=grown * fat,
        depth=grown * fat * plan.uniform(0.85, 1.2),
        limb=grown * (0.5 + 0.5 * fat) * plan.uniform(0.85, 1.25),
        back=0.012 * plan.uniform(0.0, 1.5),
        style=style,
    )


def add_trunk(plan: Plan, figure: Figure, *, boxy: bool) -> Trunk:
    """Hips, spine, chest and neck, with the flesh around them."""
    spines = int(plan.rng.choice([1, 2, 3, 4], p=[0.2, 0.45, 0.25, 0.1]))
    inner = np.linspace(PELVIS, CHEST, spines + 1) + plan.uniform(-0.03, 0.03)
    inner[1:-1] += plan.uniform(-0.03, 0.03)
    start_at = plan.uniform(-0.02, 0.06)
    neck_at = NECK + plan.uniform(-0.06, 0.03)
    shares = [start_at, *(inner[1:] if spines > 1 else [0.5]), neck_at]
    shares[1:-1] = np.maximum.accumulate(np.maximum(shares[1:-1], start_at + 0.12)).tolist()
    head_at = figure.chin + plan.uniform(0.0, 0.12) * figure.head
    joints = np.array([[0, figure.back, figure.at(share)] for share in shares])
    joints[1:-1, 1] += 0.01 * np.sin(np.linspace(0, np.pi, len(joints) - 2)) * figure.depth
    names = ["hips", *numbered("spine", len(joints) - 3), "chest"] if len(joints) > 2 else ["hips"]
    spine = plan.chain(names, joints, -1)
    top = np.array([[0, joints[-1, 1], joints[-1, 2]], [0, figure.back * 0.6, max(head_at, joints[-1, 2] + 0.015)]])
    neck = plan.chain(["neck"], top, spine[-1])
    _trunk_flesh(plan, figure, [*spine, *neck], boxy=boxy)
    return Trunk(spine[0], spine, spine[-1], neck)


def _trunk_flesh(plan: Plan, figure: Figure, bones: list[int], *, boxy: bool) -> None:
    waist, chest, hips = plan.uniform(0.78, 1.05), plan.uniform(0.9, 1.12), plan.uniform(0.9, 1.12)
    belly = plan.uniform(-0.1, 0.5) * max(figure.width - 0.9, 0)
    shoulders = figure.shoulder_out / 0.1
    neck = min(0.036 * figure.limb, 0.33 * figure.head)
    across = figure.width
    # share of the way from hips to shoulders, half width, half depth, how far forward
    profile = np.array(
        [
            [-0.15, 0.070 * across * hips, 0.056, 0.00],
            [0.02, 0.092 * across * hips, 0.066, 0.00],
            [0.22, 0.084 * across * (hips + waist) / 2, 0.060, 0.004],
            [0.42, 0.075 * across * waist, 0.056 * (1 + belly), 0.006],
            [0.62, 0.084 * across * chest, 0.062, 0.006],
            [0.80, 0.092 * across * chest, 0.064, 0.004],
            [0.95, 0.5 * (0.078 * across * chest + 0.07 * shoulders), 0.050, 0.0],
            [1.05, 0.055 * shoulders * 0.8, 0.038, 0.0],
        ]
    )
    depth = profile[:, 2] * figure.depth
    line = np.stack([0 * depth, -profile[:, 3] * figure.depth, [figure.at(s) for s in profile[:, 0]]], 1)
    fine = np.linspace(0, len(line) - 1, 15)
    radii = np.stack([np.interp(fine, np.arange(len(line)), column) for column in (profile[:, 1], depth)], 1)
    plan.body(smooth_line(line, 15), radii, bones, blend=0.02, boxy=boxy, cap=0.6, grip=False)
    throat = np.array(
        [[0, figure.back * 0.7, figure.at(0.95)], [0, figure.back * 0.5, figure.chin + 0.25 * figure.head]]
    )
    plan.body(throat, [neck * 1.15, neck], bones, blend=0.03)


def _spreads(plan: Plan) -> list[tuple[int, float]]:
    """Both sides and how far out that leg goes, in radians."""
    spread = abs(float(plan.rng.normal(0.03, 0.06)))
    other = spread if plan.symmetric else abs(float(plan.rng.normal(0.03, 0.12)))
    return [(1, spread), (-1, other)]


def add_leg(plan: Plan, figure: Figure, hips: int, side: int, *, boxy: bool, spread: float) -> list[int]:
    """Thigh, shin, foot and mostly toes."""
    rng = np.random.default_rng(plan.rng.integers(1 << 31) if not plan.symmetric else int(1e6 * figure.hip))
    ankle_height = figure.hip * float(rng.uniform(0.085, 0.125))
    knee_share = float(rng.uniform(0.5, 0.58))
    out = np.array([np.sin(spread), 0, -np.cos(spread)])
    stride = 0.0 if plan.symmetric else float(rng.normal(0, 0.06)) * figure.hip
    hip = np.array([figure.hip_out, figure.back * 0.5, figure.hip])
    length = (figure.hip - ankle_height) / np.cos(spread)
    ankle = hip + length * out + [0, stride + 0.012, 0]
    knee = hip + (1 - knee_share) * (ankle - hip) + [0, -0.010 - abs(stride) * 0.2, 0]
    foot = figure.hip * 0.27 * float(rng.uniform(0.8, 1.25)) * (1.25 if figure.style != "realistic" else 1.0)
    turned = float(rng.uniform(-0.05, 0.3)) + 0.3 * spread
    ahead = np.array([np.sin(turned), -np.cos(turned), 0])
    tip = ankle + 0.78 * foot * ahead
    ball = ankle + 0.52 * foot * ahead
    sole = 0.32 * ankle_height
    ball[2], tip[2] = sole, sole * 0.9
    toes = float(rng.random()) < 0.6
    joints = np.array([hip, knee, ankle, ball, tip] if toes else [hip, knee, ankle, 0.3 * ball + 0.7 * tip])
    bones = plan.chain(["thigh", "shin", "foot", "toe"][: len(joints) - 1], joints, hips, side)
    thick = figure.limb
    thigh = min(0.062 * thick, 0.97 * figure.hip_out + 0.01)
    shape = float(rng.uniform(0.8, 1.1))
    line = along(np.array([hip, knee, ankle]), [0.0, 0.2, 0.36, 0.49, 0.58, 0.68, 0.85, 0.99])
    radii = thigh * np.array([0.98, 0.95, 0.84, 0.68, 0.64 * shape, 0.66 * shape, 0.48, 0.42])
    plan.body(line, radii, bones[:3], side, blend=0.018, boxy=boxy, band=0.9)
    heel = ankle - 0.2 * foot * ahead
    heel[2] = sole * 1.15
    wide = float(rng.uniform(0.17, 0.24)) * foot * (1.2 if figure.style != "realistic" else 1.0)
    high = max(0.42 * ankle_height, sole)
    middle = ankle + 0.2 * foot * ahead
    middle[2] = 1.25 * sole
    shoe = np.array([heel, 0.5 * (heel + middle), middle, ball, tip])
    sizes = np.array(
        [
            [0.75 * wide, 1.2 * sole],
            [0.8 * wide, high],
            [0.9 * wide, high],
            [wide, sole * 1.05],
            [0.8 * wide, 0.8 * sole],
        ]
    )
    plan.body(shoe, sizes, bones[2:], side, across=np.cross(ahead, [0, 0, 1]), blend=0.012, boxy=boxy, band=0.9)
    return bones


def _arms(plan: Plan, figure: Figure, trunk: Trunk, *, boxy: bool) -> list[list[int]]:
    pose = str(plan.rng.choice(["T", "A", "down"], p=[0.42, 0.40, 0.18]))
    low, high = {"T": (-0.05, 0.15), "A": (0.4, 1.0), "down": (1.05, 1.35)}[pose]
    angle = plan.uniform(low, high)
    free = not plan.symmetric
    angles = [angle, plan.uniform(-0.8, 1.3) if free else angle]
    bends = [plan.uniform(0.0, 0.25), plan.uniform(0.0, 1.4)] if free else [plan.uniform(0.0, 0.25)] * 2
    lengths = plan.uniform(0.86, 1.14) * (0.82 if figure.style == "chibi" else 1.0)
    seed = int(plan.rng.integers(1 << 31))
    return [
        add_arm(plan, figure.shoulder, figure.shoulder_out, figure.back, figure.limb, lengths, trunk.chest, side,
                angles[at], bends[at], figure.style, boxy=boxy, seed=seed)
        for at, side in enumerate(plan.sides())
    ]  # fmt: skip


def _tail(plan: Plan, figure: Figure, trunk: Trunk) -> None:
    """Cat people and dinosaurs in costume."""
    root = np.array([0, figure.back + 0.04 * figure.depth, figure.hip + 0.01])
    length = plan.uniform(0.2, 0.5)
    drop = plan.uniform(-0.5, 0.4)
    points = [root + length * s * np.array([0, 0.9, drop * s]) for s in np.linspace(0, 1, 5)]
    count = int(plan.rng.integers(3, 7))
    line = smooth_line(np.array(points), count + 1)
    bones = plan.chain(numbered("tail", count), line, trunk.hips)
    thick = plan.uniform(0.015, 0.035)
    plan.body(smooth_line(line, 12), np.linspace(thick * 1.3, thick * plan.uniform(0.3, 0.9), 12), bones, blend=0.02)
