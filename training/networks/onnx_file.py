"""A module of torch as an ONNX model whose numbers take half the room."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

OPSET = 18  # known to every ONNX Runtime that is bundled
SMALL = 64  # tensors of fewer numbers keep all their digits


@dataclass(frozen=True)
class Shipment:
    """What is shipped of a model, and what it looks like from outside."""

    module: nn.Module
    inputs: Mapping[str, str]
    """Sizes of what `forward` takes, by name, as "N P 6": letters vary. "int N P" are whole numbers."""
    outputs: tuple[str, ...]
    """Names of what it answers, in order."""


def round_to_half(module: nn.Module) -> None:
    """Make each parameter and buffer a number that half precision has."""
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                tensor.copy_(tensor.half().to(tensor.dtype))


def onnx_of(shipment: Shipment) -> bytes:
    """The file's content. The module is to be in eval mode and rounded."""
    letters = sorted({size for form in shipment.inputs.values() for size in form.split() if size.isupper()})
    # Only sizes matter for what is traced; those that vary are to differ from each other and from 1.
    example_sizes = {letter: 2 + place for place, letter in enumerate(letters)}
    example, axes = {}, {}
    for name, form in shipment.inputs.items():
        sizes = [size for size in form.split() if size != "int"]
        kind = torch.int64 if form.startswith("int ") else torch.float32
        example[name] = torch.zeros([example_sizes.get(size) or int(size) for size in sizes], dtype=kind)
        axes[name] = {axis: size for axis, size in enumerate(sizes) if size in example_sizes}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about versions of opsets
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            shipment.module,
            (),
            kwargs=example,
            output_names=list(shipment.outputs),
            dynamic_shapes=axes,
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    return _halved(program.model_proto).SerializeToString(deterministic=True)


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Large tensors as half floats; a Cast brings each back when the model is loaded."""
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < SMALL:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(array.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
    del graph.value_info[:]
    del model.metadata_props[:]
    for node in graph.node:  # where in torch's program each was made: as large as the graph itself
        del node.metadata_props[:]
        node.doc_string = ""
    onnx.checker.check_model(model)
    return model
