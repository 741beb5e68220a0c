"""What the tests of the pool have done in its workers; a program, too: python pool_tasks.py."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inference.engine.channels import Facts, serve_lines
from inference.errors import EmptyMeshError

if TYPE_CHECKING:  # the workers of most tests start sooner without it
    import numpy as np

FOREVER = 1000.0


def behave(how: str) -> str:
    """The first word says what happens; if that is nothing, the words come back."""
    word, _, rest = how.partition(" ")
    if word == "raise":
        raise ValueError(rest)
    if word == "refuse":
        raise EmptyMeshError(rest)
    if word == "exit":
        os._exit(int(rest))
    if word == "chatter":
        print(rest, flush=True)
        os.write(1, b"written to the pipe itself\n")
        print("an error, it seems", file=sys.stderr)
        ctypes.string_at(0)  # a segmentation fault
    if word == "hang":
        if rest:
            publish(Path(rest))
        time.sleep(FOREVER)
    if word == "once":
        first = not Path(rest).exists()
        publish(Path(rest))
        if first:
            os._exit(1)
    if word == "eat":
        held = [b"x" * (1 << 20) for _ in range(int(rest))]
        return str(len(held))
    if word == "hoard":
        held = [b"x" * (1 << 20) for _ in range(int(rest))]
        time.sleep(FOREVER)
    if word == "pid":
        return str(os.getpid())
    return how


def publish(place: Path) -> None:
    """Write the number of this process, whole or not at all."""
    part = place.with_suffix(".part")
    part.write_text(str(os.getpid()))
    part.replace(place)


def wait_for(place: Path) -> str:
    """Until somebody writes it."""
    while not place.exists():
        time.sleep(0.01)
    return place.read_text()


KEPT: list[bytearray] = []


def grow(mib: int) -> int:
    """Keep so much for good."""
    KEPT.append(bytearray(b"x" * (mib << 20)))
    return os.getpid()


def pid(_: object) -> int:
    """Which process this is."""
    return os.getpid()


def double(numbers: np.ndarray) -> np.ndarray:
    """An array there and back."""
    return 2 * numbers


def make_function(_: object) -> Callable[[], None]:
    """What no pipe can take."""
    return lambda: None


def answer(request: dict, tell: Callable[[Facts], None]) -> Facts:
    """Steps, then the same as `behave`."""
    for number in range(request.get("steps", 0)):
        tell({"fraction": number / request["steps"]})
    return {"made": behave(request["how"])}


if __name__ == "__main__":
    print("chatter from the start", end="", flush=True)
    serve_lines(answer, {"version": "1.2"})
