"""The worker's client. No call waits for the worker: threads do, so a program's main thread never has to."""

from __future__ import annotations

import atexit
import importlib.util
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from .. import errors
from ..errors import BonewrightError, ProtocolError, UnexpectedError, WorkerError
from ..networks.shelf import USERS_FOLDER
from ..requests import Job
from .mortal import clean_environment, how_it_ended
from .ticket import Ticket
from .wire import Ask, Cancel, Done, Failed, Hello, Message, Step, read_message, write_message

ResultT = TypeVar("ResultT")
PATIENCE = 0.3
"""Seconds a cancelled job gets to stop by itself before its process is ended."""
_START = """import sys
sys.path[:0] = {paths!r}
if sys.version_info[:2] == {version!r}: sys.path.extend({later!r})
from {module} import main
main({parent})"""
_ROOT = Path(__file__).resolve().parents[2]
_LIBRARIES = ("numpy", "scipy", "igl", "onnxruntime")


@dataclass(frozen=True)
class Launch:
    """How a worker is started."""

    python: tuple[str, ...]  # an interpreter and its own arguments
    paths: tuple[str, ...]  # folders to import from, in order
    module: str = "inference.engine.worker"
    later: tuple[str, ...] = ()  # folders for what it has not itself, if it is of this Python's version
    weights: str = ""  # a folder of the user's own with trained networks


def own_python(arguments: Sequence[str] = ("-I",)) -> Launch:
    """A worker on this very interpreter, with the libraries that this process would import."""
    return Launch((sys.executable, *arguments), (str(_ROOT), *library_folders()))


def other_python(python: str) -> Launch:
    """A worker on the interpreter `python`, with its own libraries, and ours for those that it has not."""
    return Launch((python, "-I"), (str(_ROOT),), later=tuple(library_folders()))


def library_folders() -> list[str]:
    """Where the libraries lie, found without importing them: an isolated interpreter may not know those folders."""
    specs = [importlib.util.find_spec(name) for name in _LIBRARIES]
    folders = [str(Path(spec.origin).parents[1]) for spec in specs if spec is not None and spec.origin is not None]
    return list(dict.fromkeys(folders))


