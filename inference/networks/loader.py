"""Trained weights and the card that says where they come from, read by NumPy alone.

`NAME.safetensors` is an 8-byte length, a JSON header and raw bytes; `NAME.json` beside it is the card.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ..errors import WeightsError

FOLDER = Path(__file__).resolve().parent.parent / "weights"
FORMAT = 1
KINDS = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "I8": np.int8,
    "U8": np.uint8,
    "BOOL": np.bool_,
}
Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True)
class Card:
    """What is to be known about a network's weights."""

    format: int
    name: str
    recipe: str
    version: str  # of the program that trained it
    config: dict[str, Value]  # the recipe's, nested as there
    seed: int
    data: str
    licence: str
    samples: int  # seen in training
    steps: int
    minutes: float  # on the clock
    device: str
    metrics: dict[str, float]  # on val
    sha256: str  # of the weights' file


@dataclass(frozen=True)
class Weights:
    """A network's parameters by name, and their card."""

    card: Card
    arrays: dict[str, np.ndarray]  # floats as float32, the rest as it is stored


def read_weights(name: str, folder: Path = FOLDER) -> Weights:
    """The weights `name`, checked against their card."""
    card = read_card(name, folder)
    path = folder / f"{name}.safetensors"
    if not path.is_file():
        raise WeightsError(f"The weights '{path}' are missing. Install Bonewright again.")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise WeightsError(f"The weights '{path}' are damaged. Install Bonewright again.")
    return Weights(card, read_arrays(data))


def read_card(name: str, folder: Path = FOLDER) -> Card:
    """Only the card of the weights `name`."""
    path = folder / f"{name}.json"
    if not path.is_file():
        raise WeightsError(f"The weights '{name}' have no card '{path}'. Install Bonewright again.")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsError(f"The card '{path}' is damaged ({error}). Install Bonewright again.") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT or {f.name for f in fields(Card)} - set(values):
        raise WeightsError(f"The card '{path}' is of another version of Bonewright. Install Bonewright again.")
    return Card(**{item.name: values[item.name] for item in fields(Card)})


def read_arrays(data: bytes) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file; half floats become float32."""
    length = int.from_bytes(data[:8], "little")
    head, body = json.loads(data[8 : 8 + length]), memoryview(data)[8 + length :]
    arrays = {}
    for name, entry in head.items():
        if name == "__metadata__":
            continue
        first, last = entry["data_offsets"]
        stored = np.frombuffer(body[first:last], KINDS[entry["dtype"]]).reshape(entry["shape"])
        arrays[name] = stored.astype(np.float32 if stored.dtype.kind == "f" else stored.dtype)
    return arrays
