"""Whatever a task does to its worker, it costs one task: real processes that crash, hang, eat and are killed."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from operator import truediv
from pathlib import Path

import numpy as np
import pool_tasks
import pytest
from pool_tasks import behave, wait_for

from inference.engine import killable
from inference.engine.channels import Calls, Facts, Program
from inference.engine.killable import Killable, Limits
from inference.engine.pool import NO_LIMITS, Pool, run_calls
from inference.errors import Cancelled, WorkerError

ROOT = Path(__file__).resolve().parents[2]
HERE = str(Path(__file__).parent)
SCRIPT = f"import runpy, sys; sys.path[:0] = {[str(ROOT), HERE]}; runpy.run_module('pool_tasks', run_name='__main__')"
PROGRAM = Program((sys.executable, "-c", SCRIPT))
posix = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")


def is_gone(pid: int) -> bool:
    """Whether the process ends soon; a zombie that nobody has buried yet has ended."""
    for _ in range(1000):
        try:
            os.kill(pid, 0)
            stat = Path(f"/proc/{pid}/stat")
            threads = stat.parent / "task"  # the first may be a zombie while others are still ending
            if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z" and len(os.listdir(threads)) < 2:
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False


def test_outcomes_come_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    inputs = ["once " + str(tmp_path / "seen"), "a", "b"]
    outcomes = run_calls(behave, inputs, 2, Limits(retries=1, pause=0.0))
    assert [outcome.value for outcome in outcomes] == inputs


def test_or_as_they_come(tmp_path: Path) -> None:
    late = tmp_path / "late"
    with closing(run_calls(wait_for, [late, tmp_path], 2, ordered=False, ahead=2)) as outcomes:
        assert next(outcomes).how == "error"  # a folder cannot be read
        late.write_text("now")
        assert next(outcomes).value == "now"


def test_an_error_is_told_and_the_worker_stays() -> None:
    before, mistake, refusal, after = run_calls(behave, ["pid", "raise on purpose", "refuse 'Fox' has no faces", "pid"])
    assert (mistake.how, mistake.reason) == ("error", "ValueError: on purpose")
    assert "pool_tasks.py" in mistake.trace
    assert (refusal.error_class, refusal.error, refusal.trace) == ("EmptyMeshError", "'Fox' has no faces", "")
    assert before.value == after.value


def test_a_hard_exit_and_a_hang_each_cost_one_task_and_the_next_ones_are_done() -> None:
    outcomes = list(run_calls(behave, ["a", "exit 3", "b", "hang", "c"], limits=Limits(seconds=1.0)))
    assert [outcome.how for outcome in outcomes] == ["done", "crash", "done", "timeout", "done"]
    assert outcomes[1].error == "The process ended with code 3."
    assert outcomes[3].error == "No answer within 1 s."
    assert outcomes[3].error_class == "WorkerError"


@posix
def test_a_worker_killed_in_the_middle_costs_one_task(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    killer = threading.Thread(target=lambda: os.kill(int(wait_for(place)), signal.SIGKILL))
    killer.start()
    killed, after = run_calls(behave, [f"hang {place}", "a"])
    assert killed.how == "crash"
    assert "SIGKILL" in killed.error
    assert after.value == "a"


@posix
def test_a_worker_killed_while_idle_costs_nothing() -> None:
    with Pool[object, int](Calls(pool_tasks.pid)) as pool:
        (first,) = pool.run([0], Killable.ask)
        os.kill(first.value or 0, signal.SIGKILL)
        assert is_gone(first.value or 0)
        (second,) = pool.run([0], Killable.ask)
    assert second.how == "done"
    assert second.value != first.value


@posix
def test_what_a_dying_process_printed_is_kept_and_what_others_printed_is_not() -> None:
    _, died, after = run_calls(behave, ["raise before", "chatter last words", "exit 1"])
    assert died.said.splitlines()[-3:] == ["last words", "written to the pipe itself", "an error, it seems"]
    assert died.how == "crash"
    assert "SIGSEGV" in died.error
    assert after.said == ""
    assert died.record()["said"] == died.said
    assert "value" not in died.record()


def test_more_memory_than_is_allowed_costs_one_task() -> None:
    outcomes = list(run_calls(behave, ["eat 50", "eat 5000", "eat 50"], limits=Limits(memory_mib=500)))
    assert [outcome.how for outcome in outcomes] == ["done", "memory", "done"]
    assert 50 < outcomes[0].peak_mib < 500


def test_where_the_system_sets_no_limit_the_pool_looks_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(killable, "limit_memory", lambda pid, mib: False)
    first, eater, after = run_calls(behave, ["eat 10", "hoard 400", "a"], limits=Limits(memory_mib=200))
    assert (first.how, eater.how, after.how) == ("done", "memory", "done")
    assert eater.error == "It held more than 200 MiB."


def test_the_memory_of_the_parent_does_not_count() -> None:
    held = bytearray(b"x" * (200 << 20))
    (outcome,) = run_calls(behave, ["a"])
    assert outcome.peak_mib < len(held) >> 20


def test_a_task_is_tried_again_in_a_fresh_worker(tmp_path: Path) -> None:
    again, never = run_calls(behave, [f"once {tmp_path / 'seen'}", "exit 1"], limits=Limits(retries=2, pause=0.0))
    assert (again.how, again.attempts) == ("done", 2)
    assert (never.how, never.attempts) == ("crash", 3)


def test_a_worker_serves_many_tasks_and_is_exchanged_when_told() -> None:
    assert len({outcome.value for outcome in run_calls(pool_tasks.pid, range(6))}) == 1
    assert len({outcome.value for outcome in run_calls(pool_tasks.pid, range(6), limits=Limits(tasks=2))}) == 3
    assert len({outcome.value for outcome in run_calls(pool_tasks.grow, [60] * 4, limits=Limits(growth_mib=100))}) == 2


@posix
def test_closing_from_elsewhere_cancels_and_leaves_no_process(tmp_path: Path) -> None:
    places = [tmp_path / "a", tmp_path / "b"]
    with Pool[str, str](Calls(behave), 2) as pool:
        threading.Thread(target=lambda: ([wait_for(place) for place in places], pool.close())).start()
        with pytest.raises(Cancelled):
            list(pool.run([f"hang {place}" for place in places], Killable.ask))
        assert pool.pids == []
    assert all(is_gone(int(place.read_text())) for place in places)


@posix
def test_leaving_early_leaves_no_process(tmp_path: Path) -> None:
    with closing(run_calls(behave, ["a", f"hang {tmp_path / 'pid'}"], 2)) as outcomes:
        assert next(outcomes).value == "a"
        pid = int(wait_for(tmp_path / "pid"))
    assert is_gone(pid)


def test_tasks_are_taken_as_they_are_needed_so_there_may_be_no_end_of_them() -> None:
    with closing(run_calls(pool_tasks.pid, itertools.count())) as outcomes:
        assert all(outcome.how == "done" for outcome in itertools.islice(outcomes, 30))


def test_tasks_that_cannot_be_made_end_the_run() -> None:
    with pytest.raises(ZeroDivisionError):
        list(run_calls(pool_tasks.pid, (1 // (2 - number) for number in range(5))))


def test_large_arrays_cross_and_what_cannot_cross_is_an_error() -> None:
    numbers = np.arange(3_000_000.0)
    (doubled,) = run_calls(pool_tasks.double, [numbers])
    assert doubled.value is not None
    np.testing.assert_array_equal(doubled.value, 2 * numbers)
    (function,) = run_calls(pool_tasks.make_function, [0])
    assert function.how == "error"


def test_what_cannot_start_says_why_at_once() -> None:
    with pytest.raises(WorkerError, match=r"could not be started.*division by zero"):
        list(run_calls(Nowhere(), range(3)))
    for words in (("/nowhere/program",), ("false",)):
        with pytest.raises(WorkerError, match="The program could not be started"):
            Killable[Facts, Facts](Program(words), NO_LIMITS).ask({})


class Nowhere:
    """Looks like a function until the other process reads it."""

    def __call__(self, given: int) -> int:
        return given

    def __reduce__(self) -> tuple[object, ...]:
        return truediv, (1, 0)


def test_a_program_of_its_own_tells_steps_and_errors_and_is_replaced() -> None:
    worker = Killable[Facts, Facts](PROGRAM, Limits(seconds=5.0))
    steps: list[object] = []
    made = worker.ask({"how": "a", "steps": 2}, steps.append)
    assert made.value == {"made": "a"}
    assert steps == [{"fraction": 0.0}, {"fraction": 0.5}]
    assert worker.ready == {"version": "1.2"}
    assert worker.ask({"how": "refuse no faces"}).error_class == "EmptyMeshError"
    died = worker.ask({"how": "chatter last words"})
    assert died.how == "crash"
    assert "last words" in died.said
    assert worker.ask({"how": "b"}).value == {"made": "b"}
    worker.close()
    with pytest.raises(Cancelled):
        worker.ask({"how": "a"})


def test_a_worker_whose_steps_cannot_be_taken_is_replaced() -> None:
    def refuse(step: object) -> None:
        raise OSError("disk full")

    worker = Killable[Facts, Facts](PROGRAM, NO_LIMITS)
    with pytest.raises(OSError, match="disk full"):
        worker.ask({"how": "a", "steps": 1}, refuse)
    assert worker.ask({"how": "b"}).value == {"made": "b"}
    worker.close()


def test_a_worker_that_tells_steps_without_end_has_no_more_time_than_others() -> None:
    worker = Killable[Facts, Facts](PROGRAM, Limits(seconds=0.5))
    assert worker.ask({"how": "a", "steps": 10**9}).error == "No answer within 0.5 s."
    worker.close()


def test_a_worker_that_falls_silent_is_ended() -> None:
    worker = Killable[Facts, Facts](PROGRAM, Limits(silence=0.5))
    assert worker.ask({"how": "hang", "steps": 3}).error == "No answer within 0.5 s."
    worker.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a busy program ends when it has done its task")
@pytest.mark.parametrize("kind", ["Calls(behave)", "PROGRAM"])
def test_nothing_outlives_a_parent_that_is_killed(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "pid"
    task = f"'hang {place}'" if kind != "PROGRAM" else f"{{'how': 'hang {place}'}}"
    script = f"import sys; sys.path[:0] = {[str(ROOT), HERE]}\nfrom test_pool import *\n"
    parent = subprocess.Popen([sys.executable, "-c", f"{script}list(Pool({kind}).run([{task}], Killable.ask))"])
    pid = int(wait_for(place))
    parent.kill()
    parent.wait()
    assert is_gone(pid)
