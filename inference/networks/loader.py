"""Trained networks, ready to run: `NAME.onnx`, and the card `NAME.json` that says where it comes from.

Whoever needs a network gets it here, whatever runs it: `running/` knows ONNX Runtime, torch and their devices.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

import numpy as np

from ..errors import BonewrightError, WeightsError
from .running.devices import Use, current_use, is_memory
from .running.onnx_file import Given, read_inputs
from .running.onnx_runtime import Session, threads
from .running.providers import Provider
from .running.sessions import forget_memory, open_session

FOLDER = Path(__file__).resolve().parent.parent / "weights"
FORMAT = 2
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


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network. Call it with arrays by name for its answers in the order of the card's outputs."""

    card: Card
    path: Path
    inputs: Mapping[str, Given]
    sessions: dict[str, Session] = field(default_factory=dict)  # by provider; they stay for the next request
    refusals: dict[str, Exception] = field(default_factory=dict)  # of providers that do not take this network at all

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> Sequence[np.ndarray]:
        # NumPy's whole numbers are not the same on all systems; the network's are.
        given = {name: np.asarray(inputs[name], taken.kind) for name, taken in self.inputs.items()}
        use = current_use()
        for provider in use.providers:
            if (self.card.name, provider.name) in use.refused:
                continue
            try:
                found = self._session(provider).run(self.card.outputs, given)
            except BonewrightError:
                raise
            except Exception as error:  # each runtime has errors of its own
                self._failed(provider, error, use)
                continue
            use.done_by(provider)
            return found
        raise WeightsError(f"Nothing here runs the network '{self.card.name}'. Install Bonewright again.")

    def _session(self, provider: Provider) -> Session:
        """The network on this provider, made ready once."""
        if provider.name in self.refusals:
            raise self.refusals[provider.name]
        if provider.name not in self.sessions:
            try:
                self.sessions[provider.name] = open_session(_read(self.path, self.card), provider, threads())
            except BonewrightError:
                raise
            except Exception as error:
                if not is_memory(error):
                    self.refusals[provider.name] = error
                raise
        return self.sessions[provider.name]

    def _failed(self, provider: Provider, error: Exception, use: Use) -> None:
        """Let the next provider try. Raises where this was the last one."""
        if is_memory(error):
            self.sessions.pop(provider.name, None)
            forget_memory(provider)
        if provider is use.providers[-1]:
            raise MemoryError(str(error)) if is_memory(error) else error
        use.give_up(self.card.name, provider, error)


@cache
def read_network(name: str, folder: Path = FOLDER) -> Network:
    """The network `name`, checked against its card; once a process."""
    card = read_card(name, folder)
    path = folder / f"{name}.onnx"
    return Network(card, path, read_inputs(_read(path, card)))


def _read(path: Path, card: Card) -> bytes:
    """The model at `path`, which is to be the one that the card is about."""
    if not path.is_file():
        raise WeightsError(f"The weights '{path}' are missing. Install Bonewright again.")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise WeightsError(f"The weights '{path}' are damaged. Install Bonewright again.")
    return data


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
