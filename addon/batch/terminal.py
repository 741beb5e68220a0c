"""What the command line shows: progress where somebody watches, one line per file everywhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from ...inference.errors import BadRequestError, BonewrightError
from .facts import Record
from .plan import FileJob
from .pool import News

INTERRUPTED = 130  # what a shell reports for a program stopped by Ctrl-C


def exit_code(program: str, work: Callable[[], int]) -> int:
    """That of `work`; where it could not be done, the user is told why by `program`."""
    try:
        return work()
    except BonewrightError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 2 if isinstance(error, BadRequestError) else 1
    except KeyboardInterrupt:
        print(f"{program}: stopped.", file=sys.stderr)
        return INTERRUPTED


class Display(Protocol):
    """Shows how far the work is."""

    def __enter__(self) -> Display: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def update(self, done: int, total: int, news: News) -> None:
        """Show the state of the whole and what just happened. From any thread."""
        ...

    def over(self, job: FileJob, record: Record, text: str) -> None:
        """A job is over and its record is kept; `text` says what has come of it."""
        ...

    def line(self, text: str, *, failure: bool = False) -> None:
        """Print a line that stays."""
        ...


def open_display() -> Display:
    """Bars where rich is there and a terminal watches; plain lines otherwise, as in Blender's own Python."""
    if not sys.stderr.isatty():
        return _Lines()
    try:
        return _bars()
    except ImportError:
        return _Lines()


class _Lines:
    def __enter__(self) -> _Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.stdout.flush()

    def update(self, done: int, total: int, news: News) -> None:
        """Nothing: nobody watches."""

    def over(self, job: FileJob, record: Record, text: str) -> None:
        self.line(text, failure=record["status"] != "ok")

    def line(self, text: str, *, failure: bool = False) -> None:
        print(text, file=sys.stderr if failure else sys.stdout, flush=True)


def _bars() -> Display:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    class Bars:
        def __init__(self) -> None:
            self.progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self.whole = self.progress.add_task("", total=None)
            self.tasks: dict[str, TaskID] = {}

        def __enter__(self) -> Bars:
            self.progress.start()
            return self

        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            self.progress.stop()

        def update(self, done: int, total: int, news: News) -> None:
            self.progress.update(self.whole, completed=done, total=total, description=f"{done} of {total}")
            name = str(news.job.source)
            if news.record is not None:
                if name in self.tasks:
                    self.progress.remove_task(self.tasks.pop(name))
                return
            if name not in self.tasks:
                self.tasks[name] = self.progress.add_task("", total=1.0)
            text = f"{news.job.source.name}: {news.message}"
            self.progress.update(self.tasks[name], completed=news.fraction, description=text)

        def over(self, job: FileJob, record: Record, text: str) -> None:
            self.line(text, failure=record["status"] != "ok")

        def line(self, text: str, *, failure: bool = False) -> None:
            if not failure and not sys.stdout.isatty():
                print(text, flush=True)  # results are being collected elsewhere
                return
            style = "red" if failure else None
            self.progress.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    return Bars()
