"""Many tasks over a few killable workers: whatever a task does, the others are done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, TypeVar

from .channels import Calls, Channel
from .killable import Killable, Limits, Outcome

Given = TypeVar("Given")
Made = TypeVar("Made")
Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4  # tasks each worker may be ahead of the results that were taken: those are held in memory
NO_LIMITS = Limits()


def run_calls(
    function: Callable[[Given], Made],
    inputs: Iterable[Given],
    processes: int = 1,
    limits: Limits = NO_LIMITS,
    *,
    ordered: bool = True,
    ahead: int = AHEAD,
) -> Generator[Outcome[Made], None, None]:
    """Call a function, which other processes can import, on each input; outcomes in order, or as they come.

    With one process and `ahead` 1 nothing is done while the caller is busy with an outcome.
    """
    with Pool[Given, Made](Calls(function), processes, limits) as pool:
        yield from pool.run(inputs, Killable.ask, ordered=ordered, ahead=ahead)


class Pool(Generic[Given, Made]):
    """Up to `processes` workers of one kind, each started when first needed and kept from run to run."""

    def __init__(self, channel: Channel[Given], processes: int = 1, limits: Limits = NO_LIMITS) -> None:
        self._workers = [Killable[Given, Made](channel, limits) for _ in range(processes)]

    def __enter__(self) -> Pool[Given, Made]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """The processes that are up."""
        return [pid for worker in self._workers if (pid := worker.pid) is not None]

    def run(
        self,
        items: Iterable[Item],
        work: Callable[[Killable[Given, Made], Item], Result],
        *,
        ordered: bool = True,
        ahead: int = AHEAD,
    ) -> Iterator[Result]:
        """`work(worker, item)` for each item, in threads, one for each worker; results in order, or as they come.

        `items` are taken as they are needed. What `work` raises ends the run, and so does leaving it early: both close
        the pool.
        """
        run = _Run[Item, Result](items, ahead * len(self._workers))
        lanes = [threading.Thread(target=run.work_off, args=(worker, work), daemon=True) for worker in self._workers]
        for lane in lanes:
            lane.start()
        try:
            yield from run.results(len(lanes), ordered=ordered)
        except BaseException:
            run.stop()
            self.close()
            raise
        finally:
            for lane in lanes:
                lane.join()

    def close(self) -> None:
        """End all workers at once; a run that is under way raises Cancelled. From any thread."""
        for worker in self._workers:
            worker.close()


class _Run(Generic[Item, Result]):
    """The items of one run and what became of them."""

    def __init__(self, items: Iterable[Item], ahead: int) -> None:
        self._items = enumerate(items)
        self._ahead = threading.Semaphore(ahead)
        self._lock = threading.Lock()
        self._stopped = False
        self._news: SimpleQueue[tuple[int, Result] | BaseException | None] = SimpleQueue()  # None: a lane has ended

    def stop(self) -> None:
        """No further item is begun."""
        self._stopped = True
        self._ahead.release()

    def work_off(self, worker: Killable[Given, Made], work: Callable[[Killable[Given, Made], Item], Result]) -> None:
        """One lane: an item after another."""
        try:
            while (numbered := self._next()) is not None:
                place, item = numbered
                self._news.put((place, work(worker, item)))
        except BaseException as error:  # whatever it is, the main thread waits for it and has to raise it
            self._news.put(error)
        else:
            self._news.put(None)

    def results(self, lanes: int, *, ordered: bool) -> Iterator[Result]:
        """Until every lane has ended; raises what a lane has raised."""
        done: dict[int, Result] = {}
        place = 0
        while lanes:
            news = self._news.get()
            if isinstance(news, BaseException):
                raise news
            if news is None:
                lanes -= 1
                continue
            done[news[0]] = news[1]
            if not ordered:
                place = news[0]
            while place in done:
                yield done.pop(place)
                self._ahead.release()
                place += 1

    def _next(self) -> tuple[int, Item] | None:
        self._ahead.acquire()
        with self._lock:
            if self._stopped:
                self._ahead.release()  # for the next lane that waits
                return None
            numbered = next(self._items, None)
        if numbered is None:
            self._ahead.release()
        return numbered
