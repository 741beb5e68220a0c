"""What a pool and its workers say to each other, both ends of it.

`Calls`: a Python function in a child of this interpreter; frames of a length and a pickle.
`Program`: a command of its own, such as Blender; one JSON object a line.

Either way a worker says `ready` once, then for each task any number of `step`s and in the end `done` or `error`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import queue
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Generic, Literal, Protocol, TypeVar

from ..errors import BonewrightError
from .mortal import die_with, mortal

Given = TypeVar("Given")
GivenIn = TypeVar("GivenIn", contravariant=True)
Made = TypeVar("Made")
Tag = Literal["ready", "step", "done", "error"]
Chatter = Callable[[bytes], None]  # takes what a worker prints besides
Facts = Mapping[str, object]  # only what JSON can hold

_LENGTH = struct.Struct("<Q")
_MARK = b"@bonewright "  # begins each line that counts: Blender prints lines of its own before we can stop it
_ROOT = Path(__file__).resolve().parents[2]
_CHILD = """import sys; sys.path.insert(0, {root!r})
from inference.engine.channels import serve_calls; serve_calls({parent})"""


@dataclass(frozen=True)
class Problem:
    """What a worker says when a task went wrong and the worker did not."""

    name: str  # of the error's class
    message: str
    trace: str = ""  # "" for errors that are meant to be read by the user

    @staticmethod
    def of(error: BaseException) -> Problem:
        """To be called while `error` is being handled."""
        trace = "" if isinstance(error, BonewrightError) else traceback.format_exc()
        return Problem(type(error).__name__, str(error), trace)


class Channel(Protocol[GivenIn]):
    """One kind of worker: how it is started, and how tasks and answers cross its pipes."""

    @property
    def name(self) -> str:
        """The subject of a sentence about it."""
        ...

    @property
    def command(self) -> Sequence[str]:
        """What starts it."""
        ...

    @property
    def greeting(self) -> bytes:
        """What it is told first."""
        ...

    def pack(self, given: GivenIn) -> bytes:
        """A task."""
        ...

    def answers(self, pipe: IO[bytes], chatter: Chatter) -> Iterator[tuple[Tag, object]]:
        """What comes out of its standard output, until that ends. The content of an `error` is a `Problem`."""
        ...


@dataclass(frozen=True)
class Calls(Generic[Given, Made]):
    """Calls a function that another process can import by its name, or a picklable object that can be called."""

    function: Callable[[Given], Made]
    name: str = "The process"

    @property
    def command(self) -> Sequence[str]:
        """This interpreter again."""
        return [sys.executable, "-I", "-c", _CHILD.format(root=str(_ROOT), parent=os.getpid())]

    @property
    def greeting(self) -> bytes:
        """Where to import from, and the function. The folders come first: they are needed to read the rest."""
        return _frame(pickle.dumps(sys.path)) + _frame(pickle.dumps(self.function, protocol=5))

    def pack(self, given: Given) -> bytes:
        """Length and pickle."""
        return _frame(pickle.dumps(given, protocol=5))

    def answers(self, pipe: IO[bytes], chatter: Chatter) -> Iterator[tuple[Tag, object]]:
        """Only frames come here: what is printed goes to standard error."""
        while (frame := _read_frame(pipe)) is not None:
            yield _opened(*pickle.loads(frame))


@dataclass(frozen=True)
class Program:
    """Runs a command that reads and writes JSON lines, as `serve_lines` does."""

    words: Sequence[str]
    name: str = "The program"
    greeting: bytes = field(default=b"", init=False)

    @property
    def command(self) -> Sequence[str]:
        """Made to end with us."""
        return mortal(self.words)

    def pack(self, given: Facts) -> bytes:
        """One line."""
        return json.dumps(given).encode() + b"\n"

    def answers(self, pipe: IO[bytes], chatter: Chatter) -> Iterator[tuple[Tag, object]]:
        """The marked lines; what it printed before it could mark any, or died over, is no answer."""
        for line in iter(pipe.readline, b""):
            if line.startswith(_MARK) and line.endswith(b"\n"):
                yield _opened(*json.loads(line.removeprefix(_MARK)))
            else:
                chatter(line)


def serve_lines(answer: Callable[[dict, Callable[[Facts], None]], Facts], ready: Facts) -> None:
    """Be a `Program`: `answer(task, tell a step)` what standard input asks for until it ends.

    What is printed from now on goes to standard error. A task that fails is told; the next one has its turn.
    """
    with contextlib.suppress(BrokenPipeError), os.fdopen(os.dup(1), "wb") as sink:
        os.dup2(2, 1)

        def say(tag: Tag, content: object) -> None:
            sink.write(_MARK + json.dumps([tag, content]).encode() + b"\n")
            sink.flush()

        sink.write(b"\n")  # something may have been printed without an end
        say("ready", ready)
        for line in sys.stdin.buffer:
            try:
                made = answer(json.loads(line), lambda facts: say("step", facts))
            except BrokenPipeError:
                return  # nobody listens any more
            except Exception as error:  # whatever a task does, the next one shall have its chance
                say("error", vars(Problem.of(error)))
            else:
                say("done", made)


def serve_calls(parent: int) -> None:
    """Be the child that `Calls` starts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the parent
    die_with(parent)
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print does not get between the frames
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    if sys.platform == "win32":
        msvcrt = importlib.import_module("msvcrt")
        msvcrt.setmode(source.fileno(), os.O_BINARY)
        msvcrt.setmode(sink.fileno(), os.O_BINARY)

    def say(tag: Tag, content: object) -> None:
        frame = _frame(pickle.dumps((tag, content), protocol=5))
        sys.stdout.flush()
        sink.write(frame)
        sink.flush()

    sys.path[:] = pickle.loads(_read_frame(source) or b"")
    function: Callable[[object], object] = pickle.loads(_read_frame(source) or b"")
    say("ready", {})
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(source, tasks), daemon=True).start()
    while True:
        try:
            say("done", function(pickle.loads(tasks.get())))
        except BrokenPipeError:
            return
        except Exception as error:  # reported, whatever it is: that is what this process is for
            say("error", vars(Problem.of(error)))


def _opened(tag: Tag, content: dict) -> tuple[Tag, object]:
    return tag, Problem(**content) if tag == "error" else content


def _listen(source: IO[bytes], tasks: queue.SimpleQueue[bytes]) -> None:
    """Always listening, so that the end of the parent is the end of this process, whatever it is doing."""
    while (frame := _read_frame(source)) is not None:
        tasks.put(frame)
    os._exit(0)


def _frame(content: bytes) -> bytes:
    return _LENGTH.pack(len(content)) + content


def _read_frame(pipe: IO[bytes]) -> bytes | None:
    """The next frame; None at the end, be it in the middle of one: then the other side has died."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = pipe.read(length)
    return content if len(content) == length else None
