"""A network made ready on any provider: the one door through which what runs for a user reaches torch."""

from __future__ import annotations

from .onnx_runtime import Session, start_session
from .providers import Provider


def open_session(data: bytes, provider: Provider, count: int) -> Session:
    """A model of ONNX on `provider`, with `count` threads of the CPU. Raises what its runtime raises."""
    if provider.runtime == "onnx":
        return start_session(data, count, provider.device)
    from .torch_graph import TorchSession  # torch takes seconds to import, and most have none

    return TorchSession(data, provider.device)


def forget_memory(provider: Provider) -> None:
    """Give back what a runtime holds of a graphics card's memory for later."""
    if provider.runtime == "torch":
        from .torch_graph import forget_memory as forget

        forget()
