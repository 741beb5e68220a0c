"""A dataset on disk: written shard by shard, read item by item. The format is described in docs/training/datasets.md.

with Writer(folder, plan) as writer:
    for shard in writer.missing:
        writer.commit(shard, [make(place) for place in plan.places(shard)])

data = Dataset(folder)
data["chair/00007"].arrays["surface.points"]
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .errors import (
    BadItemError,
    ChangedPlanError,
    DamagedItemError,
    DamagedShardError,
    DatasetError,
    UnfinishedError,
    UnknownItemError,
)
from .files import PART, held, sha256_of, write_whole
from .index import (
    COMPLETE,
    HEADER,
    SHARDS,
    Header,
    Plan,
    ShardIndex,
    Skipped,
    Stored,
    header_of,
    index_path,
    read_header,
    read_index,
    shard_path,
    write_complete,
    write_header,
    write_index,
)
from .shards import REMEDY, Item, Shard, check_name, encode

MOST_OPEN = 256  # shards that stay mapped at a time: each holds a file descriptor


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
        (self.folder / SHARDS).mkdir(parents=True, exist_ok=True)
        self._held.enter_context(held(self.folder))
        try:
            self._settle()
        except DatasetError:
            self._held.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None and not self.missing:
            write_complete(self.folder, self.plan.shard_count)
        self._held.close()

    def _settle(self) -> None:
        """Begin, or make sure that what is there follows the same plan."""
        wanted = header_of(self.plan)
        if (self.folder / HEADER).exists():
            there = read_header(self.folder)
            if there != wanted:
                raise ChangedPlanError(
                    f"'{self.folder}' was begun with {_difference(there, wanted)}. "
                    "Run the same build as before to go on with it, or choose another folder."
                )
        else:
            write_header(self.folder, wanted)
        for left_over in (self.folder / SHARDS).glob(f"*{PART}"):
            left_over.unlink()

    @property
    def missing(self) -> list[int]:
        """Shards still to be written."""
        return [shard for shard in range(self.plan.shard_count) if not index_path(self.folder, shard).exists()]

    def commit(self, shard: int, results: Sequence[Item | Skipped]) -> None:
        """Write a shard: for each of its planned items the item or why there is none."""
        planned = [self.plan.names[place] for place in self.plan.places(shard)]
        if [result.name for result in results] != planned:
            raise BadItemError(f"Shard {shard} was given other items than planned.")
        items = [result for result in results if isinstance(result, Item)]
        content, places, header_crc32 = encode(items, {"kind": self.plan.kind, "shard": str(shard)})
        write_whole(shard_path(self.folder, shard), content)
        index = ShardIndex(
            shard,
            len(content),
            hashlib.sha256(content).hexdigest(),
            header_crc32,
            tuple(Stored(item.name, item.labels, place) for item, place in zip(items, places, strict=True)),
            tuple(result for result in results if isinstance(result, Skipped)),
        )
        write_index(self.folder, index)


def _difference(there: Header, wanted: Header) -> str:
    if there.kind != wanted.kind:
        return f"'{there.kind}' items, not '{wanted.kind}'"
    for key in sorted({*there.recipe, *wanted.recipe}):
        if there.recipe.get(key) != wanted.recipe.get(key):
            return f"{key} = {there.recipe.get(key)}, not {wanted.recipe.get(key)}"
    if there.items_per_shard != wanted.items_per_shard:
        return f"{there.items_per_shard} items in a shard, not {wanted.items_per_shard}"
    return f"other items ({there.planned} planned, now {wanted.planned})"


class Dataset:
    """Random access by name or number. Cheap to send to other processes: each maps the shards for itself."""

    def __init__(self, folder: Path, *, unfinished: bool = False) -> None:
        """`unfinished` also opens what an interrupted build has left so far."""
        self.folder = folder
        self.header = read_header(folder)
        self.skipped: tuple[Skipped, ...] = ()
        self._stored: list[tuple[int, Stored]] = []
        self._indices: dict[int, ShardIndex] = {}
        if not unfinished and not (folder / COMPLETE).exists():
            raise UnfinishedError(f"The build of '{folder}' was interrupted. Run the same build again to finish it.")
        for shard in range(-(-self.header.planned // self.header.items_per_shard)):
            if unfinished and not index_path(folder, shard).exists():
                continue
            index = read_index(folder, shard)
            self._indices[shard] = index
            self.skipped += index.skipped
            self._stored += [(shard, item) for item in index.items]
        self._numbers = {item.name: number for number, (_, item) in enumerate(self._stored)}
        self._open: OrderedDict[int, Shard] = OrderedDict()
        self._checked: set[int] = set()

    def __len__(self) -> int:
        return len(self._stored)

    def __contains__(self, name: object) -> bool:
        return name in self._numbers

    def __iter__(self) -> Iterator[Item]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, which: int | str) -> Item:
        """The item of that name or number; its arrays are read-only views into the file.

        The first time, its checksum is compared.
        """
        number = self.number(which)
        home, stored = self._stored[number]
        shard = self._shard(home)
        if number not in self._checked:
            if not shard.is_sound(stored.place):
                raise DamagedItemError(f"Item '{stored.name}' in shard '{shard.path}' is damaged. {REMEDY}")
            self._checked.add(number)
        return Item(stored.name, shard.arrays(stored.name), stored.labels)

    @property
    def names(self) -> list[str]:
        """Of all items, in order."""
        return [item.name for _, item in self._stored]

    def number(self, which: int | str) -> int:
        """The number of an item."""
        if isinstance(which, str):
            found = self._numbers.get(which)
            if found is None:
                why = next((item.reason for item in self.skipped if item.name == which), None)
                told = "" if why is None else f" It was skipped when the dataset was built: {why}"
                raise UnknownItemError(f"'{self.folder}' has no item '{which}'.{told}")
            return found
        if not -len(self) <= which < len(self):
            # DataLoader and `for` know nothing else as the end of a sequence.
            raise IndexError(f"'{self.folder}' has {len(self)} items; there is no number {which}.")
        return which % len(self)

    def labels(self, which: int | str) -> dict[str, str]:
        """The labels of an item, without opening its shard."""
        return dict(self._stored[self.number(which)][1].labels)

    def select(self, **labels: str) -> list[int]:
        """Numbers of the items that bear all these labels."""
        wanted = labels.items()
        return [number for number, (_, item) in enumerate(self._stored) if wanted <= item.labels.items()]

    def _shard(self, shard: int) -> Shard:
        found = self._open.get(shard)
        if found is None:
            index = self._indices[shard]
            found = self._open[shard] = Shard(shard_path(self.folder, shard), index.size, index.header_crc32)
            if len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end(shard)
        return found

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_open": OrderedDict(), "_checked": set()}


@dataclass(frozen=True)
class Damage:
    """Something that is not as it was written."""

    name: str  # of the shard's file or of the item
    what: str


def verify(folder: Path) -> list[Damage]:
    """Read every byte of a dataset and list all that is missing or damaged."""
    header = read_header(folder)
    found: list[Damage] = []
    if not (folder / COMPLETE).exists():
        found.append(Damage(COMPLETE, "missing: the build was interrupted"))
    for shard in range(-(-header.planned // header.items_per_shard)):
        if not index_path(folder, shard).exists():
            found.append(Damage(index_path(folder, shard).name, "missing"))
            continue
        try:
            found += _damage_of(folder, read_index(folder, shard))
        except DamagedShardError as problem:
            found.append(Damage(index_path(folder, shard).name, str(problem)))
    return found


def _damage_of(folder: Path, index: ShardIndex) -> list[Damage]:
    path = shard_path(folder, index.shard)
    if not path.exists():
        return [Damage(path.name, "missing")]
    if sha256_of(path) == index.sha256:
        return []
    found = [Damage(path.name, "not the bytes that were written")]
    try:
        shard = Shard(path, index.size, index.header_crc32)
    except DamagedShardError as problem:
        return [*found, Damage(path.name, str(problem))]
    return found + [Damage(item.name, "damaged") for item in index.items if not shard.is_sound(item.place)]
