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


def _operator(*names: str) -> Callable[[Operator], Operator]:
    def enter(function: Operator) -> Operator:
        OPERATORS.update(dict.fromkeys(names, function))
        return function

    return enter


def _of(attributes: Attributes, name: str, otherwise: Kind) -> Kind:
    """A number of a node."""
    value = attributes.get(name, otherwise)
    assert isinstance(value, int | float)
    return type(otherwise)(value)


def _list(attributes: Attributes, name: str) -> list[int] | None:
    value = attributes.get(name)
    return [int(each) for each in value] if isinstance(value, tuple) else None


def _word(attributes: Attributes, name: str, otherwise: str) -> str:
    value = attributes.get(name)
    return value.decode() if isinstance(value, bytes) else otherwise


def _first(given: Inputs, place: int = 0) -> Tensor:
    value = given[place]
    assert value is not None
    return value


def _maybe(given: Inputs, place: int) -> Tensor | None:
    return given[place] if place < len(given) else None


def _sizes(tensor: Tensor) -> list[int]:
    return [int(each) for each in tensor.tolist()] if tensor.dim() else [int(tensor.item())]


def _together(given: Inputs) -> list[Tensor]:
    """On one device: the graphics card, where one of them is there."""
    tensors = [each for each in given if each is not None]
    device = next((each.device for each in tensors if each.device.type != "cpu"), tensors[0].device)
    return [each if each.device == device else each.to(device) for each in tensors]


def _plain(names: Mapping[str, Callable[..., Tensor]]) -> None:
    """Operators that torch has as they are."""
    for name, function in names.items():
        OPERATORS[name] = lambda attributes, given, function=function: [function(*_together(given))]


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


