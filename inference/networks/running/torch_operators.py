"""What the operators of ONNX do, in torch: those that the networks are made of.

Each takes the node's attributes and its inputs, and gives its outputs. Sizes, which ONNX keeps as tensors of whole
numbers, stay on the CPU: nothing waits for a graphics card to tell them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .onnx_file import Attribute

Attributes = Mapping[str, Attribute]
Inputs = Sequence[Tensor | None]
Operator = Callable[[Attributes, Inputs], Sequence[Tensor]]
Kind = TypeVar("Kind", int, float)
_TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float16, 11: torch.float64}
OPERATORS: dict[str, Operator] = {}


def operator(*names: str) -> Callable[[Operator], Operator]:
    def enter(function: Operator) -> Operator:
        OPERATORS.update(dict.fromkeys(names, function))
        return function

    return enter


def number_of(attributes: Attributes, name: str, otherwise: Kind) -> Kind:
    """A number of a node."""
    value = attributes.get(name, otherwise)
    assert isinstance(value, int | float)
    return type(otherwise)(value)


def list_of(attributes: Attributes, name: str) -> list[int] | None:
    value = attributes.get(name)
    return [int(each) for each in value] if isinstance(value, tuple) else None


def word_of(attributes: Attributes, name: str, otherwise: str) -> str:
    value = attributes.get(name)
    return value.decode() if isinstance(value, bytes) else otherwise


def first(given: Inputs, place: int = 0) -> Tensor:
    value = given[place]
    assert value is not None
    return value


def maybe(given: Inputs, place: int) -> Tensor | None:
    return given[place] if place < len(given) else None


def sizes_of(tensor: Tensor) -> list[int]:
    return [int(each) for each in tensor.tolist()] if tensor.dim() else [int(tensor.item())]


def together(given: Inputs) -> list[Tensor]:
    """On one device: the graphics card, where one of them is there."""
    tensors = [each for each in given if each is not None]
    device = next((each.device for each in tensors if each.device.type != "cpu"), tensors[0].device)
    return [each if each.device == device else each.to(device) for each in tensors]


def _plain(names: Mapping[str, Callable[..., Tensor]]) -> None:
    """Operators that torch has as they are."""
    for name, function in names.items():
        OPERATORS[name] = lambda attributes, given, function=function: [function(*together(given))]


def _divide(a: Tensor, b: Tensor) -> Tensor:
    return a / b if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")


_plain(
    {
        "Add": torch.add,
        "Sub": torch.sub,
        "Mul": torch.mul,
        "Div": _divide,
        "Pow": lambda a, b: torch.pow(a, b).to(a.dtype),
        "Min": lambda *each: each[0] if len(each) == 1 else torch.minimum(*each),
        "Max": lambda *each: each[0] if len(each) == 1 else torch.maximum(*each),
        "Neg": torch.neg,
        "Abs": torch.abs,
        "Exp": torch.exp,
        "Log": torch.log,
        "Sqrt": torch.sqrt,
        "Reciprocal": torch.reciprocal,
        "Erf": torch.erf,
        "Sin": torch.sin,
        "Cos": torch.cos,
        "Tanh": torch.tanh,
        "Sigmoid": torch.sigmoid,
        "Softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
        "Relu": torch.relu,
        "Floor": torch.floor,
        "Ceil": torch.ceil,
        "Greater": torch.gt,
        "GreaterOrEqual": torch.ge,
        "Less": torch.lt,
        "LessOrEqual": torch.le,
        "Equal": torch.eq,
        "And": torch.logical_and,
        "Or": torch.logical_or,
        "Not": torch.logical_not,
        "Where": torch.where,
        "MatMul": torch.matmul,
        "Identity": lambda x: x,
    }
)


@operator("Cast")
def _cast(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [first(given).to(_TYPES[number_of(attributes, "to", 1)])]


@operator("Constant")
def _constant(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    (value,) = attributes.values()
    if isinstance(value, bytes):
        raise NotImplementedError("a constant of text")
    return [torch.from_numpy(np.array(value, None if isinstance(value, np.ndarray) else _kind_of(value)))]


def _kind_of(value: object) -> type[np.generic]:
    first = value[0] if isinstance(value, tuple) and value else value
    return np.float32 if isinstance(first, float) else np.int64


@operator("ConstantOfShape")
def _filled(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    value = attributes.get("value")
    filling = torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else torch.zeros(1)
    return [filling.reshape(()).expand(sizes_of(first(given)))]


@operator("LeakyRelu")
def _leaky(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [functional.leaky_relu(first(given), number_of(attributes, "alpha", 0.01))]


@operator("Clip")
def _clip(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, low, high = first(given), maybe(given, 1), maybe(given, 2)
    low, high = (None if bound is None else bound.to(x.device) for bound in (low, high))
    return [x if low is None and high is None else torch.clamp(x, low, high)]


@operator("Shape")
def _shape(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    sizes = list(first(given).shape)
    return [
        torch.tensor(
            sizes[number_of(attributes, "start", 0) : number_of(attributes, "end", len(sizes))], dtype=torch.int64
        )
    ]


@operator("Reshape")
def _reshape(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, sizes = first(given), sizes_of(first(given, 1))
    if not number_of(attributes, "allowzero", 0):
        sizes = [x.shape[place] if size == 0 else size for place, size in enumerate(sizes)]
    return [x.reshape(sizes)]


@operator("Transpose")
def _transpose(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x = first(given)
    return [x.permute(list_of(attributes, "perm") or list(range(x.dim()))[::-1])]


@operator("Flatten")
def _flatten(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, axis = first(given), number_of(attributes, "axis", 1)
    return [x.reshape(int(np.prod(x.shape[:axis], dtype=np.int64)), -1)]


@operator("Unsqueeze")
def _unsqueeze(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, axes = first(given), sizes_of(first(given, 1))
    for axis in sorted(axis % (x.dim() + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return [x]


@operator("Squeeze")
def _squeeze(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, axes = first(given), maybe(given, 1)
    return [x.squeeze() if axes is None else x.squeeze(tuple(sizes_of(axes)))]


@operator("Concat")
def _concat(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [torch.cat(together(given), number_of(attributes, "axis", 0))]


@operator("Split")
def _split(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, sizes, axis = first(given), maybe(given, 1), number_of(attributes, "axis", 0)
    if sizes is not None:
        return torch.split(x, sizes_of(sizes), axis)
    return torch.split(x, -(-x.shape[axis] // number_of(attributes, "num_outputs", 1)), axis)


@operator("Slice")
def _slice(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, starts, ends = first(given), sizes_of(first(given, 1)), sizes_of(first(given, 2))
    axes, steps = maybe(given, 3), maybe(given, 4)
    where = range(len(starts)) if axes is None else sizes_of(axes)
    strides = [1] * len(starts) if steps is None else sizes_of(steps)
    for axis, start, end, step in zip(where, starts, ends, strides, strict=True):
        size = x.shape[axis]
        if step > 0:
            places = slice(*slice(start, end, step).indices(size))
            x = x[(slice(None),) * (axis % x.dim()) + (places,)]
        else:  # torch has no negative steps
            last = None if end < -size else end
            chosen = torch.tensor(range(size)[start if start < size else None : last : step], dtype=torch.int64)
            x = x.index_select(axis, chosen.to(x.device))
    return [x]


@operator("Expand")
def _expand(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, sizes = first(given), sizes_of(first(given, 1))
    return [x.expand(torch.broadcast_shapes(x.shape, tuple(sizes)))]


@operator("Tile")
def _tile(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [first(given).repeat(sizes_of(first(given, 1)))]


@operator("Range")
def _range(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    start, end, step = (first(given, place) for place in range(3))
    return [torch.arange(start.item(), end.item(), step.item(), dtype=start.dtype)]


@operator("Gather")
def _gather(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    (x, places), axis = together(given), number_of(attributes, "axis", 0)
    axis %= x.dim()
    found = x.index_select(axis, _counted(places.reshape(-1), x.shape[axis]))
    return [found.reshape(*x.shape[:axis], *places.shape, *x.shape[axis + 1 :])]


@operator("GatherElements")
def _gather_elements(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    (x, places), axis = together(given), number_of(attributes, "axis", 0)
    return [torch.gather(x, axis, _counted(places, x.shape[axis]))]


@operator("GatherND")
def _gather_nd(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    if number_of(attributes, "batch_dims", 0):
        raise NotImplementedError("GatherND over batches")
    x, places = together(given)
    return [x[tuple(_counted(places[..., axis], x.shape[axis]) for axis in range(places.shape[-1]))]]


@operator("ScatterElements")
def _scatter(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, places, values = together(given)
    axis, way = number_of(attributes, "axis", 0), word_of(attributes, "reduction", "none")
    places = _counted(places, x.shape[axis])
    if way == "none":
        return [x.scatter(axis, places, values)]
    return [x.scatter_reduce(axis, places, values, {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}[way])]


@operator("ScatterND")
def _scatter_nd(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, places, values = together(given)
    way = word_of(attributes, "reduction", "none")
    if way not in ("none", "add"):
        raise NotImplementedError(f"ScatterND by {way}")
    where = tuple(_counted(places[..., axis], x.shape[axis]) for axis in range(places.shape[-1]))
    return [x.index_put(where, values, accumulate=way == "add")]


def _counted(places: Tensor, size: int) -> Tensor:
    """Places of which negative ones were counted from the end."""
    return torch.where(places < 0, places + size, places)


@operator("Pad")
def _pad(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, sizes, value = first(given), sizes_of(first(given, 1)), maybe(given, 2)
    axes, mode = maybe(given, 3), word_of(attributes, "mode", "constant")
    if mode != "constant":
        raise NotImplementedError(f"padding by {mode}")
    where = list(range(x.dim())) if axes is None else [axis % x.dim() for axis in sizes_of(axes)]
    around = [0] * (2 * x.dim())
    for place, axis in enumerate(where):
        last = 2 * (x.dim() - 1 - axis)
        around[last], around[last + 1] = sizes[place], sizes[place + len(where)]
    return [functional.pad(x, around, value=0.0 if value is None else value.item())]


def _reduced(function: Callable[[Tensor, list[int], bool], Tensor]) -> Operator:
    def reduce(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
        x, axes = first(given), maybe(given, 1)
        where = list_of(attributes, "axes") if axes is None else sizes_of(axes)
        if not where and number_of(attributes, "noop_with_empty_axes", 0):
            return [x]
        return [function(x, where or list(range(x.dim())), bool(number_of(attributes, "keepdims", 1)))]

    return reduce


OPERATORS["ReduceSum"] = _reduced(lambda x, axes, keep: x.sum(axes, keep))
OPERATORS["ReduceMean"] = _reduced(lambda x, axes, keep: x.mean(axes, keep))
OPERATORS["ReduceMax"] = _reduced(lambda x, axes, keep: x.amax(axes, keep))
OPERATORS["ReduceMin"] = _reduced(lambda x, axes, keep: x.amin(axes, keep))
OPERATORS["ReduceL2"] = _reduced(lambda x, axes, keep: x.square().sum(axes, keep).sqrt())
OPERATORS["ReduceSumSquare"] = _reduced(lambda x, axes, keep: x.square().sum(axes, keep))


@operator("ArgMax")
def _argmax(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [first(given).argmax(number_of(attributes, "axis", 0), bool(number_of(attributes, "keepdims", 1)))]


@operator("ArgMin")
def _argmin(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [first(given).argmin(number_of(attributes, "axis", 0), bool(number_of(attributes, "keepdims", 1)))]


@operator("TopK")
def _topk(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, (count,) = first(given), sizes_of(first(given, 1))
    return torch.topk(
        x, count, number_of(attributes, "axis", -1), bool(number_of(attributes, "largest", 1)), sorted=True
    )


@operator("Softmax")
def _softmax(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [torch.softmax(first(given), number_of(attributes, "axis", -1))]


@operator("LogSoftmax")
def _log_softmax(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [torch.log_softmax(first(given), number_of(attributes, "axis", -1))]
