"""Networks of skeletal latents that learned nothing, as files: what they decode is the union of the latent's balls.

They are small, quick and exact, so that tests can say what comes of a latent; and they are run as the trained ones are.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from onnx import TensorProto, checker, helper, numpy_helper

from inference.networks.loader import FOLDER, FORMAT, Card, Value
from inference.networks.shelf import USERS_FOLDER
from inference.networks.skeldiff.apply import DECODER, DENOISER, ENCODER
from inference.networks.skeldiff.inputs import BAND
from inference.networks.skeldiff.sampler import SIGMA_DATA

POINTS, SKELETON, FEATURES = 256, 64, 4
ROW = 4 + FEATURES
CHANGE = 0.01  # how much seeds differ
Line = tuple[tuple[float, float, float], tuple[float, float, float], float]  # from, to, radius
BODIES: dict[str, tuple[Line, ...]] = {
    "biped": (
        ((0, 0, -0.1), (0, 0, 0.5), 0.14),
        ((0, 0, 0.6), (0, 0, 0.85), 0.12),
        ((0.1, 0, 0.42), (0.75, 0, 0.42), 0.06),
        ((-0.1, 0, 0.42), (-0.75, 0, 0.42), 0.06),
        ((0.12, 0, -0.15), (0.15, 0, -0.9), 0.08),
        ((-0.12, 0, -0.15), (-0.15, 0, -0.9), 0.08),
    ),
    "aorta": (
        ((0.3, 0, -0.9), (0.3, 0, 0.5), 0.1),
        ((0.3, 0, 0.5), (-0.3, 0, 0.5), 0.1),
        ((-0.3, 0, 0.5), (-0.3, 0, -0.1), 0.1),
        ((0.0, 0, 0.55), (0.0, 0, 0.9), 0.06),
    ),
    "liver": (((-0.4, 0, 0), (0.4, 0, 0), 0.5),),
}


def use_networks(monkeypatch: pytest.MonkeyPatch, folder: Path, shelf: ModuleType) -> None:
    """Have them found before those that are shipped, which serve everything else; `shelf` is the tested package's."""
    monkeypatch.setattr(shelf, "FOLDER", write_networks(folder))
    monkeypatch.setenv(USERS_FOLDER, str(FOLDER))


def balls_of(category: str) -> np.ndarray:
    """Centres and radii (SKELETON, 4), spread over the lines of a body by their length."""
    lines = BODIES[category]
    starts, ends, radii = (np.array(part, float) for part in zip(*lines, strict=True))
    running = np.cumsum(np.linalg.norm(ends - starts, axis=1))
    places = (np.arange(SKELETON) + 0.5) / SKELETON * running[-1]
    which = np.searchsorted(running, places)
    share = (1 - (running[which] - places) / np.linalg.norm(ends - starts, axis=1)[which])[:, None]
    return np.concatenate([starts[which] + share * (ends - starts)[which], radii[which, None]], 1)


def write_networks(folder: Path) -> Path:
    """Write all three into the folder."""
    sizes: dict[str, Value] = {"points": POINTS, "skeleton": SKELETON, "features": FEATURES}
    _write(folder, ENCODER, sizes, _encoder())
    _write(folder, DECODER, sizes, _decoder())
    _write(folder, DENOISER, {"categories": list[Value](BODIES)}, _denoiser())
    return folder


def _encoder() -> bytes:
    """Each of the first points is drawn to the middle and given a ball that reaches back to it."""
    nodes = [
        helper.make_node("Slice", ["cloud", "zero", "skeleton", "one"], ["some"]),
        helper.make_node("Mul", ["some", "share"], ["centres"]),
        helper.make_node("ReduceL2", ["some", "last"], ["away"], keepdims=1),
        helper.make_node("Mul", ["away", "rest"], ["reach"]),
        helper.make_node("Add", ["reach", "least"], ["radii"]),
        helper.make_node("Mul", ["some", "nothing"], ["none"]),
        helper.make_node("Concat", ["centres", "radii", "none", "away"], ["latent"], axis=2),
    ]
    constants = {
        "zero": np.array([0]),
        "skeleton": np.array([SKELETON]),
        "one": np.array([1]),
        "last": np.array([2]),
        "share": np.float32(0.5),
        "rest": np.float32(0.5),
        "least": np.float32(0.01),
        "nothing": np.float32(0),
    }
    return _model(nodes, constants, {"cloud": ("float", ["N", POINTS, 3])}, {"latent": ["N", SKELETON, ROW]})


