"""A network of ONNX as a module of torch, with the same numbers: its constants are the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from .onnx_file import Node, OnnxGraph, read_graph
from .torch_layers import OPERATORS


class GraphModule(nn.Module):
    """Does the graph's operations one after the other. It can be moved, differentiated and trained as any module.

    `forward` takes the inputs by name and answers with the outputs in order. Raises `NotImplementedError` when it is
    made of a graph with an operator that is not known here.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__()
        graph = read_graph(data)
        unknown = sorted({node.operator for node in graph.nodes} - set(OPERATORS))
        if unknown:
            raise NotImplementedError(f"the operator {', '.join(unknown)}")
        self.inputs, self.outputs = graph.inputs, graph.outputs
        known, self._nodes = _folded(graph)
        self._weights: dict[str, str] = {}  # name in the graph -> name here, which may have no dots
        self._sizes: dict[str, Tensor] = {}  # whole numbers stay on the CPU, where sizes are needed
        for number, (name, value) in enumerate(known.items()):
            if value.is_floating_point():
                self._weights[name] = f"constant_{number}"
                self.register_parameter(f"constant_{number}", nn.Parameter(value))
            else:
                self._sizes[name] = value
        self._last = _last_uses(self._nodes, graph.outputs)

    def forward(self, **given: Tensor) -> tuple[Tensor, ...]:
        found: dict[str, Tensor] = {**self._sizes, **given}
        found |= {name: self.get_parameter(own) for name, own in self._weights.items()}
        for place, node in enumerate(self._nodes):
            _do(node, found)
            for name in self._last[place]:
                del found[name]
        return tuple(found[name] for name in self.outputs)


class TorchSession:
    """A module of torch asked as ONNX Runtime's sessions are."""

    def __init__(self, data: bytes, device: str) -> None:
        self._module = GraphModule(data).to(device).requires_grad_(requires_grad=False)
        self._device = device

    def run(self, outputs: Sequence[str], inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """What the network answers. TF32 and its like are off: the numbers are to be those of the CPU."""
        given = {name: torch.from_numpy(np.ascontiguousarray(inputs[name])) for name in self._module.inputs}
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            answers = self._module(**{name: tensor.to(self._device) for name, tensor in given.items()})
            by_name = dict(zip(self._module.outputs, answers, strict=True))
            return [by_name[name].cpu().numpy() for name in outputs]


def forget_memory() -> None:
    """Give back what torch holds of a graphics card's memory for later."""
    for kind in ("cuda", "xpu", "mps"):
        module = getattr(torch, kind, None)
        if module is not None and module.is_available():
            module.empty_cache()


def _do(node: Node, found: dict[str, Tensor]) -> None:
    given = [found[name] if name else None for name in node.inputs]
    found.update(zip(node.outputs, OPERATORS[node.operator](node.attributes, given), strict=False))


def _folded(graph: OnnxGraph) -> tuple[dict[str, Tensor], list[Node]]:
    """Every constant that is needed, those made of others too, and the operations that are left to do."""
    found = {name: torch.from_numpy(np.array(value)) for name, value in graph.constants.items()}
    left = []
    with torch.no_grad():
        for node in graph.nodes:
            if node.operator != "Shape" and all(name in found or not name for name in node.inputs):
                _do(node, found)
            else:
                left.append(node)
    needed = {name for node in left for name in node.inputs} | set(graph.outputs)
    return {name: value.contiguous() for name, value in found.items() if name in needed}, left


def _last_uses(nodes: Sequence[Node], outputs: Sequence[str]) -> list[list[str]]:
    """For each operation what nobody asks for after it: memory that it can give back."""
    last: dict[str, int] = {}
    for place, node in enumerate(nodes):
        for name in (*node.inputs, *node.outputs):
            if name:
                last[name] = place
    ends: list[list[str]] = [[] for _ in nodes]
    for name, place in last.items():
        if name not in outputs:
            ends[place].append(name)
    return ends
