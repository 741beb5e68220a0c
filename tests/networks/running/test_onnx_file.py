"""ONNX files are read as the onnx package reads them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from inference.errors import WeightsError
from inference.networks.loader import FOLDER
from inference.networks.running.onnx_file import read_graph, read_inputs

MODELS = sorted(path.stem for path in FOLDER.glob("*.onnx"))


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_network_is_read_as_the_onnx_package_reads_it(name: str) -> None:
    data = (FOLDER / f"{name}.onnx").read_bytes()
    read, told = read_graph(data), onnx.load_from_string(data).graph
    assert [(n.operator, n.inputs, n.outputs) for n in read.nodes] == [
        (n.op_type, tuple(n.input), tuple(n.output)) for n in told.node
    ]
    for ours, theirs in zip(read.nodes, told.node, strict=True):
        for attribute in theirs.attribute:
            value = helper.get_attribute_value(attribute)
            value = numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value
            np.testing.assert_array_equal(ours.attributes[attribute.name], value)
    assert read.outputs == tuple(each.name for each in told.output)
    assert read.inputs == read_inputs(data)
    assert {given: list(taken.sizes) for given, taken in read.inputs.items()} == {
        each.name: [size.dim_param or size.dim_value for size in each.type.tensor_type.shape.dim] for each in told.input
    }
    assert set(read.constants) == {each.name for each in told.initializer}
    for each in told.initializer:
        np.testing.assert_array_equal(read.constants[each.name], numpy_helper.to_array(each))


def test_numbers_of_every_kind_and_way_of_writing_are_read() -> None:
    halves = np.array([0.5, -2.0], np.float16)
    tensors = [
        helper.make_tensor("floats", onnx.TensorProto.FLOAT, [2], [1.5, -2.5]),
        helper.make_tensor("wholes", onnx.TensorProto.INT64, [2], [-1, 1 << 40]),
        helper.make_tensor("small", onnx.TensorProto.INT32, [1], [-7]),
        helper.make_tensor("truths", onnx.TensorProto.BOOL, [2], [True, False]),
        helper.make_tensor("halves", onnx.TensorProto.FLOAT16, [2], halves),
        numpy_helper.from_array(np.zeros((0, 3), np.float32), "none"),
        numpy_helper.from_array(np.array(3, np.float32), "one"),
    ]
    node = helper.make_node("Any", ["x", ""], ["y"], some=[1.0, 2.0], way="up", value=tensors[1], axis=-2)
    value = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["N"]) for name in ("x", "y")]
    graph = helper.make_graph([node], "g", value[:1], value[1:], tensors)
    read = read_graph(helper.make_model(graph).SerializeToString())
    for tensor in tensors:
        np.testing.assert_array_equal(read.constants[tensor.name], numpy_helper.to_array(tensor))
        assert read.constants[tensor.name].dtype == numpy_helper.to_array(tensor).dtype
    attributes = read.nodes[0].attributes
    assert (attributes["some"], attributes["way"], attributes["axis"]) == ((1.0, 2.0), b"up", -2)
    assert read.nodes[0].inputs == ("x", "")


def test_what_is_no_model_is_refused() -> None:
    data = (FOLDER / "facing.onnx").read_bytes()
    for bad in (b"", b"no model", data[: len(data) // 2]):
        with pytest.raises(WeightsError, match="cannot be read"):
            read_graph(bad)
