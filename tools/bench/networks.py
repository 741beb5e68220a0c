"""How fast the shipped networks run in NumPy, beside torch and, where it is installed, ONNX Runtime."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from inference.networks.joints.inputs import Surface, joint_inputs
from inference.networks.joints.network import Inputs, forward
from inference.networks.loader import FOLDER, read_card
from inference.networks.shelf import joints_network
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from training.shapes.figures import person_with_hands
from training.shapes.making.implicit import mesh_around
from training.shapes.making.sampling import surface_points

from .record import console, installed, show


def networks(repeats: int) -> dict[str, object]:
    """Sizes of all weights, and the joints network by every way that is at hand, interleaved."""
    sizes = {path.stem: path.stat().st_size / 2**20 for path in sorted(FOLDER.glob("*.safetensors"))}
    cards = {name: read_card(name) for name in sizes}
    rows = [[name, round(size, 2), cards[name].minutes, cards[name].samples] for name, size in sizes.items()]
    rows.append(["all", round(sum(sizes.values()), 2), None, None])
    show("Shipped weights", ("network", "MiB", "minutes trained", "samples"), rows)
    ways = _ways()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, run in ways.items():
            start = time.perf_counter()
            run()
            times[name].append(1000 * (time.perf_counter() - start))
    medians = {name: median(values) for name, values in times.items()}
    base = medians["NumPy"]
    shares = [[name, round(ms, 1), round(ms / base, 2)] for name, ms in medians.items()]
    show("The joints network on one person", ("way", "ms", "of NumPy's"), shares)
    return {"MiB": sizes, "ms": medians}


def _ways() -> dict[str, Callable[[], object]]:
    if not joints_network():
        raise SystemExit("There are no weights of the joints network in inference/weights.")
    network = joints_network()[0]
    seen = _seen()
    ways: dict[str, Callable[[], object]] = {"NumPy": lambda: forward(network.parameters, network.shape, seen)}
    if not installed("torch"):
        return ways
    import torch

    arrays = {name: torch.from_numpy(getattr(seen, name)) for name in Inputs.__dataclass_fields__}
    parameters = {name: torch.from_numpy(value) for name, value in network.parameters.items()}

    def in_torch() -> object:
        with torch.no_grad():
            return forward(parameters, network.shape, Inputs(**arrays))

    ways["torch"] = in_torch
    if not (installed("onnxruntime") and installed("onnxscript")):
        console.print("ONNX Runtime is not measured: pip install onnxruntime onnx onnxscript")
        return ways
    import onnxruntime  # pyright: ignore[reportMissingImports]

    class Whole(torch.nn.Module):
        def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
            answer = forward(parameters, network.shape, Inputs(**dict(zip(arrays, tensors, strict=True))))
            return answer.heads, answer.presence, answer.doubt

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "joints.onnx"
        torch.onnx.export(Whole().eval(), tuple(arrays.values()), path, input_names=list(arrays), dynamo=True)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    wanted = {entry.name for entry in session.get_inputs()}
    given = {name: getattr(seen, name) for name in arrays if name in wanted}
    ways["ONNX Runtime"] = lambda: session.run(None, given)
    return ways


def _seen() -> Inputs[np.ndarray]:
    mesh = mesh_around(person_with_hands(), 128)
    armature = rig_mesh(mesh, RigOptions(bind=False, method="geometric")).armature
    points, normals = surface_points(mesh, 4096, np.random.default_rng(0))
    given = np.zeros(len(armature.names), bool)
    return joint_inputs(Surface(points.astype(np.float32), normals.astype(np.float32)), armature, given, ~given)
