"""Every shipped network gives the same numbers in torch as in ONNX Runtime, and is a module like any other there."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

from inference.networks.loader import FOLDER, read_card
from inference.networks.running.onnx_file import read_inputs
from inference.networks.running.onnx_runtime import start_session
from inference.networks.running.torch_graph import GraphModule, TorchSession
from tools.bench.networks import UNUSUAL, USUAL, distance, example, shipped

MODELS = {path.stem: path for path in shipped()}
SAME = 1e-4


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_network_gives_the_same_numbers(name: str) -> None:
    data, card = MODELS[name].read_bytes(), read_card(name, MODELS[name].parent)
    given = example(read_inputs(data), {**USUAL, **UNUSUAL.get(name, {})})
    ours = TorchSession(data, "cpu").run(card.outputs, given)
    for answer, wanted in zip(ours, start_session(data, 1).run(card.outputs, given), strict=True):
        assert (answer.shape, answer.dtype) == (wanted.shape, wanted.dtype)
        assert np.isfinite(wanted).all()
        assert distance(answer, wanted) <= SAME


def test_a_network_can_be_differentiated_and_trained_as_any_module() -> None:
    module = GraphModule((FOLDER / "facing.onnx").read_bytes())
    points = torch.rand(2, 64, 6, generator=torch.Generator().manual_seed(0), requires_grad=True)
    before = [parameter.detach().clone() for parameter in module.parameters()]
    torch.stack([answer.square().sum() for answer in module(points=points)]).sum().backward()
    assert points.grad is not None
    assert points.grad.abs().sum() > 0
    torch.optim.SGD(module.parameters(), 1e-3).step()
    assert any(not torch.equal(a, b) for a, b in zip(before, module.parameters(), strict=True))


X = np.random.default_rng(0).normal(size=(2, 3, 6, 5)).astype(np.float32)
ROWS = X.reshape(6, 30)
PLACES = np.array([[0, -1], [2, 1]], np.int64)
CASES = {
    "negative steps": ("Slice", [ROWS, [4, -1], [0, -1000], [0, 1], [-2, -3]], {}),
    "steps": ("Slice", [ROWS, [1, -7], [1000, -1], [0, 1], [2, 3]], {}),
    "no axes": ("Slice", [ROWS, [1, 2], [3, 4]], {}),
    "places from the end": ("Gather", [ROWS, PLACES], {"axis": 1}),
    "several axes": ("GatherND", [ROWS, PLACES], {}),
    "elements": ("GatherElements", [ROWS[:2, :2], np.array([[0, -1], [1, 0]], np.int64)], {"axis": 1}),
    "scattered": ("ScatterElements", [ROWS, PLACES, ROWS[:2, :2]], {"axis": 1}),
    "scattered in rows": ("ScatterND", [ROWS, np.array([[1], [-1]], np.int64), ROWS[:2]], {}),
    "padded": ("Pad", [X, [0, 1, 0, 2, 0, 0, 3, 1], np.float32(0.5)], {}),
    "split": ("Split", [ROWS, [4, 26]], {"axis": 1}),
    "split in equal parts": ("Split", [ROWS], {"axis": 1, "num_outputs": 3}),
    "summed": ("ReduceSum", [X, [-1, 1]], {"keepdims": 0}),
    "mean of all": ("ReduceMean", [X], {"keepdims": 1}),
    "largest": ("TopK", [ROWS, [4]], {"axis": -1, "largest": 1, "sorted": 1}),
    "unsqueezed": ("Unsqueeze", [ROWS, [0, -1]], {}),
    "squeezed": ("Squeeze", [ROWS[:1]], {}),
    "expanded": ("Expand", [ROWS[:1], [1, 6, 30]], {}),
    "tiled": ("Tile", [ROWS, [2, 1]], {}),
    "a range": ("Range", [np.int64(1), np.int64(9), np.int64(3)], {}),
    "reshaped": ("Reshape", [X, [0, -1, 5]], {"allowzero": 0}),
    "clipped": ("Clip", [X, np.float32(-0.5), np.float32(0.5)], {}),
    "clipped above": ("Clip", [X, "", np.float32(0.5)], {}),
    "whole division": ("Div", [np.array([7, -7], np.int64), np.array([2, 2], np.int64)], {}),
    "folded": ("Conv", [X, X[:, :, :3, :3], X[0, 0, 0, :2]], {"strides": [2, 1], "pads": [1, 1, 1, 1]}),
    "unfolded": (
        "ConvTranspose",
        [X, X.reshape(3, 2, 6, 5)[:, :, :3, :3]],
        {"strides": [2, 2], "output_padding": [1, 1]},
    ),
    "pooled": ("MaxPool", [X], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
    "averaged": ("AveragePool", [X], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    "resized": ("Resize", [X, "", "", [2, 3, 12, 7]], {"mode": "linear"}),
    "sampled": ("GridSample", [X, np.tanh(X[:, :, :4, :2])], {"mode": "linear", "padding_mode": "border"}),
    "normalised": ("LayerNormalization", [X, X[0, 0, 0], X[0, 0, 1]], {"axis": -1, "epsilon": 1e-3}),
    "multiplied and added": ("Gemm", [ROWS, ROWS, ROWS[0, :6]], {"transB": 1, "alpha": 0.5, "beta": 2.0}),
    "a power": ("Pow", [np.abs(ROWS), np.float32(1.5)], {}),
    "a filling": ("ConstantOfShape", [[2, 3]], {"value": numpy_helper.from_array(np.array([7], np.int64))}),
    "softplus": ("Softplus", [100 * X], {}),
}


def model(operator: str, given: list, attributes: dict) -> tuple[bytes, dict[str, np.ndarray]]:
    """A graph of one operator; sizes and places are constants in it, as they are in exported networks."""
    arrays = [
        "" if isinstance(each, str) else np.asarray(each, None if hasattr(each, "dtype") else np.int64)
        for each in given
    ]
    names = [f"x{place}" if isinstance(each, np.ndarray) else "" for place, each in enumerate(arrays)]
    given_now = {name: each for name, each in zip(names, arrays, strict=True) if isinstance(each, np.ndarray)}
    fixed = {
        name: each for name, each in given_now.items() if each.dtype == np.int64 and operator not in ("Div", "Range")
    }
    kinds = {name: helper.np_dtype_to_tensor_dtype(each.dtype) for name, each in given_now.items()}
    outputs = {"Split": attributes.get("num_outputs", 2), "TopK": 2}.get(operator, 1)
    told = [f"y{place}" for place in range(outputs)]
    graph = helper.make_graph(
        [helper.make_node(operator, names, told, **attributes)],
        "one",
        [
            helper.make_tensor_value_info(name, kinds[name], given_now[name].shape)
            for name in given_now
            if name not in fixed
        ],
        [helper.make_empty_tensor_value_info(name) for name in told],
        [numpy_helper.from_array(each, name) for name, each in fixed.items()],
    )
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 20 if operator == "GridSample" else 18)], ir_version=9
    )
    return made.SerializeToString(), {name: each for name, each in given_now.items() if name not in fixed}


@pytest.mark.parametrize("case", CASES)
def test_an_operator_does_what_onnx_runtime_does(case: str) -> None:
    operator, given, attributes = CASES[case]
    data, inputs = model(operator, given, attributes)
    onnx.load_from_string(data)
    outputs = [f"y{place}" for place in range({"Split": attributes.get("num_outputs", 2), "TopK": 2}.get(operator, 1))]
    ours, wanted = TorchSession(data, "cpu").run(outputs, inputs), start_session(data, 1).run(outputs, inputs)
    for answer, other in zip(ours, wanted, strict=True):
        np.testing.assert_allclose(answer, other, rtol=1e-5, atol=1e-5)
