"""The device that the networks of one request run on: tried in order, the CPU last, and what came of it told.

A way through the house is wrapped by `asks_networks`; whatever network it asks, however deep down, finds the request's
`Use` by `current_use`. Networks that are asked outside of any request run on the CPU.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar

from ...anatomy import Finding, Report
from ...requests import Device, ImageOptions, RigOptions, ShapeOptions, SkinOptions
from .providers import CPU, NO_CARD, Here, Provider, look, order

P = ParamSpec("P")
R = TypeVar("R")
_MEMORY = ("out of memory", "not enough memory", "failed to allocate", "can't allocate", "alloc_failed", "bad_alloc")
_LONGEST = 160  # letters of a reason


@dataclass
class Use:
    """What a request's networks run on, and what has come of it so far."""

    device: Device
    here: Callable[[], Here] = look
    told: list[str] = field(default_factory=list)  # why another one did it
    ran: list[Provider] = field(default_factory=list)
    refused: set[tuple[str, str]] = field(default_factory=set)  # (network, provider), for this request

    @functools.cached_property
    def providers(self) -> tuple[Provider, ...]:
        """What is tried, in order. Nobody looks what there is before a network is asked."""
        return (CPU,) if self.device == "cpu" else order(self.device, self.here())

    def done_by(self, provider: Provider) -> None:
        """`provider` has run a network."""
        if provider not in self.ran:
            self.ran.append(provider)

    def give_up(self, network: str, provider: Provider, error: Exception) -> None:
        """`provider` could not run `network`; the next one is tried."""
        self.refused.add((network, provider.name))
        word = why_not(network, provider, error)
        if word not in self.told:
            self.told.append(word)

    @property
    def title(self) -> str:
        """The devices that ran, as a report says it; nothing where no network was asked."""
        return "; ".join(provider.title for provider in self.ran)

    def noted(self, report: Report) -> Report:
        """The report with what the networks ran on, and a warning for each that the CPU had to do instead."""
        warnings = (*(Finding(word) for word in self.told if self.ran), *report.warnings)
        return replace(report, device=self.title, warnings=warnings)


_use: ContextVar[Use | None] = ContextVar("bonewright_use", default=None)


def current_use() -> Use:
    """That of the request under way."""
    return _use.get() or Use("cpu")


@contextmanager
def networks_on(device: Device, here: Callable[[], Here] = look) -> Iterator[Use]:
    """Have networks run on `device`. Within another request its device stays: the whole is one request.

    Raises `BadRequestError` where a provider named is not here.
    """
    outer = _use.get()
    if outer is not None:
        yield outer
        return
    made = Use(device, here)
    if device == "gpu" and made.providers == (CPU,):
        made.told.append(NO_CARD)
    token = _use.set(made)
    try:
        yield made
    finally:
        _use.reset(token)


def asks_networks(way: Callable[P, R]) -> Callable[P, R]:
    """Of a way through the house that takes `options`: networks that it asks run on the device that these name."""
    signature = inspect.signature(way)

    @functools.wraps(way)
    def on_its_device(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        with networks_on(device_of(given.arguments["options"])):
            return way(*args, **kwargs)

    return on_its_device


def device_of(options: RigOptions | SkinOptions | ImageOptions | ShapeOptions) -> Device:
    """What a request says."""
    return options.rig.device if isinstance(options, ImageOptions | ShapeOptions) else options.device


def why_not(network: str, provider: Provider, error: Exception) -> str:
    """What is told when a provider failed."""
    if is_memory(error):
        return (
            f"{provider.title} has not enough memory for the network '{network}': the CPU did it. Close other "
            "programs, or choose the CPU."
        )
    lines = str(error).strip().splitlines()
    reason = (lines[0] if lines else type(error).__name__)[:_LONGEST].rstrip(".")
    return f"{provider.title} could not run the network '{network}' ({reason}): the CPU did it."


def is_memory(error: Exception) -> bool:
    """Whether there was too little memory. Every runtime says it in its own words."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in text for sign in _MEMORY)
