"""What runs networks on which graphics card, and where it comes from: one table."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

TORCH = "2.13.0"
_NUMPY = "numpy==2.3.5"
_BESIDE = (_NUMPY, "safetensors==0.8.0")
_PYTORCH = "https://download.pytorch.org/whl/"
_PYPI = "https://pypi.org/simple"
_INTEL = ("x86_64", "AMD64")


@dataclass(frozen=True)
class Flavour:
    """One build of torch, or of ONNX Runtime for graphics cards."""

    name: str
    title: str
    description: str
    indexes: tuple[str, ...]  # where it lies, and where the rest does
    build: str  # what torch's version ends with
    systems: tuple[str, ...]  # values of sys.platform
    machines: tuple[str, ...]  # processors
    download: float  # GB, about
    space: float  # GB on disk while it is installed, about
    runtime: str = ""  # ONNX Runtime's package, where it is that instead of torch
    provider: str = ""  # and what it runs networks on, as `requests.Device` has it

    @property
    def what(self) -> str:
        """What is installed."""
        return "ONNX Runtime" if self.runtime else "torch"

    @property
    def folder(self) -> str:
        """The name of its environment."""
        return f"onnx-{self.name}" if self.runtime else f"torch-{self.name}"

    def requirements(self, *, offline: bool) -> list[str]:
        """What pip is asked for. A folder of wheels may hold the same version under the name another index gives it."""
        if self.runtime:
            return [self.runtime, _NUMPY]
        return [f"torch=={TORCH}" + ("" if offline else self.build), *_BESIDE]

    @property
    def sources(self) -> list[str]:
        """Arguments that tell pip where to look."""
        first, *more = self.indexes
        return ["--index-url", first, *(part for index in more for part in ("--extra-index-url", index))]


def _cuda(number: str, title: str, description: str) -> Flavour:
    name = f"cu{number}"
    return Flavour(name, title, description, (_PYTORCH + name, _PYPI), f"+{name}", ("linux", "win32"), _INTEL, 3, 12)


FLAVOURS = (
    Flavour(
        "cpu",
        "CPU",
        "Works on every computer",
        (f"{_PYTORCH}cpu", _PYPI),
        "+cpu",
        ("linux", "win32"),
        (*_INTEL, "aarch64", "ARM64"),
        0.25,
        2,
    ),
    _cuda("126", "NVIDIA, CUDA 12.6", "For older NVIDIA cards (GTX 900 and newer) and drivers"),
    _cuda("130", "NVIDIA, CUDA 13.0", "For NVIDIA cards from the RTX 20 series on, with a driver from 580 on"),
    _cuda("132", "NVIDIA, CUDA 13.2", "For NVIDIA cards from the RTX 20 series on, with the newest driver"),
    Flavour(
        "rocm",
        "AMD, ROCm 7.2",
        "For AMD cards under Linux",
        (f"{_PYTORCH}rocm7.2", _PYPI),
        "+rocm7.2",
        ("linux",),
        ("x86_64",),
        5,
        25,
    ),
    Flavour(
        "xpu",
        "Intel, XPU",
        "For Intel Arc cards and newer Intel processors' graphics",
        (f"{_PYTORCH}xpu", _PYPI),
        "+xpu",
        ("linux", "win32"),
        _INTEL,
        2,
        8,
    ),
    Flavour(
        "directml",
        "DirectML",
        "For any graphics card under Windows, and small",
        (_PYPI,),
        "",
        ("win32",),
        ("AMD64",),
        0.05,
        0.5,
        "onnxruntime-directml==1.24.4",
        "directml",
    ),
    Flavour(
        "cuda",
        "NVIDIA, without torch",
        "For NVIDIA cards from the RTX 20 series on, with a driver from 580 on; less to download than torch",
        (_PYPI,),
        "",
        ("linux", "win32"),
        _INTEL,
        1.5,
        5,
        "onnxruntime-gpu[cuda,cudnn]==1.31.1",
        "cuda",
    ),
    Flavour("mps", "Apple, Metal", "For Macs with an Apple processor", (_PYPI,), "", ("darwin",), ("arm64",), 0.1, 1),
)


def processor() -> str:
    """The processor's name. `platform.machine` knows it too, but its import is slower."""
    return os.environ.get("PROCESSOR_ARCHITECTURE", "") if sys.platform == "win32" else os.uname().machine


def available(system: str = sys.platform, machine: str | None = None) -> list[Flavour]:
    """The flavours that exist for this computer."""
    machine = machine or processor()
    return [flavour for flavour in FLAVOURS if system in flavour.systems and machine in flavour.machines]
