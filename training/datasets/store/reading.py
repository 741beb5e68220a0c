"""Datasets on disk, read item by item. The format is described in docs/training/datasets.md.

data = Dataset(path)  # a file, or a folder of shards
data["chair/00007"].arrays["surface.points"]
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import DamagedItemError, DatasetError, NotADatasetError, UnfinishedError, UnknownItemError
from .plan import Header
from .shards import REMEDY, Content, Item, Shard, Skipped, read_content

ENDING = ".safetensors"  # of shards, and of a dataset that is one file
MOST_OPEN = 256  # shards that stay mapped at a time: each holds a file descriptor


def shard_path(folder: Path, shard: int) -> Path:
    """The file of a shard."""
    return folder / f"{shard:05d}{ENDING}"


def shard_paths(path: Path) -> list[Path]:
    """The files of a dataset that are there."""
    found = [path] if path.is_file() else sorted(path.glob(f"[0-9]*{ENDING}"))
    if not found:
        raise NotADatasetError(f"'{path}' holds no dataset: there is no file '00000{ENDING}' in it or later one.")
    return found


class Dataset:
    """Random access by name or number. Cheap to send to other processes: each maps the files for itself."""

    def __init__(self, path: Path, *, unfinished: bool = False) -> None:
        """`unfinished` also opens what an interrupted build has left so far."""
        self.path = path
        self._files = shard_paths(path)
        contents = [read_content(file) for file in self._files]
        self.header: Header = contents[0].header
        for file, content in zip(self._files, contents, strict=True):
            if content.header != self.header:
                raise NotADatasetError(f"'{file}' belongs to another dataset than the first shard. Take it away.")
        missing = sorted(set(range(self.header.shard_count)) - {content.shard for content in contents})
        if missing and not unfinished:
            raise UnfinishedError(
                f"The build of '{path}' was interrupted, or its shard {missing[0]:05d} is lost. "
                "Run the same build again to finish it."
            )
        self.skipped: tuple[Skipped, ...] = tuple(item for content in contents for item in content.skipped)
        self._stored = [(file, item) for file, content in enumerate(contents) for item in content.items]
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
        file, stored = self._stored[number]
        shard = self._shard(file)
        if number not in self._checked:
            if not shard.is_sound(stored):
                raise DamagedItemError(f"Item '{stored.name}' in '{shard.path}' is damaged. {REMEDY}")
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
                raise UnknownItemError(f"'{self.path}' has no item '{which}'.{told}")
            return found
        if not -len(self) <= which < len(self):
            # DataLoader and `for` know nothing else as the end of a sequence.
            raise IndexError(f"'{self.path}' has {len(self)} items; there is no number {which}.")
        return which % len(self)

    def labels(self, which: int | str) -> dict[str, str]:
        """The labels of an item, without reading it."""
        return dict(self._stored[self.number(which)][1].labels)

    def select(self, **labels: str) -> list[int]:
        """Numbers of the items that bear all these labels."""
        wanted = labels.items()
        return [number for number, (_, item) in enumerate(self._stored) if wanted <= item.labels.items()]

    def _shard(self, file: int) -> Shard:
        found = self._open.get(file)
        if found is None:
            found = self._open[file] = Shard(self._files[file])
            if len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end(file)
        return found

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_open": OrderedDict(), "_checked": set()}


@dataclass(frozen=True)
class Damage:
    """Something that is not as it was written."""

    name: str  # of the file or of the item
    what: str


def verify(path: Path) -> list[Damage]:
    """Read every byte of a dataset and list all that is missing or damaged."""
    found: list[Damage] = []
    sound: dict[int, Content] = {}
    for file in shard_paths(path):
        try:
            content = read_content(file)
            shard = Shard(file)
        except DatasetError as problem:
            found.append(Damage(file.name, str(problem)))
            continue
        sound[content.shard] = content
        spoilt = [item.name for item in content.items if not shard.is_sound(item)]
        found += [Damage(name, f"damaged in {file.name}") for name in spoilt]
    if sound:
        count = next(iter(sound.values())).header.shard_count
        present = {file.name for file in shard_paths(path)}
        lost = [] if path.is_file() else [shard_path(path, shard).name for shard in range(count)]
        found += [Damage(name, "missing") for name in lost if name not in present]
    return found
