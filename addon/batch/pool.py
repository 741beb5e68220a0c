"""Worker processes: each a Blender of its own, so that a file that crashes one of them harms no other file."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from ...inference.errors import WorkerError
from ...inference.requests import RigOptions
from .messages import ANSWER, encode_request
from .plan import FileJob, staged

START_SECONDS = 120.0  # for Blender to start: it takes 1, or 20 on a machine that is busy


@dataclass(frozen=True)
class News:
    """Something that happened to a job."""

    job: FileJob
    fraction: float = 0.0
    message: str = ""
    record: dict[str, object] | None = None  # set once the job is over


def run_jobs(
    command: Sequence[str], jobs: Sequence[FileJob], options: RigOptions, processes: int, seconds: float
) -> Iterator[News]:
    """Rig `jobs` in up to `processes` workers started by `command`; yields until each job has its record."""
    todo: SimpleQueue[FileJob] = SimpleQueue()
    for job in jobs:
        todo.put(job)
    news: SimpleQueue[News | Exception] = SimpleQueue()
    lanes = [_Lane(command, options, seconds, todo, news) for _ in range(max(1, min(processes, len(jobs))))]
    for lane in lanes:
        lane.thread.start()
    try:
        missing = len(jobs)
        while missing:
            item = news.get()
            if isinstance(item, Exception):
                raise item
            missing -= item.record is not None
            yield item
    finally:
        for lane in lanes:
            lane.stop()


@dataclass
class _Lane:
    """One worker process at a time, fed from the common queue."""

    command: Sequence[str]
    options: RigOptions
    seconds: float
    todo: SimpleQueue[FileJob]
    news: SimpleQueue[News | Exception]
    process: subprocess.Popen[bytes] | None = None
    stopped: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._work, daemon=True)

    def stop(self) -> None:
        """Kill the worker, and clear away what it had half written."""
        with self.lock:
            self.stopped = True
            if self.process is not None:
                self.process.kill()
        self.thread.join()

    def _work(self) -> None:
        try:
            while not self.stopped:
                try:
                    job = self.todo.get_nowait()
                except Empty:
                    return
                record = self._rig(job)
                if not self.stopped:
                    self.news.put(News(job, 1.0, "", record))
        except Exception as error:  # whatever it is, the main thread waits for it and has to raise it
            self.news.put(error)
        finally:
            self._clear_away()

    def _rig(self, job: FileJob) -> dict[str, object]:
        """The record of `job`, whether or not the worker survives it."""
        process = self._started()
        token = str(process.pid)
        late = threading.Timer(self.seconds, process.kill)
        late.start()
        try:
            if process.stdin is not None:
                process.stdin.write(encode_request(job, self.options, token))
                process.stdin.flush()
            for answer in _answers(process):
                if "record" in answer:
                    return dict(answer["record"])
                self.news.put(News(job, float(answer["fraction"]), str(answer["message"])))
        except BrokenPipeError:
            pass  # it died before it had read the request; the same as dying over it
        finally:
            timely = late.is_alive()
            late.cancel()
        code = process.wait()
        for path in job.written:
            staged(path, token).unlink(missing_ok=True)
        reason = f"Blender crashed (exit code {code})" if timely else f"It took longer than {self.seconds:g} seconds"
        advice = "Check the file in Blender" if timely else "Decimate the mesh, or raise --timeout"
        return {"status": "failed", "error": f"{reason} on '{job.source.name}'. {advice}.", "error_type": "WorkerError"}

    def _started(self) -> subprocess.Popen[bytes]:
        if self.process is not None and self.process.poll() is None:
            return self.process
        self._clear_away()
        with tempfile.TemporaryFile() as chatter:
            with self.lock:
                if self.stopped:
                    raise WorkerError("Stopped.")
                self.process = subprocess.Popen(
                    list(self.command),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=chatter,
                    start_new_session=os.name == "posix",  # Ctrl-C reaches only the command line, which stops workers
                )
            late = threading.Timer(START_SECONDS, self.process.kill)
            late.start()
            ready = next(_answers(self.process), None)
            late.cancel()
            if ready is None:
                chatter.seek(0)
                lines = chatter.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
                raise WorkerError(f"Blender could not be started: {lines[-1].strip()}. See docs/install.md.")
        return self.process

    def _clear_away(self) -> None:
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _answers(process: subprocess.Popen[bytes]) -> Iterator[dict]:
    """What the worker says, until it falls silent. What Blender prints while it starts, or died over, is no answer."""
    if process.stdout is None:
        return
    for line in iter(process.stdout.readline, b""):
        if line.startswith(ANSWER) and line.endswith(b"\n"):
            yield json.loads(line.removeprefix(ANSWER))
