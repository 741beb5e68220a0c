"""A real worker process, asked, cancelled, killed and orphaned."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inference.anatomy import MedialSpheres, Mesh
from inference.engine.process import Launch, WorkerBackend, own_python
from inference.errors import BonewrightError, Cancelled, EmptyMeshError, ProtocolError, UnexpectedError, WorkerError
from inference.requests import RigJob, RigOptions

HERE = Path(__file__).parent
ECHO, STEPS, STUCK, CRASH, REFUSE, MISTAKE, CHATTER, SILENT_LONG = range(8)


def trial_launch() -> Launch:
    own = own_python()
    return dataclasses.replace(own, paths=(str(HERE), *own.paths), module="trial_worker")


def job(what: int, vertices: int = 3, faces: int = 1) -> RigJob:
    rng = np.random.default_rng(0)
    mesh = Mesh(rng.random((vertices, 3)), rng.integers(0, vertices, (faces, 3)).astype(np.int32))
    return RigJob(mesh, RigOptions(seed=what))


def is_running(pid: int) -> bool:
    """A zombie does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and is_running(pid):
        time.sleep(0.02)
    return not is_running(pid)


@pytest.fixture
def backend() -> Iterator[WorkerBackend]:
    backend = WorkerBackend(trial_launch())
    yield backend
    backend.close()


def pid_of(backend: WorkerBackend) -> int:
    pid = backend.pid
    assert pid is not None
    return pid


def test_a_job_comes_back_done(backend: WorkerBackend):
    asked = job(ECHO)
    ticket = backend.ask(asked)
    result = ticket.result()
    assert isinstance(result, MedialSpheres)
    np.testing.assert_array_equal(result.centres, asked.mesh.vertices)
    assert ticket.fraction == 1.0


def test_a_million_and_a_half_faces_cross_and_come_back(backend: WorkerBackend):
    result = backend.ask(job(ECHO, 750_000, 1_500_000)).result()
    assert isinstance(result, MedialSpheres)
    assert result.centres.shape == (750_000, 3)


def test_progress_arrives_at_least_four_times_a_second(backend: WorkerBackend):
    backend.ask(job(ECHO)).result()
    for what in (STEPS, SILENT_LONG):
        ticket = backend.ask(job(what))
        seen: list[float] = []
        original = ticket.step
        ticket.step = lambda f, m, o=original, s=seen: (s.append(time.monotonic()), o(f, m))[1]  # type: ignore[method-assign]
        ticket.wait(1.4)
        ticket.cancel()
        ticket.wait(2)
        assert len(seen) >= 5
        assert ticket.message
        assert ticket.fraction > 0


@pytest.mark.parametrize("what", [STEPS, STUCK, SILENT_LONG])
def test_a_cancelled_job_is_over_within_half_a_second_and_the_next_one_works(backend: WorkerBackend, what: int):
    backend.ask(job(ECHO)).result()
    ticket = backend.ask(job(what))
    time.sleep(0.3)
    ticket.cancel()
    ticket.cancel()
    assert ticket.wait(0.5)
    with pytest.raises(Cancelled):
        ticket.result()
    assert isinstance(backend.ask(job(ECHO)).result(), MedialSpheres)


def test_a_job_cancelled_before_the_worker_is_up_is_over_too(backend: WorkerBackend):
    ticket = backend.ask(job(STEPS))
    ticket.cancel()
    assert ticket.wait(0.5)
    with pytest.raises(Cancelled):
        ticket.result()


def test_a_crash_fails_the_job_with_a_reason_and_the_next_one_works(backend: WorkerBackend):
    with pytest.raises(WorkerError, match=r"SIGABRT.*Try again"):
        backend.ask(job(CRASH)).result()
    assert isinstance(backend.ask(job(ECHO)).result(), MedialSpheres)


def test_a_worker_killed_from_outside_is_buried_and_replaced(backend: WorkerBackend):
    backend.ask(job(ECHO)).result()
    pid = pid_of(backend)
    ticket = backend.ask(job(STEPS))
    time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match="SIGKILL"):
        ticket.result()
    assert isinstance(backend.ask(job(ECHO)).result(), MedialSpheres)
    assert not Path(f"/proc/{pid}").exists()  # not even a zombie


def test_a_worker_killed_while_idle_is_replaced_silently(backend: WorkerBackend):
    backend.ask(job(ECHO)).result()
    pid = pid_of(backend)
    os.kill(pid, signal.SIGKILL)
    assert gone_within(pid, 2)
    time.sleep(0.1)
    assert isinstance(backend.ask(job(ECHO)).result(), MedialSpheres)


def test_named_errors_arrive_as_themselves_and_mistakes_with_their_trace(backend: WorkerBackend):
    with pytest.raises(EmptyMeshError, match="'Fox' has no faces"):
        backend.ask(job(REFUSE)).result()
    with pytest.raises(UnexpectedError, match="IndexError") as caught:
        backend.ask(job(MISTAKE)).result()
    assert "trial_worker.py" in caught.value.trace


def test_what_libraries_print_does_not_disturb(backend: WorkerBackend):
    assert isinstance(backend.ask(job(CHATTER)).result(), MedialSpheres)


def test_a_second_job_is_refused_while_the_first_one_runs(backend: WorkerBackend):
    ticket = backend.ask(job(STEPS))
    with pytest.raises(WorkerError, match="still working"):
        backend.ask(job(ECHO))
    ticket.cancel()
    ticket.wait(1)


def test_asking_never_waits_even_when_the_worker_does_not_read(backend: WorkerBackend):
    backend.ask(job(ECHO)).result()
    os.kill(pid_of(backend), signal.SIGSTOP)
    big = job(ECHO, 2_000_000, 10)
    ticket = backend.ask(big)  # would block for ever here if it wrote to the full pipe itself
    assert not ticket.wait(0.2)
    ticket.cancel()
    assert ticket.wait(0.5)


def test_close_leaves_no_process():
    backend = WorkerBackend(trial_launch())
    backend.ask(job(STUCK))
    while backend.pid is None:
        time.sleep(0.01)
    pid = pid_of(backend)
    backend.close()
    assert not Path(f"/proc/{pid}").exists()


def test_another_protocol_is_refused():
    own = trial_launch()
    backend = WorkerBackend(dataclasses.replace(own, module="trial_worker_of_tomorrow"))
    with pytest.raises(ProtocolError, match="protocol"):
        backend.ask(job(ECHO)).result()
    backend.close()


def test_a_worker_that_cannot_start_says_so():
    for launch in (Launch(("/nowhere/python",), ()), Launch((sys.executable, "-I"), (), "no_such_module")):
        backend = WorkerBackend(launch)
        with pytest.raises(BonewrightError, match=r"could not be started|no_such_module"):
            backend.ask(job(ECHO)).result()
        backend.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("what", [ECHO, STEPS, STUCK])
def test_the_worker_dies_with_its_parent_even_when_that_is_killed(what: int):
    script = f"""
import sys, time
sys.path[:0] = [{str(HERE)!r}, {str(HERE.parents[1])!r}]
from test_worker import WorkerBackend, trial_launch, job
backend = WorkerBackend(trial_launch())
backend.ask(job({ECHO})).result()
backend.ask(job({what}))
time.sleep(0.3)
print(backend.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_running(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone_within(pid, 2)