class WorkerBackend:
    """One worker, started by the first job and again by the next one after it died. One job at a time."""

    def __init__(self, launch: Launch | None = None) -> None:
        self._launch = launch
        self._worker: _Worker | None = None
        self._count = 0

    @property
    def pid(self) -> int | None:
        """The worker's process, None when there is none."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    def ask(self, job: Job[ResultT]) -> Ticket[ResultT]:
        """Have `job` done by the worker."""
        if self._worker is not None and self._worker.busy:
            raise WorkerError("Bonewright is still working on the last job. Wait for it or cancel it first.")
        if self._worker is None or not self._worker.alive:
            self._launch = self._launch or own_python()
            self._worker = _Worker(self._launch)
            atexit.register(self.close)
        self._count += 1
        return self._worker.ask(self._count, job)

    def close(self) -> None:
        """End the worker; a job under way fails. The next `ask` starts another."""
        atexit.unregister(self.close)
        if self._worker is not None:
            self._worker.end(WorkerError("Bonewright's worker was stopped."))
            self._worker.join()
            self._worker = None


class _Worker:
    """One process and the threads that talk with it."""

    def __init__(self, launch: Launch) -> None:
        self.pid: int | None = None
        self._launch = launch
        self._outbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._last_words: deque[str] = deque(maxlen=30)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reason: BonewrightError | None = None  # why we ended it
        self._ticket: Ticket[object] | None = None
        self._number = 0
        # The process is started by the thread that outlives it: on Linux it dies with the thread that made it.
        self._thread = threading.Thread(target=self._supervise, name="bonewright-worker", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._reason is None and self._thread.is_alive()

    @property
    def busy(self) -> bool:
        return self._ticket is not None and not self._ticket.done

    def ask(self, number: int, job: Job[ResultT]) -> Ticket[ResultT]:
        ticket = Ticket(job, lambda: self._cancel(number))
        with self._lock:
            self._ticket, self._number = ticket, number
            reason = self._reason
        if reason is not None:  # it died between the caller's look and now
            ticket.fail(reason)
        self._outbox.put(Ask(number, job))
        return ticket

    def end(self, reason: BonewrightError) -> None:
        """Kill the process. Returns at once; the supervising thread buries it."""
        with self._lock:
            self._reason = self._reason or reason
            if self._process is not None:
                self._process.kill()

    def join(self) -> None:
        self._thread.join(2.0)

    def _cancel(self, number: int) -> None:
        self._outbox.put(Cancel(number))
        timer = threading.Timer(PATIENCE, self._lose_patience, (number,))
        timer.daemon = True
        timer.start()

    def _lose_patience(self, number: int) -> None:
        """Native code cannot be interrupted; its process can."""
        if number == self._number and self.busy:
            self.end(WorkerError("The worker did not stop in time."))
            assert self._ticket is not None
            self._ticket.fail(WorkerError("The worker did not stop in time."))

    def _supervise(self) -> None:
        process = None
        failure: BonewrightError | None = None
        try:
            process = self._start()
            if process is not None:
                self._talk(process)
        except ProtocolError as error:
            failure = error
        except OSError as error:
            failure = WorkerError(f"The worker could not be started: {error}.")
        if process is not None:
            process.kill()
            process.wait()
        self._outbox.put(None)
        with self._lock:
            self._reason = self._reason or failure or self._obituary(process)
            ticket = self._ticket
        if ticket is not None:
            ticket.fail(self._reason)

    def _start(self) -> subprocess.Popen[bytes] | None:
        launch = self._launch
        code = _START.format(
            paths=list(launch.paths),
            later=list(launch.later),
            version=sys.version_info[:2],
            module=launch.module,
            parent=os.getpid(),
        )
        own = {USERS_FOLDER: launch.weights} if launch.weights else {}
        process = subprocess.Popen(
            [*launch.python, "-c", code],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**clean_environment(), **own},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        with self._lock:
            self._process, self.pid = process, process.pid
            if self._reason is not None:  # ended before it had begun
                process.kill()
        return process

    def _talk(self, process: subprocess.Popen[bytes]) -> None:
        """Read until the worker is gone."""
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        listener = threading.Thread(target=self._listen, args=(process.stderr,), daemon=True)
        listener.start()
        try:
            if not isinstance(read_message(process.stdout), Hello):
                process.stdin.close()
                return
            threading.Thread(target=self._write, args=(process.stdin,), daemon=True).start()
            while (message := read_message(process.stdout)) is not None:
                self._receive(message)
        finally:
            process.kill()
            process.wait()
            listener.join(1.0)
            process.stdout.close()

    def _receive(self, message: Message) -> None:
        ticket = self._ticket
        if ticket is None or isinstance(message, Hello | Ask | Cancel) or message.ticket != self._number:
            return
        match message:
            case Step():
                ticket.step(message.fraction, message.message)
            case Done():
                ticket.finish(message.result)
            case Failed():
                ticket.fail(_error_of(message))

    def _write(self, pipe: IO[bytes]) -> None:
        try:
            with pipe:
                while (message := self._outbox.get()) is not None:
                    write_message(pipe, message)
        except (OSError, ValueError):
            pass  # the reader sees the end of the worker and tells why
        except TypeError as error:
            self.end(UnexpectedError(f"The job could not be sent: {error}"))

    def _listen(self, pipe: IO[bytes]) -> None:
        with pipe:
            rest = b""
            while chunk := pipe.read(1 << 16):
                *lines, rest = (rest + chunk).split(b"\n")
                self._last_words.extend(line.decode(errors="replace") for line in lines)
            self._last_words.append(rest.decode(errors="replace"))

    def _obituary(self, process: subprocess.Popen[bytes] | None) -> WorkerError:
        code = None if process is None else process.returncode
        said = next((line for line in reversed(self._last_words) if line.strip()), "")
        return WorkerError(
            f"The worker {how_it_ended(code)}. Try again: it will be restarted." + (f" It said: {said}" if said else "")
        )


def _error_of(message: Failed) -> BonewrightError:
    if message.error == "UnexpectedError":
        return UnexpectedError(message.message, message.trace)
    kind = getattr(errors, message.error, None)
    if isinstance(kind, type) and issubclass(kind, BonewrightError):
        return kind(message.message)
    return BonewrightError(message.message)
