"""A walk as motion capture libraries keep it: CMU's joints in a BVH file, moved by a gait that is computed here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

INCH = 0.0254
Degrees = float | np.ndarray
# joint, parent, offset in metres from it: +Y up, facing +Z, left at +X, arms to the sides
JOINTS: list[tuple[str, str, tuple[float, float, float]]] = [
    ("Hips", "", (0, 0, 0)),
    ("LHipJoint", "Hips", (0, 0, 0)),
    ("LeftUpLeg", "LHipJoint", (0.09, -0.07, 0.02)),
    ("LeftLeg", "LeftUpLeg", (0.02, -0.41, 0.0)),
    ("LeftFoot", "LeftLeg", (0.0, -0.40, 0.0)),
    ("LeftToeBase", "LeftFoot", (0.0, -0.06, 0.13)),
    ("RHipJoint", "Hips", (0, 0, 0)),
    ("RightUpLeg", "RHipJoint", (-0.09, -0.07, 0.02)),
    ("RightLeg", "RightUpLeg", (-0.02, -0.41, 0.0)),
    ("RightFoot", "RightLeg", (0.0, -0.40, 0.0)),
    ("RightToeBase", "RightFoot", (0.0, -0.06, 0.13)),
    ("LowerBack", "Hips", (0, 0, 0)),
    ("Spine", "LowerBack", (0.0, 0.12, -0.01)),
    ("Spine1", "Spine", (0.0, 0.12, 0.0)),
    ("Neck", "Spine1", (0, 0, 0)),
    ("Neck1", "Neck", (0.0, 0.1, 0.01)),
    ("Head", "Neck1", (0.0, 0.1, 0.01)),
    ("LeftShoulder", "Spine1", (0, 0, 0)),
    ("LeftArm", "LeftShoulder", (0.18, 0.05, 0.0)),
    ("LeftForeArm", "LeftArm", (0.29, 0.0, 0.0)),
    ("LeftHand", "LeftForeArm", (0.2, 0.0, 0.0)),
    ("LeftFingerBase", "LeftHand", (0, 0, 0)),
    ("LeftHandIndex1", "LeftFingerBase", (0.08, 0.0, 0.0)),
    ("LThumb", "LeftHand", (0, 0, 0)),
    ("RightShoulder", "Spine1", (0, 0, 0)),
    ("RightArm", "RightShoulder", (-0.18, 0.05, 0.0)),
    ("RightForeArm", "RightArm", (-0.29, 0.0, 0.0)),
    ("RightHand", "RightForeArm", (-0.2, 0.0, 0.0)),
    ("RightFingerBase", "RightHand", (0, 0, 0)),
    ("RightHandIndex1", "RightFingerBase", (-0.08, 0.0, 0.0)),
    ("RThumb", "RightHand", (0, 0, 0)),
]
ENDS = {"LeftToeBase": (0, 0, 0.06), "RightToeBase": (0, 0, 0.06), "Head": (0, 0.12, 0), "LeftHandIndex1": (0.06, 0, 0),
        "RightHandIndex1": (-0.06, 0, 0), "LThumb": (0.05, 0, 0.05), "RThumb": (-0.05, 0, 0.05)}  # fmt: skip


def gait(seconds: float, rate: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Where the hips are (T, 3) and how joints turn: Euler angles about x, y and z in degrees, (T, 3) each."""
    time = np.arange(round(seconds * rate) + 1) / rate
    phase = 2 * np.pi * time / 1.1
    turns: dict[str, np.ndarray] = {}

    def about(joint: str, x: Degrees = 0.0, y: Degrees = 0.0, z: Degrees = 0.0) -> None:
        turns[joint] = np.stack(np.broadcast_arrays(x, y, z, time * 0)[:3], 1).astype(float)

    for side, shift, sign in (("Left", 0.0, 1.0), ("Right", np.pi, -1.0)):
        own = phase + shift
        swing = np.clip(-np.sin(own), 0, None) ** 1.2  # the leg is in the air while this is above 0
        thigh = -25 * np.cos(own) - 4
        knee = 6 + 62 * swing
        about(f"{side}UpLeg", thigh)
        about(f"{side}Leg", knee)
        about(f"{side}Foot", -(thigh + knee) * (1 - swing) - 24 * swing)  # flat on the ground, drawn up in the air
        about(f"{side}Arm", 0, 0, -sign * 72)
        about(f"{side}Shoulder", 0, sign * 4 * np.sin(phase))
        about(f"{side}ForeArm", 0, -sign * (22 - 8 * np.cos(own)))
    for joint in ("LeftArm", "RightArm"):
        own = phase + (np.pi if joint == "LeftArm" else 0.0)
        hang = Rotation.from_euler("ZYX", turns[joint][:, ::-1], degrees=True)
        swung = Rotation.from_euler("x", (-20 * np.cos(own))[:, None], degrees=True) * hang
        turns[joint] = swung.as_euler("ZYX", degrees=True)[:, ::-1]
    about("Hips", 0, 6 * np.sin(phase), 2 * np.sin(phase))
    about("Spine", 2, -8 * np.sin(phase))
    about("Head", 0, 3 * np.sin(phase))
    return _walked(turns, np.where(np.sin(phase) >= 0, 0, 1)), turns


