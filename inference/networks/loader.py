"""Trained networks, ready to run: `NAME.onnx`, and the card `NAME.json` that says where it comes from.

ONNX Runtime runs them, torch is not needed. It is imported with the first network, as that takes a tenth of a second.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from ..errors import MissingRuntimeError, WeightsError

FOLDER = Path(__file__).resolve().parent.parent / "weights"
FORMAT = 2
MOST_THREADS = 4  # of one network: more hardly help the sizes shipped here
Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
Ask = Callable[[Mapping[str, np.ndarray]], Sequence[np.ndarray]]
"""A network as its users see it: inputs by name, answers in order. Training asks modules of torch in the same way."""


@dataclass(frozen=True)
class Card:
    """What is to be known about a network's weights."""

    format: int
    name: str
    recipe: str
    version: str  # of the program that trained it
    config: dict[str, Value]  # the recipe's, nested as there
    inputs: list[str]  # by name
    outputs: list[str]  # in order
    seed: int
    data: str
    licence: str
    samples: int  # seen in training
    steps: int
    minutes: float  # on the clock
    device: str
    metrics: dict[str, float]  # on val
    sha256: str  # of the .onnx file

    def size(self, name: str) -> int:
        """A whole number of the config."""
        value = self.config.get(name)
        if not isinstance(value, int):
            raise WeightsError(f"The card of '{self.name}' does not say its {name}. Install Bonewright again.")
        return value


class _Argument(Protocol):
    """An input as ONNX Runtime describes it."""

    name: str
    type: str


class _Session(Protocol):
    """What is used of ONNX Runtime's sessions."""

    def get_inputs(self) -> Sequence[_Argument]: ...

    def run(self, outputs: Sequence[str], inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]: ...


_TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(bool)": np.bool_}


@dataclass(frozen=True)
class Network:
    """A trained network. Call it with arrays by name for its answers in the order of the card's outputs."""

    card: Card
    session: _Session

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> Sequence[np.ndarray]:
        # NumPy's whole numbers are not the same on all systems; the network's are.
        given = {each.name: np.asarray(inputs[each.name], _TYPES[each.type]) for each in self.session.get_inputs()}
        return self.session.run(self.card.outputs, given)


@cache
def read_network(name: str, folder: Path = FOLDER) -> Network:
    """The network `name`, checked against its card; once a process."""
    card = read_card(name, folder)
    path = folder / f"{name}.onnx"
    if not path.is_file():
        raise WeightsError(f"The weights '{path}' are missing. Install Bonewright again.")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise WeightsError(f"The weights '{path}' are damaged. Install Bonewright again.")
    return Network(card, start_session(data, threads()))


def read_card(name: str, folder: Path = FOLDER) -> Card:
    """Only the card of the weights `name`."""
    path = folder / f"{name}.json"
    if not path.is_file():
        raise WeightsError(f"The weights '{name}' have no card '{path}'. Install Bonewright again.")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsError(f"The card '{path}' is damaged ({error}). Install Bonewright again.") from error
    return card_from(values, path)


def card_from(values: object, path: Path) -> Card:
    """The card that stands in JSON; `path` is where that was read."""
    if not isinstance(values, dict) or values.get("format") != FORMAT or {f.name for f in fields(Card)} - set(values):
        raise WeightsError(f"The card '{path}' is of another version of Bonewright. Install Bonewright again.")
    return Card(**{item.name: values[item.name] for item in fields(Card)})


def start_session(data: bytes, count: int) -> _Session:
    """A model of ONNX on `count` threads of the CPU, the same numbers every time."""
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
    return runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


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
