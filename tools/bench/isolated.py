"""Run a function in a process of its own: whatever happens there, the benchmark goes on and says what happened."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

from inference.engine.killable import Limits, Outcome
from inference.engine.pool import run_calls

Given = TypeVar("Given")
Made = TypeVar("Made")


def run_each(
    function: Callable[[Given], Made], items: Iterable[Given], limit_s: float, *, fresh: bool = False
) -> Generator[Outcome[Made], None, None]:
    """Call `function` on each item in one process (`fresh`: one each), while the caller does nothing else."""
    return run_calls(function, items, 1, Limits(limit_s, tasks=1 if fresh else 0), ahead=1)