@_operator("Cast")
def _cast(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [_first(given).to(_TYPES[_of(attributes, "to", 1)])]


@_operator("Constant")
def _constant(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    (value,) = attributes.values()
    if isinstance(value, bytes):
        raise NotImplementedError("a constant of text")
    return [torch.from_numpy(np.array(value, None if isinstance(value, np.ndarray) else _kind_of(value)))]


def _kind_of(value: object) -> type[np.generic]:
    first = value[0] if isinstance(value, tuple) and value else value
    return np.float32 if isinstance(first, float) else np.int64


@_operator("ConstantOfShape")
def _filled(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    value = attributes.get("value")
    filling = torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else torch.zeros(1)
    return [filling.reshape(()).expand(_sizes(_first(given)))]


@_operator("LeakyRelu")
def _leaky(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [functional.leaky_relu(_first(given), _of(attributes, "alpha", 0.01))]


@_operator("Clip")
def _clip(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, low, high = _first(given), _maybe(given, 1), _maybe(given, 2)
    low, high = (None if bound is None else bound.to(x.device) for bound in (low, high))
    return [x if low is None and high is None else torch.clamp(x, low, high)]


@_operator("Shape")
def _shape(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    sizes = list(_first(given).shape)
    return [torch.tensor(sizes[_of(attributes, "start", 0) : _of(attributes, "end", len(sizes))], dtype=torch.int64)]


@_operator("Reshape")
def _reshape(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, sizes = _first(given), _sizes(_first(given, 1))
    if not _of(attributes, "allowzero", 0):
        sizes = [x.shape[place] if size == 0 else size for place, size in enumerate(sizes)]
    return [x.reshape(sizes)]


@_operator("Transpose")
def _transpose(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x = _first(given)
    return [x.permute(_list(attributes, "perm") or list(range(x.dim()))[::-1])]


@_operator("Flatten")
def _flatten(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, axis = _first(given), _of(attributes, "axis", 1)
    return [x.reshape(int(np.prod(x.shape[:axis], dtype=np.int64)), -1)]


@_operator("Unsqueeze")
def _unsqueeze(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, axes = _first(given), _sizes(_first(given, 1))
    for axis in sorted(axis % (x.dim() + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return [x]


@_operator("Squeeze")
def _squeeze(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, axes = _first(given), _maybe(given, 1)
    return [x.squeeze() if axes is None else x.squeeze(tuple(_sizes(axes)))]


@_operator("Concat")
def _concat(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [torch.cat(_together(given), _of(attributes, "axis", 0))]


@_operator("Split")
def _split(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, sizes, axis = _first(given), _maybe(given, 1), _of(attributes, "axis", 0)
    if sizes is not None:
        return torch.split(x, _sizes(sizes), axis)
    return torch.split(x, -(-x.shape[axis] // _of(attributes, "num_outputs", 1)), axis)


@_operator("Slice")
def _slice(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, starts, ends = _first(given), _sizes(_first(given, 1)), _sizes(_first(given, 2))
    axes, steps = _maybe(given, 3), _maybe(given, 4)
    where = range(len(starts)) if axes is None else _sizes(axes)
    strides = [1] * len(starts) if steps is None else _sizes(steps)
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


@_operator("Expand")
def _expand(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, sizes = _first(given), _sizes(_first(given, 1))
    return [x.expand(torch.broadcast_shapes(x.shape, tuple(sizes)))]


@_operator("Tile")
def _tile(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [_first(given).repeat(_sizes(_first(given, 1)))]


@_operator("Range")
def _range(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    start, end, step = (_first(given, place) for place in range(3))
    return [torch.arange(start.item(), end.item(), step.item(), dtype=start.dtype)]


@_operator("Gather")
def _gather(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    (x, places), axis = _together(given), _of(attributes, "axis", 0)
    axis %= x.dim()
    found = x.index_select(axis, _counted(places.reshape(-1), x.shape[axis]))
    return [found.reshape(*x.shape[:axis], *places.shape, *x.shape[axis + 1 :])]


@_operator("GatherElements")
def _gather_elements(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    (x, places), axis = _together(given), _of(attributes, "axis", 0)
    return [torch.gather(x, axis, _counted(places, x.shape[axis]))]


@_operator("GatherND")
def _gather_nd(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    if _of(attributes, "batch_dims", 0):
        raise NotImplementedError("GatherND over batches")
    x, places = _together(given)
    return [x[tuple(_counted(places[..., axis], x.shape[axis]) for axis in range(places.shape[-1]))]]


@_operator("ScatterElements")
def _scatter(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, places, values = _together(given)
    axis, way = _of(attributes, "axis", 0), _word(attributes, "reduction", "none")
    places = _counted(places, x.shape[axis])
    if way == "none":
        return [x.scatter(axis, places, values)]
    return [x.scatter_reduce(axis, places, values, {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}[way])]


@_operator("ScatterND")
def _scatter_nd(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, places, values = _together(given)
    way = _word(attributes, "reduction", "none")
    if way not in ("none", "add"):
        raise NotImplementedError(f"ScatterND by {way}")
    where = tuple(_counted(places[..., axis], x.shape[axis]) for axis in range(places.shape[-1]))
    return [x.index_put(where, values, accumulate=way == "add")]


def _counted(places: Tensor, size: int) -> Tensor:
    """Places of which negative ones were counted from the end."""
    return torch.where(places < 0, places + size, places)


@_operator("Pad")
def _pad(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, sizes, value = _first(given), _sizes(_first(given, 1)), _maybe(given, 2)
    axes, mode = _maybe(given, 3), _word(attributes, "mode", "constant")
    if mode != "constant":
        raise NotImplementedError(f"padding by {mode}")
    where = list(range(x.dim())) if axes is None else [axis % x.dim() for axis in _sizes(axes)]
    around = [0] * (2 * x.dim())
    for place, axis in enumerate(where):
        last = 2 * (x.dim() - 1 - axis)
        around[last], around[last + 1] = sizes[place], sizes[place + len(where)]
    return [functional.pad(x, around, value=0.0 if value is None else value.item())]


def _reduced(function: Callable[[Tensor, list[int], bool], Tensor]) -> Operator:
    def reduce(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
        x, axes = _first(given), _maybe(given, 1)
        where = _list(attributes, "axes") if axes is None else _sizes(axes)
        if not where and _of(attributes, "noop_with_empty_axes", 0):
            return [x]
        return [function(x, where or list(range(x.dim())), bool(_of(attributes, "keepdims", 1)))]

    return reduce


OPERATORS["ReduceSum"] = _reduced(lambda x, axes, keep: x.sum(axes, keep))
OPERATORS["ReduceMean"] = _reduced(lambda x, axes, keep: x.mean(axes, keep))
OPERATORS["ReduceMax"] = _reduced(lambda x, axes, keep: x.amax(axes, keep))
OPERATORS["ReduceMin"] = _reduced(lambda x, axes, keep: x.amin(axes, keep))
OPERATORS["ReduceL2"] = _reduced(lambda x, axes, keep: x.square().sum(axes, keep).sqrt())
OPERATORS["ReduceSumSquare"] = _reduced(lambda x, axes, keep: x.square().sum(axes, keep))


@_operator("ArgMax")
def _argmax(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [_first(given).argmax(_of(attributes, "axis", 0), bool(_of(attributes, "keepdims", 1)))]


@_operator("ArgMin")
def _argmin(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [_first(given).argmin(_of(attributes, "axis", 0), bool(_of(attributes, "keepdims", 1)))]


@_operator("TopK")
def _topk(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, (count,) = _first(given), _sizes(_first(given, 1))
    return torch.topk(x, count, _of(attributes, "axis", -1), bool(_of(attributes, "largest", 1)), sorted=True)


@_operator("Softmax")
def _softmax(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [torch.softmax(_first(given), _of(attributes, "axis", -1))]


@_operator("LogSoftmax")
def _log_softmax(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    return [torch.log_softmax(_first(given), _of(attributes, "axis", -1))]


@_operator("LayerNormalization")
def _layer_norm(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, axis = _first(given), _of(attributes, "axis", -1)
    return [functional.layer_norm(x, x.shape[axis:], given[1], _maybe(given, 2), _of(attributes, "epsilon", 1e-5))]


@_operator("InstanceNormalization")
def _instance_norm(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    spread = _of(attributes, "epsilon", 1e-5)
    return [functional.instance_norm(_first(given), weight=given[1], bias=given[2], eps=spread)]


@_operator("BatchNormalization")
def _batch_norm(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, scale, shift, mean, variance = (_first(given, place) for place in range(5))
    return [functional.batch_norm(x, mean, variance, scale, shift, eps=_of(attributes, "epsilon", 1e-5))]


@_operator("Gemm")
def _gemm(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    a, b, c = _first(given), _first(given, 1), _maybe(given, 2)
    a = a.T if _of(attributes, "transA", 0) else a
    b = b.T if _of(attributes, "transB", 0) else b
    product = _of(attributes, "alpha", 1.0) * (a @ b)
    return [product if c is None else product + _of(attributes, "beta", 1.0) * c]


def _around(attributes: Attributes, dimensions: int) -> tuple[list[int], list[int], list[int]]:
    """Strides, dilations and padding, which must be the same on both sides."""
    if _word(attributes, "auto_pad", "NOTSET") != "NOTSET":
        raise NotImplementedError("automatic padding")
    pads = _list(attributes, "pads") or [0] * (2 * dimensions)
    if pads[:dimensions] != pads[dimensions:]:
        raise NotImplementedError("uneven padding")
    ones = [1] * dimensions
    return _list(attributes, "strides") or ones, _list(attributes, "dilations") or ones, pads[:dimensions]


_CONV = (functional.conv1d, functional.conv2d, functional.conv3d)
_CONV_TRANSPOSED = (functional.conv_transpose1d, functional.conv_transpose2d, functional.conv_transpose3d)
_MAX = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)
_AVERAGE = (functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d)


@_operator("Conv")
def _conv(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, weight = _first(given), _first(given, 1)
    strides, dilations, pads = _around(attributes, x.dim() - 2)
    groups = _of(attributes, "group", 1)
    return [_CONV[x.dim() - 3](x, weight, _maybe(given, 2), strides, pads, dilations, groups)]


@_operator("ConvTranspose")
def _conv_transpose(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, weight = _first(given), _first(given, 1)
    strides, dilations, pads = _around(attributes, x.dim() - 2)
    more = _list(attributes, "output_padding") or [0] * (x.dim() - 2)
    groups = _of(attributes, "group", 1)
    return [_CONV_TRANSPOSED[x.dim() - 3](x, weight, _maybe(given, 2), strides, pads, more, groups, dilations)]


@_operator("MaxPool")
def _max_pool(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x = _first(given)
    strides, dilations, pads = _around(attributes, x.dim() - 2)
    kernel, up = _list(attributes, "kernel_shape") or strides, bool(_of(attributes, "ceil_mode", 0))
    return [_MAX[x.dim() - 3](x, kernel, strides, pads, dilations, up)]


@_operator("AveragePool")
def _average_pool(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x = _first(given)
    strides, _, pads = _around(attributes, x.dim() - 2)
    kernel, up = _list(attributes, "kernel_shape") or strides, bool(_of(attributes, "ceil_mode", 0))
    return [_AVERAGE[x.dim() - 3](x, kernel, strides, pads, up, bool(_of(attributes, "count_include_pad", 0)))]


@_operator("GlobalAveragePool")
def _global_average(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x = _first(given)
    return [x.mean(list(range(2, x.dim())), keepdim=True)]


@_operator("Resize")
def _resize(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, scales, sizes = _first(given), _maybe(given, 2), _maybe(given, 3)
    way = _word(attributes, "coordinate_transformation_mode", "half_pixel")
    if _word(attributes, "mode", "nearest") != "linear" or way not in ("half_pixel", "align_corners"):
        raise NotImplementedError(f"resizing by {_word(attributes, 'mode', 'nearest')}, {way}")
    if _of(attributes, "antialias", 0):
        raise NotImplementedError("resizing with smoothing")
    mode = {3: "linear", 4: "bilinear", 5: "trilinear"}[x.dim()]
    wanted = None if sizes is None else _sizes(sizes)[2:]
    by = None if wanted is not None or scales is None else [float(each) for each in scales.tolist()[2:]]
    return [functional.interpolate(x, wanted, by, mode, align_corners=way == "align_corners")]


@_operator("GridSample")
def _grid_sample(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, places = _together(given)
    mode = {"linear": "bilinear", "bilinear": "bilinear", "nearest": "nearest"}[_word(attributes, "mode", "linear")]
    corners = bool(_of(attributes, "align_corners", 0))
    return [functional.grid_sample(x, places, mode, _word(attributes, "padding_mode", "zeros"), corners)]
