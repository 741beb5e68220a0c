"""One worker process that can be ended at any moment: a crash, too long or too much memory costs one task, no more."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import inf
from typing import IO, Generic, Literal, TypeVar, cast

from ..errors import BonewrightError, Cancelled, WorkerError
from .channels import Channel, Problem, Tag
from .memory import held_mib, limit_memory, peak_mib
from .mortal import how_it_ended, kill_family

Given = TypeVar("Given")
Made = TypeVar("Made")
How = Literal["done", "error", "crash", "timeout", "memory"]
Told = Callable[[object], None]  # takes the steps that a worker reports

_LOOK = 0.1  # seconds between two looks at the clock and at the memory
_SHORTAGE = (
    "MemoryError",
    "bad_alloc",
    "returns null",
    "Cannot allocate memory",
    "out of memory",
    "Unable to allocate",
)


@dataclass(frozen=True)
class Limits:
    """What a worker may take, and when it is exchanged."""

    seconds: float = inf  # for a task; the time to start up does not count
    silence: float = inf  # seconds between two answers
    memory_mib: float = inf  # held at once
    start_seconds: float = 180.0  # until the first answer
    retries: int = 0  # after a crash, a time-out or a lack of memory, each in a fresh worker
    pause: float = 0.5  # seconds before the first retry; doubled for each that follows
    tasks: int = 0  # after so many the worker is exchanged for a fresh one; 0: never
    growth_mib: float = inf  # and once it holds so much more than when it had come up


@dataclass(frozen=True)
class Outcome(Generic[Made]):
    """What became of one task."""

    how: How
    value: Made | None = None  # of a task that is done
    error: str = ""  # the message; empty when done
    error_class: str = ""  # WorkerError where the worker did not survive
    trace: str = ""  # of an error that nobody expected
    said: str = ""  # the last lines that the worker printed before it failed
    seconds: float = 0.0  # wall clock, without the worker's start
    peak_mib: float = 0.0  # most memory the worker ever held, imports included
    attempts: int = 1

    @property
    def reason(self) -> str:
        """Why there is no value, with the class of an error that the task raised; empty when done."""
        return f"{self.error_class}: {self.error}" if self.how == "error" else self.error

    def record(self) -> dict[str, object]:
        """All but the value, for a line of JSON."""
        return {key: entry for key, entry in asdict(self).items() if key != "value"}


class Killable(Generic[Given, Made]):
    """A worker, started by the first task and again by the next one after it died. One task at a time."""

    def __init__(self, channel: Channel[Given], limits: Limits) -> None:
        self.limits = limits
        self.ready: object = None  # what the worker said of itself when it had come up last
        self._channel = channel
        self._process: _Process | None = None
        self._over = threading.Event()
        self._lock = threading.Lock()  # of starting and closing

    @property
    def pid(self) -> int | None:
        """Of the process, None while there is none."""
        return self._process.pid if self._process is not None and self._process.alive else None

    def ask(self, given: Given, told: Told = lambda _: None) -> Outcome[Made]:
        """Have a task done. Raises WorkerError if no worker ever came up, Cancelled once `close` was called."""
        attempt = 1
        while True:
            outcome = self._try(given, told, attempt)
            if outcome.how in ("done", "error") or attempt > self.limits.retries:
                return outcome
            self._over.wait(self.limits.pause * 2 ** (attempt - 1))
            attempt += 1

    def close(self) -> None:
        """End the worker, for good, whatever it is doing. From any thread."""
        with self._lock:
            self._over.set()
            if self._process is not None:
                self._process.end()

    def _try(self, given: Given, told: Told, attempt: int) -> Outcome[Made]:
        try:
            process = self._up()
        except WorkerError as error:
            if self.ready is None:  # it never came up: neither will it for the tasks that follow
                raise
            return Outcome("crash", None, str(error), "WorkerError", attempts=attempt)
        request = self._channel.pack(given)
        start = time.monotonic()
        try:
            process.begin(request)
            how, content = self._listen(process, "done", self.limits.seconds, self.limits.silence, told)
        except BaseException:  # of `told`, or Ctrl-C: the worker is still at it
            process.end()
            raise
        seconds, most = time.monotonic() - start, peak_mib(process.pid)
        process.tasks += 1
        if self._over.is_set():
            process.join(2.0)
            raise Cancelled("Cancelled.")
        if how not in ("done", "error") or self._is_worn(process):
            process.end()
        if how == "done":
            return Outcome(how, cast(Made, content), seconds=seconds, peak_mib=most, attempts=attempt)
        process.join(0.0 if how == "error" else 2.0)  # for its last words
        problem = content if isinstance(content, Problem) else Problem("WorkerError", str(content))
        told_of = (problem.message, problem.name, problem.trace, process.said)
        return Outcome(how, None, *told_of, seconds, most, attempt)

    def _up(self) -> _Process:
        with self._lock:
            if self._over.is_set():
                raise Cancelled("Cancelled.")
            if self._process is not None and self._process.alive:
                return self._process
            process = self._process = _Process(self._channel)
        how, content = self._listen(process, "ready", self.limits.start_seconds, inf, lambda _: None)
        if self._over.is_set():
            raise Cancelled("Cancelled.")
        if how != "done":
            process.end()
            process.join(2.0)
            last = next((line for line in reversed(process.said.splitlines()) if line.strip()), "it said nothing")
            raise WorkerError(f"{self._channel.name} could not be started: {last.strip()}.")
        self.ready = content
        limited = self.limits.memory_mib < inf and limit_memory(process.pid, self.limits.memory_mib)
        process.most_mib = inf if limited else self.limits.memory_mib
        process.fresh_mib = held_mib(process.pid) if self.limits.growth_mib < inf else 0.0
        return process

    def _listen(self, process: _Process, until: Tag, seconds: float, silence: float, told: Told) -> tuple[How, object]:
        """Until that is said, or the task or the process fails: how, and the content or the sentence that says why."""
        start = heard = time.monotonic()
        while True:
            end = min(start + seconds, heard + silence)
            try:
                answer = process.answers.get(timeout=min(_LOOK, max(0.0, end - time.monotonic())))
            except queue.Empty:
                if not process.alive:
                    return self._epitaph(process)
            else:
                if answer is None:
                    return self._epitaph(process)
                tag, content = answer
                if tag == until:
                    return "done", content
                if isinstance(content, Problem):
                    return "memory" if content.name == "MemoryError" else "error", content
                heard = time.monotonic()
                told(content)
            if process.most_mib < inf and held_mib(process.pid) > process.most_mib:
                return "memory", f"It held more than {process.most_mib:g} MiB."
            if time.monotonic() > end:
                late = silence if end < start + seconds else seconds
                return "timeout", f"No answer within {late:g} s."

    def _epitaph(self, process: _Process) -> tuple[How, str]:
        process.join(2.0)
        text = f"{self._channel.name} {how_it_ended(process.code)}."
        if self.limits.memory_mib < inf and any(word in process.said for word in _SHORTAGE):
            return "memory", f"{text} It may hold {self.limits.memory_mib:g} MiB."
        return "crash", text

    def _is_worn(self, process: _Process) -> bool:
        limits = self.limits
        if limits.tasks and process.tasks >= limits.tasks:
            return True
        return limits.growth_mib < inf and held_mib(process.pid) - process.fresh_mib > limits.growth_mib


class _Process:
    """One process and the threads that talk with it, so that nobody else ever waits for a pipe."""

    def __init__(self, channel: Channel[Given]) -> None:
        self.pid = 0
        self.tasks = 0  # asked of it
        self.most_mib = inf  # where only the one who asks sees to it
        self.fresh_mib = 0.0  # held when it had come up
        self.answers: queue.SimpleQueue[tuple[Tag, object] | None] = queue.SimpleQueue()  # None: there will be no more
        self._channel = channel
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._outbox.put(channel.greeting)
        self._words: deque[str] = deque(maxlen=40)
        self._popen: subprocess.Popen[bytes] | None = None
        self._unwanted = False
        self._lock = threading.Lock()
        # The process is started by the thread that outlives it: on Linux it dies with the thread that made it.
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it can still answer."""
        has_ended = self._popen is not None and self._popen.poll() is not None
        return self._thread.is_alive() and not self._unwanted and not has_ended

    @property
    def code(self) -> int | None:
        """How it exited."""
        return None if self._popen is None else self._popen.returncode

    @property
    def said(self) -> str:
        """The last lines that it printed since the task began."""
        return "\n".join(list(self._words))

    def begin(self, request: bytes) -> None:
        """Hand it a task."""
        self._words.clear()  # what it printed so far belongs to another one
        self._outbox.put(request)

    def end(self) -> None:
        """Kill it and what it has started; returns at once."""
        with self._lock:
            self._unwanted = True
            if self._popen is not None:
                kill_family(self._popen)

    def join(self, seconds: float) -> None:
        """Wait for its end, and for the last of what it says."""
        self._thread.join(seconds)

    def _supervise(self) -> None:
        try:
            self._talk(self._start())
        except (OSError, BonewrightError) as error:
            self._hear(str(error).encode())
        finally:
            self._outbox.put(None)
            self.answers.put(None)

    def _start(self) -> subprocess.Popen[bytes]:
        popen = subprocess.Popen(
            self._channel.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=sys.platform != "win32",  # Ctrl-C reaches only the program that has the workers
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        with self._lock:
            self._popen, self.pid = popen, popen.pid
            if self._unwanted:  # ended before it had begun
                kill_family(popen)
        return popen

    def _talk(self, popen: subprocess.Popen[bytes]) -> None:
        """Read until the process is gone."""
        assert popen.stdin is not None
        assert popen.stdout is not None
        assert popen.stderr is not None
        listener = threading.Thread(target=self._listen, args=(popen.stderr,), daemon=True)
        listener.start()
        threading.Thread(target=self._write, args=(popen.stdin,), daemon=True).start()
        try:
            with popen.stdout:
                for answer in self._channel.answers(popen.stdout, self._hear):
                    self.answers.put(answer)
        except Exception as error:  # what came cannot be read; whatever the reason, such a worker is of no more use
            self._hear(f"Its answer cannot be read: {type(error).__name__}: {error}".encode())
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                popen.wait(1.0)  # it has closed its output, so it is about to end
            kill_family(popen)
            popen.wait()
            listener.join(1.0)

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:  # the reader sees the end of the worker and tells why
            while (request := self._outbox.get()) is not None:
                pipe.write(request)
                pipe.flush()

    def _listen(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self._hear(line)

    def _hear(self, line: bytes) -> None:
        if text := line.decode(errors="replace").strip():
            self._words.append(text)
