"""What the larger operators of ONNX do, in torch: normalisation, products, convolutions, pooling, sampling."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional

from .torch_operators import (
    OPERATORS,  # noqa: F401 whoever asks for it here gets these too
    Attributes,
    Inputs,
    first,
    list_of,
    maybe,
    number_of,
    operator,
    sizes_of,
    together,
    word_of,
)


@operator("LayerNormalization")
def _layer_norm(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, axis = first(given), number_of(attributes, "axis", -1)
    return [functional.layer_norm(x, x.shape[axis:], given[1], maybe(given, 2), number_of(attributes, "epsilon", 1e-5))]


@operator("InstanceNormalization")
def _instance_norm(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    spread = number_of(attributes, "epsilon", 1e-5)
    return [functional.instance_norm(first(given), weight=given[1], bias=given[2], eps=spread)]


@operator("BatchNormalization")
def _batch_norm(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, scale, shift, mean, variance = (first(given, place) for place in range(5))
    return [functional.batch_norm(x, mean, variance, scale, shift, eps=number_of(attributes, "epsilon", 1e-5))]


@operator("Gemm")
def _gemm(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    a, b, c = first(given), first(given, 1), maybe(given, 2)
    a = a.T if number_of(attributes, "transA", 0) else a
    b = b.T if number_of(attributes, "transB", 0) else b
    product = number_of(attributes, "alpha", 1.0) * (a @ b)
    return [product if c is None else product + number_of(attributes, "beta", 1.0) * c]


def _around(attributes: Attributes, dimensions: int) -> tuple[list[int], list[int], list[int]]:
    """Strides, dilations and padding, which must be the same on both sides."""
    if word_of(attributes, "auto_pad", "NOTSET") != "NOTSET":
        raise NotImplementedError("automatic padding")
    pads = list_of(attributes, "pads") or [0] * (2 * dimensions)
    if pads[:dimensions] != pads[dimensions:]:
        raise NotImplementedError("uneven padding")
    ones = [1] * dimensions
    return list_of(attributes, "strides") or ones, list_of(attributes, "dilations") or ones, pads[:dimensions]


_CONV = (functional.conv1d, functional.conv2d, functional.conv3d)
_CONV_TRANSPOSED = (functional.conv_transpose1d, functional.conv_transpose2d, functional.conv_transpose3d)
_MAX = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)
_AVERAGE = (functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d)


@operator("Conv")
def _conv(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, weight = first(given), first(given, 1)
    strides, dilations, pads = _around(attributes, x.dim() - 2)
    groups = number_of(attributes, "group", 1)
    return [_CONV[x.dim() - 3](x, weight, maybe(given, 2), strides, pads, dilations, groups)]


@operator("ConvTranspose")
def _conv_transpose(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, weight = first(given), first(given, 1)
    strides, dilations, pads = _around(attributes, x.dim() - 2)
    more = list_of(attributes, "output_padding") or [0] * (x.dim() - 2)
    groups = number_of(attributes, "group", 1)
    return [_CONV_TRANSPOSED[x.dim() - 3](x, weight, maybe(given, 2), strides, pads, more, groups, dilations)]


@operator("MaxPool")
def _max_pool(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x = first(given)
    strides, dilations, pads = _around(attributes, x.dim() - 2)
    kernel, up = list_of(attributes, "kernel_shape") or strides, bool(number_of(attributes, "ceil_mode", 0))
    return [_MAX[x.dim() - 3](x, kernel, strides, pads, dilations, up)]


@operator("AveragePool")
def _average_pool(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x = first(given)
    strides, _, pads = _around(attributes, x.dim() - 2)
    kernel, up = list_of(attributes, "kernel_shape") or strides, bool(number_of(attributes, "ceil_mode", 0))
    return [_AVERAGE[x.dim() - 3](x, kernel, strides, pads, up, bool(number_of(attributes, "count_include_pad", 0)))]


@operator("GlobalAveragePool")
def _global_average(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x = first(given)
    return [x.mean(list(range(2, x.dim())), keepdim=True)]


@operator("Resize")
def _resize(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, scales, sizes = first(given), maybe(given, 2), maybe(given, 3)
    way = word_of(attributes, "coordinate_transformation_mode", "half_pixel")
    if word_of(attributes, "mode", "nearest") != "linear" or way not in ("half_pixel", "align_corners"):
        raise NotImplementedError(f"resizing by {word_of(attributes, 'mode', 'nearest')}, {way}")
    if number_of(attributes, "antialias", 0):
        raise NotImplementedError("resizing with smoothing")
    mode = {3: "linear", 4: "bilinear", 5: "trilinear"}[x.dim()]
    wanted = None if sizes is None else sizes_of(sizes)[2:]
    by = None if wanted is not None or scales is None else [float(each) for each in scales.tolist()[2:]]
    return [functional.interpolate(x, wanted, by, mode, align_corners=way == "align_corners")]


@operator("GridSample")
def _grid_sample(attributes: Attributes, given: Inputs) -> Sequence[Tensor]:
    x, places = together(given)
    mode = {"linear": "bilinear", "bilinear": "bilinear", "nearest": "nearest"}[word_of(attributes, "mode", "linear")]
    corners = bool(number_of(attributes, "align_corners", 0))
    return [functional.grid_sample(x, places, mode, word_of(attributes, "padding_mode", "zeros"), corners)]
