"""Arms with hands: fingers, mittens, fists or claws."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from ..plan import Plan, along, unit

FINGERS = {
    "f_index": -0.34,
    "f_middle": -0.11,
    "f_ring": 0.12,
    "f_pinky": 0.34,
}  # across the palm, -1 is the thumb's side
LENGTHS = {"f_index": 0.92, "f_middle": 1.0, "f_ring": 0.94, "f_pinky": 0.76}


def add_arm(
    plan: Plan,
    height: float,
    out: float,
    back: float,
    thick: float,
    length: float,
    chest: int,
    side: int,
    angle: float,
    bend: float,
    style: str,
    *,
    boxy: bool,
    seed: int,
) -> list[int]:
    """Shoulder, upper arm, forearm, hand; `angle` below the horizontal, `bend` of the elbow forwards, in radians."""
    rng = np.random.default_rng(seed)
    size = height / 0.82 * length
    drop = float(rng.uniform(0.0, 0.03))
    joint = np.array([out, back * 0.6, height - drop])
    inner = np.array([out * float(rng.uniform(0.15, 0.4)), back * 0.6, height - drop - 0.01])
    way = np.array([np.cos(angle), 0, -np.sin(angle)])
    forward = unit(np.array([0, -1, 0]) * np.sin(bend) + way * np.cos(bend))
    elbow = joint + 0.165 * size * float(rng.uniform(0.9, 1.15)) * unit(way + [0, 0.04, 0])
    wrist = elbow + 0.145 * size * float(rng.uniform(0.9, 1.1)) * forward
    grown = 0.105 * size * float(rng.uniform(0.85, 1.2)) * (1.15 if style != "realistic" else 1.0)
    shoulder_bone = float(rng.random()) < 0.85
    carrier = plan.chain(["shoulder"], np.stack([inner, joint]), chest, side)[0] if shoulder_bone else chest
    hand_end = wrist + 0.48 * grown * forward
    bones = plan.chain(["upper_arm", "forearm", "hand"], np.stack([joint, elbow, wrist, hand_end]), carrier, side)
    top = 0.034 * thick * float(rng.uniform(0.85, 1.15))
    line = along(np.stack([joint, elbow, wrist]), [0.0, 0.18, 0.35, 0.52, 0.62, 0.8, 1.0])
    end = float(rng.uniform(0.48, 0.62)) if style == "realistic" else float(rng.uniform(0.5, 0.95))
    shares = np.array([1.08, 1.0, 0.86, 0.74, 0.76 * (0.7 + 0.5 * end), 0.5 * (0.72 + end), end])
    radii = top * shares
    if shoulder_bone:
        plan.body(np.stack([inner, joint]), [top * 1.05, top * 1.08], [carrier], side, blend=0.025, band=0.7, boxy=boxy)
    plan.body(line, radii, bones, side, blend=0.02, boxy=boxy, band=0.9)
    down = unit(np.cross(forward, np.cross([0, 0, -1.0], forward)) + 1e-6)
    thumbward = unit(np.array([0, -1.0, 0]) - forward * -forward[1])
    if abs(forward[1]) > 0.8:
        thumbward = np.array([-1.0, 0, 0])
    palm_normal = unit(np.cross(forward, thumbward))
    palm_normal = palm_normal if palm_normal @ down >= 0 else -palm_normal
    what = "fist" if boxy else str(rng.choice(["fingers", "mitten", "fist"], p=[0.45, 0.33, 0.22]))
    wrist_radius = float(radii[-1])
    hand = (wrist, forward, thumbward, palm_normal, grown, wrist_radius)
    if what == "fingers":
        add_fingers(plan, hand, bones[-1], side, rng)
    elif what == "mitten":
        _mitten(plan, hand, bones[-1], side, rng)
    else:
        round_hand = max(0.3 * grown, 1.15 * wrist_radius)
        centre = wrist + forward * np.array([[0.15], [0.75]]) * grown * 0.6
        plan.body(
            centre, [[round_hand, 0.9 * round_hand]] * 2, [bones[-1]], side, across=thumbward, blend=0.012, boxy=boxy
        )
    return bones


Hand = tuple[
    np.ndarray, np.ndarray, np.ndarray, np.ndarray, float, float
]  # wrist, onwards, thumb's side, palm's, length, radius


def _palm(plan: Plan, hand: Hand, bone: int, side: int, part: str, half: float) -> None:
    wrist, forward, thumbward, _, grown, radius = hand
    line = wrist + forward * grown * np.array([-0.12, 0.1, 0.32, 0.46])[:, None]
    thin = max(0.3 * half, 0.7 * radius)
    sizes = np.array(
        [[0.95 * radius, 0.95 * radius], [0.85 * half, thin], [half, thin * 0.95], [0.95 * half, thin * 0.8]]
    )
    plan.body(line, sizes, [bone], side, across=thumbward, blend=0.006, part=part, band=0.7, cap=0.6)


def add_fingers(plan: Plan, hand: Hand, bone: int, side: int, rng: np.random.Generator) -> None:
    """A palm, a thumb and two to four fingers of mostly three bones."""
    wrist, forward, thumbward, palm, grown, radius = hand
    count = int(rng.choice([4, 3, 2], p=[0.75, 0.2, 0.05]))
    names = {4: list(FINGERS), 3: ["f_index", "f_middle", "f_pinky"], 2: ["f_index", "f_pinky"]}[count]
    half = max(grown * float(rng.uniform(0.2, 0.27)), 1.05 * radius)
    _palm(plan, hand, bone, side, "hand", half)
    joints_each = int(rng.choice([3, 2], p=[0.85, 0.15]))
    curl, fan = float(rng.uniform(0.0, 0.35)), float(rng.uniform(0.0, 0.25))
    thick = half * float(rng.uniform(0.19, 0.24)) * 4 / (count + 0.3)
    places = np.linspace(-1, 1, count) * (1 - thick / half)
    for name, place in zip(names, places, strict=True):
        base = wrist + 0.46 * grown * forward - thumbward * half * place
        way = unit(forward - fan * place * thumbward)
        length = 0.5 * grown * LENGTHS[name]
        _digit(plan, name, base, way, palm, length, thick, curl, joints_each, bone, side, "hand")
    base = wrist + 0.1 * grown * forward + 0.62 * half * thumbward
    way = unit(0.75 * thumbward + forward * float(rng.uniform(0.6, 1.2)) + 0.3 * palm)
    _digit(plan, "thumb", base, way, palm, 0.46 * grown, 1.15 * thick, 0.3 * curl, joints_each, bone, side, "hand")


def _digit(
    plan: Plan,
    name: str,
    base: np.ndarray,
    way: np.ndarray,
    palm: np.ndarray,
    length: float,
    thick: float,
    curl: float,
    count: int,
    bone: int,
    side: int,
    part: str,
) -> None:
    joints = [base]
    for step, share in enumerate((0.42, 0.32, 0.26) if count == 3 else (0.55, 0.45)):
        turn = curl * (step + 0.5)
        joints.append(joints[-1] + length * share * (np.cos(turn) * way + np.sin(turn) * palm))
    bones = plan.chain([f"{name}.{k + 1:02d}" for k in range(count)], np.stack(joints), bone, side)
    line = np.stack([base - 0.1 * length * way, *joints])
    radii = thick * np.concatenate([[1.0], np.linspace(1.02, 0.8, count + 1)])
    plan.body(line, radii, bones, side, blend=0.3 * thick, part=part, band=0.8)


def _mitten(plan: Plan, hand: Hand, bone: int, side: int, rng: np.random.Generator) -> None:
    """All fingers in one, and a thumb."""
    wrist, forward, thumbward, palm, grown, radius = hand
    half = max(grown * float(rng.uniform(0.2, 0.3)), 1.1 * radius)
    _palm(plan, hand, bone, side, "hand", half)
    thick = 0.32 * half
    count = int(rng.choice([1, 2]))
    if rng.random() < 0.7:
        ends = wrist + forward * grown * np.linspace(0.46, 0.96, count + 1)[:, None]
        fingers = plan.chain([f"f_middle.{k + 1:02d}" for k in range(count)], ends, bone, side)
    else:
        ends, fingers = wrist + forward * grown * np.array([[0.46], [0.96]]), [bone]
    sizes = np.linspace(1, 0.7, len(ends))[:, None] * [[0.95 * half, 0.75 * thick]]
    plan.body(ends, sizes, fingers, side, across=thumbward, blend=0.006, part="hand", cap=0.8)
    base = wrist + 0.12 * grown * forward + 0.5 * half * thumbward
    way = unit(thumbward + forward + 0.2 * palm)
    _digit(plan, "thumb", base, way, palm, 0.5 * grown, 0.9 * thick, 0.1, 2, bone, side, "hand")
