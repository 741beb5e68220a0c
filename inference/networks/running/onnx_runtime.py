"""ONNX Runtime: whether it is here, and sessions of it. It is imported with the first network: that takes its time."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

from ...errors import MissingRuntimeError

CPU_PROVIDER = "CPUExecutionProvider"
MOST_THREADS = 4  # of one network: more hardly help the sizes shipped here


class Session(Protocol):
    """A network that is ready to run."""

    def run(self, outputs: Sequence[str], inputs: Mapping[str, np.ndarray]) -> Sequence[np.ndarray]:
        """The outputs, by name and in their order."""
        ...


def start_session(data: bytes, count: int, provider: str = CPU_PROVIDER) -> Session:
    """A model of ONNX on `provider`; what the CPU does is done on `count` threads, the same numbers every time.

    Raises `RuntimeError` where the provider does not take the whole of it.
    """
    reason = why_no_runtime()
    if reason is not None:
        raise MissingRuntimeError(reason)
    runtime = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = count, 1
    options.use_deterministic_compute = True
    options.log_severity_level = 3  # errors; warnings tell developers of ONNX Runtime how a graph was made
    # Waiting threads sleep: those of two jobs must not take the cores from each other.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if provider == CPU_PROVIDER:
        return runtime.InferenceSession(data, options, providers=[provider])
    if provider == "CUDAExecutionProvider" and hasattr(runtime, "preload_dlls"):
        runtime.preload_dlls()  # CUDA and cuDNN, where pip has put them
    if provider == "DmlExecutionProvider":  # as DirectML asks
        options.enable_mem_pattern = False
    session = runtime.InferenceSession(data, options, providers=[(provider, _SETTINGS.get(provider, {})), CPU_PROVIDER])
    if provider not in session.get_providers():  # it only logs that it could not be loaded
        raise RuntimeError(f"{provider} could not be loaded")
    return session


_SETTINGS = {"CUDAExecutionProvider": {"use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"}}


@lru_cache(maxsize=1)
def why_no_runtime() -> str | None:
    """Why no network can run here and what to do about it; None where ONNX Runtime works."""
    try:
        importlib.import_module("onnxruntime").disable_telemetry_events()
    except ModuleNotFoundError:
        return (
            f"ONNX Runtime, which runs the trained networks, is not there for {sys.executable} (Python "
            f"{sys.version_info[0]}.{sys.version_info[1]}). Install it ({sys.executable} -m pip install onnxruntime), "
            "or choose the geometric method."
        )
    except (ImportError, OSError, AttributeError) as error:
        return (
            f"ONNX Runtime, which runs the trained networks, does not start on this system: {error}. Update the "
            "system, or choose the geometric method."
        )
    return None


def threads() -> int:
    """How many threads a network gets: as OMP_NUM_THREADS says, else the cores this process may use, within reason."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_THREADS)