def _decoder() -> bytes:
    """The distance to the nearest ball's surface, in units of the band."""
    nodes = [
        helper.make_node("Slice", ["latent", "zero", "three", "last"], ["centres"]),
        helper.make_node("Slice", ["latent", "three", "four", "last"], ["thick"]),
        helper.make_node("Squeeze", ["thick", "last"], ["radii"]),
        helper.make_node("Unsqueeze", ["points", "last"], ["from"]),
        helper.make_node("Unsqueeze", ["centres", "one"], ["to"]),
        helper.make_node("Sub", ["from", "to"], ["steps"]),
        helper.make_node("ReduceL2", ["steps", "three"], ["away"], keepdims=0),
        helper.make_node("Unsqueeze", ["radii", "one"], ["reach"]),
        helper.make_node("Sub", ["reach", "away"], ["depth"]),
        helper.make_node("ReduceMax", ["depth", "last"], ["deepest"], keepdims=0),
        helper.make_node("Div", ["deepest", "band"], ["distances"]),
    ]
    constants = {
        "zero": np.array([0]),
        "one": np.array([1]),
        "last": np.array([2]),
        "three": np.array([3]),
        "four": np.array([4]),
        "band": np.float32(BAND),
    }
    given = {"latent": ("float", ["N", "S", ROW]), "points": ("float", ["N", "Q", 3])}
    return _model(nodes, constants, given, {"distances": ["N", "Q"]})


def _denoiser() -> bytes:
    """Behind all noise is the category's body, a little changed by the noise's own direction.

    Where no category is told, nothing is known of what is behind the noise.
    """
    rows = [np.concatenate([_standard(balls_of(name)), np.zeros((SKELETON, FEATURES))], 1) for name in BODIES]
    nodes = [
        helper.make_node("Gather", ["bodies", "category"], ["body"], axis=0),
        helper.make_node("Sub", ["noisy", "body"], ["noise"]),
        helper.make_node("Unsqueeze", ["sigma", "after"], ["spread"]),
        helper.make_node("Div", ["noise", "spread"], ["direction"]),
        helper.make_node("Tanh", ["direction"], ["bounded"]),
        helper.make_node("Mul", ["bounded", "change"], ["changed"]),
        helper.make_node("Add", ["body", "changed"], ["likely"]),
        helper.make_node("Gather", ["untold", "category"], ["share"], axis=0),
        helper.make_node("Unsqueeze", ["share", "after"], ["kept"]),
        helper.make_node("Sub", ["noisy", "likely"], ["rest"]),
        helper.make_node("Mul", ["rest", "kept"], ["rest_kept"]),
        helper.make_node("Add", ["likely", "rest_kept"], ["denoised"]),
        helper.make_node("Identity", ["told_mean"], ["mean"]),
        helper.make_node("Identity", ["told_deviation"], ["deviation"]),
    ]
    constants = {
        "bodies": np.stack([*rows, np.zeros_like(rows[0])]).astype(np.float32),
        "untold": np.array([0.0] * len(rows) + [1.0], np.float32),
        "after": np.array([1, 2]),
        "change": np.float32(CHANGE),
        "told_mean": np.zeros(ROW, np.float32),
        "told_deviation": np.ones(ROW, np.float32),
    }
    given = {"noisy": ("float", ["N", SKELETON, ROW]), "sigma": ("float", ["N"]), "category": ("int", ["N"])}
    return _model(nodes, constants, given, {"denoised": ["N", SKELETON, ROW], "mean": [ROW], "deviation": [ROW]})


def _standard(balls: np.ndarray) -> np.ndarray:
    return SIGMA_DATA * np.concatenate([balls[:, :3], np.log(balls[:, 3:])], 1)


Sizes = list[int | str]
_KINDS = {"float": TensorProto.FLOAT, "int": TensorProto.INT64}


def _model(
    nodes: list, constants: dict[str, np.ndarray | np.float32], given: dict[str, tuple[str, Sizes]], told: dict
) -> bytes:
    graph = helper.make_graph(
        nodes,
        "balls",
        [helper.make_tensor_value_info(name, _KINDS[kind], sizes) for name, (kind, sizes) in given.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name, sizes in told.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    checker.check_model(model)
    return model.SerializeToString()


def _write(folder: Path, name: str, config: dict[str, Value], data: bytes) -> None:
    card = Card(
        format=FORMAT,
        name=name,
        recipe="balls",
        version="0",
        config=config,
        inputs=[],
        outputs={ENCODER: ["latent"], DECODER: ["distances"], DENOISER: ["denoised", "mean", "deviation"]}[name],
        seed=0,
        data="",
        licence="CC0-1.0",
        samples=0,
        steps=0,
        minutes=0.0,
        device="cpu",
        metrics={},
        sha256=hashlib.sha256(data).hexdigest(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(data)
    (folder / f"{name}.json").write_text(json.dumps(asdict(card)), encoding="utf-8")