def _walked(turns: dict[str, np.ndarray], standing: np.ndarray) -> np.ndarray:
    """The hips go where the foot that stands leaves them: 0 the left one, 1 the right one, (T,)."""
    frames = len(standing)
    places = placed(turns, np.zeros((frames, 3)))
    feet = np.stack([places["LeftToeBase"], places["RightToeBase"]], 1)
    hips = np.zeros((frames, 3))
    for frame in range(1, frames):
        foot = standing[frame]
        hips[frame] = hips[frame - 1] - (feet[frame, foot] - feet[frame - 1, foot])
    hips[:, 1] = 0.02 - feet[np.arange(frames), standing, 1]
    return hips


def placed(turns: dict[str, np.ndarray], hips: np.ndarray) -> dict[str, np.ndarray]:
    """Where each joint is, (T, 3)."""
    places, whole = {}, {}
    for joint, parent, offset in JOINTS:
        own = Rotation.from_euler("ZYX", turns.get(joint, np.zeros((len(hips), 3)))[:, ::-1], degrees=True)
        if not parent:
            places[joint], whole[joint] = hips, own
        else:
            places[joint] = places[parent] + whole[parent].apply(np.array(offset))
            whole[joint] = whole[parent] * own
    return places


def write_bvh(path: Path, seconds: float = 6.0, rate: float = 120.0) -> Path:
    """The walk as a file, in inches as such files are."""
    hips, turns = gait(seconds, rate)
    lines = ["HIERARCHY"]
    order: list[str] = []

    def joint(name: str, parent: str, offset: tuple[float, float, float], depth: int) -> None:
        order.append(name)
        pad = "\t" * depth
        lines.append(f"{pad}{'JOINT' if parent else 'ROOT'} {name}")
        lines.append(pad + "{")
        lines.append(f"{pad}\tOFFSET " + " ".join(f"{value / INCH:.5f}" for value in offset))
        channels = "Zrotation Yrotation Xrotation"
        lines.append(
            f"{pad}\tCHANNELS " + (f"3 {channels}" if parent else f"6 Xposition Yposition Zposition {channels}")
        )
        for child, above, place in JOINTS:
            if above == name:
                joint(child, above, place, depth + 1)
        if name in ENDS:
            end = " ".join(f"{value / INCH:.5f}" for value in ENDS[name])
            lines.extend([f"{pad}\tEnd Site", pad + "\t{", f"{pad}\t\tOFFSET {end}", pad + "\t}"])
        lines.append(pad + "}")

    joint(*JOINTS[0], 0)
    lines += ["MOTION", f"Frames: {len(hips)}", f"Frame Time: {1 / rate:.6f}"]
    for frame in range(len(hips)):
        values = [*(hips[frame] / INCH)]
        for name in order:
            values += [*turns[name][frame, ::-1]] if name in turns else [0.0, 0.0, 0.0]
        lines.append(" ".join(f"{value:.4f}" for value in values))
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path
