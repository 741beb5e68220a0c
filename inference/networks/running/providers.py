"""Which providers there are to run networks, which of them this Python has, and in which order a request tries them."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ...errors import BadRequestError
from ...requests import Device

Runtime = Literal["onnx", "torch"]


@dataclass(frozen=True)
class Provider:
    """One way to run a network."""

    name: Device  # as a request says it
    title: str  # as a report says it
    runtime: Runtime
    device: str  # ONNX Runtime's provider, or torch's kind of device

    @property
    def is_card(self) -> bool:
        """It computes on a graphics card."""
        return self not in (CPU, TORCH_CPU)


CPU = Provider("cpu", "CPU", "onnx", "CPUExecutionProvider")
TORCH_CPU = Provider("torch-cpu", "CPU, by torch", "torch", "cpu")
CORE_ML = Provider("coreml", "Core ML", "onnx", "CoreMLExecutionProvider")
CARDS = (
    Provider("cuda", "CUDA", "onnx", "CUDAExecutionProvider"),
    Provider("directml", "DirectML", "onnx", "DmlExecutionProvider"),
    Provider("torch-cuda", "CUDA, by torch", "torch", "cuda"),
    Provider("torch-rocm", "ROCm, by torch", "torch", "cuda"),
    Provider("torch-xpu", "Intel XPU, by torch", "torch", "xpu"),
    Provider("torch-mps", "Metal, by torch", "torch", "mps"),
    CORE_ML,
)
"""The first that is there is taken. Core ML, which is part of the bundled runtime on every Mac, only where a graphics
card is asked for: the networks' sizes vary, which it is slow at."""
PROVIDERS = (CPU, *CARDS, TORCH_CPU)
NO_CARD = (
    "There is nothing here that runs networks on a graphics card: the CPU did it. Install what your card needs in "
    "Preferences > Add-ons > Bonewright."
)


@dataclass(frozen=True)
class Here:
    """What this Python has."""

    onnx: tuple[str, ...]  # ONNX Runtime's providers
    torch: tuple[Device, ...]  # names of those of torch

    def has(self, provider: Provider) -> bool:
        """Whether `provider` is among them."""
        return provider.device in self.onnx if provider.runtime == "onnx" else provider.name in self.torch


def order(device: Device, here: Here) -> tuple[Provider, ...]:
    """What to try for a request, the CPU last. Raises `BadRequestError` where a provider named is not here."""
    if device == "cpu":
        return (CPU,)
    there = [provider for provider in CARDS if here.has(provider)]
    if device == "auto":
        return (*[provider for provider in there if provider is not CORE_ML][:1], CPU)
    if device == "gpu":
        return (*there, CPU)
    wanted = next(provider for provider in PROVIDERS if provider.name == device)
    if not here.has(wanted):
        names = ", ".join(provider.name for provider in PROVIDERS if here.has(provider))
        raise BadRequestError(f"The device '{device}' is not here. Choose one of: auto, gpu, {names}.")
    return (wanted, CPU)


def at_hand(here: Here) -> tuple[Provider, ...]:
    """Every provider of this Python."""
    return tuple(provider for provider in PROVIDERS if here.has(provider))


@lru_cache(maxsize=1)
def look() -> Here:
    """What this Python has; torch is imported only where its build is one for a graphics card."""
    try:
        onnx = tuple(importlib.import_module("onnxruntime").get_available_providers())
    except (ImportError, OSError, AttributeError):
        onnx = ()
    try:
        version = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return Here(onnx, ())
    kind = kind_of_torch(version, sys.platform)
    return Here(onnx, ("torch-cpu",) if kind is None or not _works(kind) else (kind, "torch-cpu"))


def kind_of_torch(version: str, system: str) -> Device | None:
    """The graphics card's provider that a build of torch has, by what its version ends with; None for the CPU's."""
    build = version.partition("+")[2]
    for start, name in _BUILDS.items():
        if build.startswith(start):
            return name
    plain: dict[str, Device] = {"darwin": "torch-mps", "linux": "torch-cuda"}  # what PyPI has for these systems
    return None if build else plain.get(system)


_BUILDS: dict[str, Device] = {"cu": "torch-cuda", "rocm": "torch-rocm", "xpu": "torch-xpu"}


def _works(name: Device) -> bool:
    """Whether torch finds the card."""
    kind = next(provider.device for provider in CARDS if provider.name == name)
    try:
        torch = importlib.import_module("torch")
        module = torch.backends.mps if kind == "mps" else getattr(torch, kind)
        return bool(module.is_available())
    except (ImportError, OSError, AttributeError, RuntimeError):
        return False
