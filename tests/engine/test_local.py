import numpy as np
import pytest
from trial_worker import ECHO, MISTAKE, REFUSE, STEPS, run_trial

from inference.anatomy import MedialSpheres, Mesh
from inference.engine.local import LocalBackend
from inference.engine.ticket import Ticket
from inference.errors import Cancelled, EmptyMeshError, ProtocolError, UnexpectedError
from inference.requests import Job, RigJob, RigOptions


def job(what: int) -> RigJob:
    return RigJob(Mesh(np.eye(3), np.array([[0, 1, 2]], np.int32)), RigOptions(seed=what))


def test_a_job_is_done_when_ask_returns():
    ticket = LocalBackend(run_trial).ask(job(ECHO))
    assert ticket.done
    assert isinstance(ticket.result(), MedialSpheres)


def test_a_watcher_sees_each_step_and_may_cancel():
    seen: list[float] = []

    def watch(ticket: Ticket[object]) -> None:
        seen.append(ticket.fraction)
        if len(seen) == 5:
            ticket.cancel()

    with pytest.raises(Cancelled):
        LocalBackend(run_trial).ask(job(STEPS), watch).result()
    assert len(seen) == 5


def test_errors_are_the_worker_s_errors():
    with pytest.raises(EmptyMeshError):
        LocalBackend(run_trial).ask(job(REFUSE)).result()
    with pytest.raises(UnexpectedError, match="IndexError"):
        LocalBackend(run_trial).ask(job(MISTAKE)).result()


def test_a_job_that_nobody_knows_is_refused():
    class Dance(Job[str]):
        pass

    with pytest.raises(ProtocolError, match="A Dance is no job"):
        LocalBackend().ask(Dance()).result()
