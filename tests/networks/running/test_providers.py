"""What is tried for a request, on computers of every sort: what they have is told, so that each can be tried here."""

from __future__ import annotations

import subprocess
import sys

import pytest

from inference.errors import BadRequestError
from inference.networks.running.providers import CPU, Here, at_hand, kind_of_torch, look, order
from inference.requests import Device

BUNDLED = ("AzureExecutionProvider", "CPUExecutionProvider")
MAC = Here(("CoreMLExecutionProvider", *BUNDLED), ())
PLAIN = Here(BUNDLED, ())
WINDOWS = Here(("DmlExecutionProvider", "CPUExecutionProvider"), ())
CUDA = Here(("CUDAExecutionProvider", "CPUExecutionProvider"), ())
TORCH_CUDA = Here(BUNDLED, ("torch-cuda", "torch-cpu"))
BOTH = Here(("CUDAExecutionProvider", "CPUExecutionProvider"), ("torch-cuda", "torch-cpu"))
ROCM = Here(BUNDLED, ("torch-rocm", "torch-cpu"))
XPU = Here(BUNDLED, ("torch-xpu", "torch-cpu"))
METAL = Here(("CoreMLExecutionProvider", *BUNDLED), ("torch-mps", "torch-cpu"))


@pytest.mark.parametrize(
    ("device", "here", "tried"),
    [
        ("auto", PLAIN, ["cpu"]),
        ("gpu", PLAIN, ["cpu"]),
        ("cpu", BOTH, ["cpu"]),
        ("auto", MAC, ["cpu"]),  # the bundled runtime has it; nobody asked for it
        ("gpu", MAC, ["coreml", "cpu"]),
        ("auto", WINDOWS, ["directml", "cpu"]),
        ("auto", CUDA, ["cuda", "cpu"]),
        ("auto", TORCH_CUDA, ["torch-cuda", "cpu"]),
        ("auto", BOTH, ["cuda", "cpu"]),
        ("gpu", BOTH, ["cuda", "torch-cuda", "cpu"]),
        ("torch-cuda", BOTH, ["torch-cuda", "cpu"]),
        ("torch-cpu", BOTH, ["torch-cpu", "cpu"]),
        ("auto", ROCM, ["torch-rocm", "cpu"]),
        ("auto", XPU, ["torch-xpu", "cpu"]),
        ("auto", METAL, ["torch-mps", "cpu"]),
        ("gpu", METAL, ["torch-mps", "coreml", "cpu"]),
        ("coreml", METAL, ["coreml", "cpu"]),
    ],
)
def test_what_is_tried_in_which_order(device: Device, here: Here, tried: list[str]) -> None:
    assert [provider.name for provider in order(device, here)] == tried


def test_a_provider_that_is_not_here_is_refused_with_those_that_are() -> None:
    with pytest.raises(
        BadRequestError, match=r"'directml' is not here\. Choose one of: auto, gpu, cpu, cuda, torch-cuda"
    ):
        order("directml", BOTH)


@pytest.mark.parametrize(
    ("version", "system", "kind"),
    [
        ("2.13.0+cpu", "linux", None),
        ("2.13.0+cu130", "linux", "torch-cuda"),
        ("2.13.0+cu126", "win32", "torch-cuda"),
        ("2.13.0+rocm7.2", "linux", "torch-rocm"),
        ("2.13.0+xpu", "win32", "torch-xpu"),
        ("2.13.0", "darwin", "torch-mps"),
        ("2.13.0", "linux", "torch-cuda"),
        ("2.13.0", "win32", None),
    ],
)
def test_what_a_build_of_torch_is_for_is_known_by_its_version(version: str, system: str, kind: str | None) -> None:
    assert kind_of_torch(version, system) == kind


def test_what_is_here_is_found_and_torch_for_the_cpu_is_not_even_imported() -> None:
    here = look()
    assert at_hand(here)[0] is CPU
    if "torch-cpu" in here.torch and len(here.torch) == 1:
        code = "import sys; from inference.networks.running.providers import look; look();"
        code += "sys.exit('torch' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code]).returncode == 0
