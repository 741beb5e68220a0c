"""Datasets written shard by shard, so that a killed build goes on where it was and ends with the same bytes.

with Writer(folder, plan) as writer:
    for shard in writer.missing:
        writer.commit(shard, [make(plan.names[place]) for place in plan.places(shard)])
join(folder, file)  # all in one file, to be carried elsewhere
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from inference.files import write_whole

from .errors import BadItemError, BusyError, ChangedPlanError, DatasetError
from .plan import Header, Plan
from .reading import ENDING, Dataset, shard_path
from .shards import Item, Skipped, check_name, encode, read_content


class Writer:
    """Builds a dataset, or goes on with one that was interrupted: the bytes are the same either way."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        if len(set(plan.names)) != len(plan.names):
            twice = next(name for name in plan.names if plan.names.count(name) > 1)
            raise BadItemError(f"Two items are named '{twice}'. Give every item a name of its own.")
        for name in plan.names:
            check_name(name)
        self._held = ExitStack()

    def __enter__(self) -> Writer:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(held(self.folder))
        try:
            for shard in sorted(self.folder.glob(f"[0-9]*{ENDING}")):
                need_same(shard, self.plan.header)
        except DatasetError:
            self._held.close()
            raise
        for left_over in self.folder.glob(f".*.part{ENDING}"):
            left_over.unlink()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._held.close()

    @property
    def missing(self) -> list[int]:
        """Shards still to be written."""
        return [shard for shard in range(self.plan.shard_count) if not shard_path(self.folder, shard).exists()]

    def commit(self, shard: int, results: Sequence[Item | Skipped]) -> None:
        """Write a shard: for each of its planned items the item or why there is none."""
        if [result.name for result in results] != [self.plan.names[place] for place in self.plan.places(shard)]:
            raise BadItemError(f"Shard {shard} was given other items than planned.")
        write_whole(shard_path(self.folder, shard), encode(self.plan.header, shard, results))


def need_same(file: Path, wanted: Header) -> None:
    """Refuse to go on with what was begun as another build."""
    difference = read_content(file).header.difference(wanted)
    if difference:
        raise ChangedPlanError(
            f"'{file}' was made with {difference}. "
            "Run the same build as before to go on with it, or choose another place."
        )


def join(folder: Path, file: Path) -> None:
    """All items of a folder in one file."""
    data = Dataset(folder)
    header = replace(data.header, items_per_shard=max(data.header.planned, 1))
    write_whole(file, encode(header, 0, [*data, *data.skipped]))


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep others from building in `folder`; ends with this process, however that ends."""
    with (folder / ".lock").open("wb") as lock:
        if os.name == "posix":
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as problem:
                raise BusyError(f"Another process is building in '{folder}'. Wait for it.") from problem
        yield
