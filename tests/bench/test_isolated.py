"""A benchmark goes on whatever the thing it measures does."""

import os
import time

from tools.bench.isolated import run_each


def behave(how: str) -> str:
    if how == "raise":
        raise ValueError("on purpose")
    if how == "die":
        os._exit(3)
    if how == "sleep":
        time.sleep(60)
    return how


def test_errors_crashes_and_hangs_are_told_apart_and_the_next_call_works() -> None:
    outcomes = list(run_each(behave, ["fine", "raise", "die", "sleep", "fine again"], limit_s=3))
    assert [o.how for o in outcomes] == ["done", "error", "crash", "hang", "done"]
    assert outcomes[1].error == "ValueError: on purpose"
    assert outcomes[2].error == "The process ended with code 3."
    assert outcomes[4].value == "fine again"


def test_a_fresh_process_is_another_process() -> None:
    pids = [o.value for o in run_each(process_id, [0, 0], limit_s=10, fresh=True)]
    assert pids[0] != pids[1]


def process_id(_: int) -> int:
    return os.getpid()


def test_a_process_is_not_charged_for_the_memory_of_its_parent() -> None:
    held = bytearray(400 << 20)
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
    outcome = next(run_each(process_id, [0], limit_s=30, fresh=True))
    assert outcome.peak_mib < 400
