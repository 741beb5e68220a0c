"""What a dataset is to hold, decided before its first item is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class Header:
    """What every shard says of the whole dataset."""

    kind: str
    recipe: Mapping[str, Json]
    planned: int  # items, those that came to nothing included
    items_per_shard: int
    names_sha256: str  # of the planned names, each followed by a line feed

    @property
    def shard_count(self) -> int:
        """How many shards there are when none is missing."""
        return -(-self.planned // self.items_per_shard)

    def difference(self, wanted: Header) -> str:
        """Names the first thing in which the wanted build is another; nothing when it is the same."""
        if self.kind != wanted.kind:
            return f"'{self.kind}' items, not '{wanted.kind}'"
        for key in sorted({*self.recipe, *wanted.recipe}):
            if self.recipe.get(key) != wanted.recipe.get(key):
                return f"{key} = {self.recipe.get(key)}, not {wanted.recipe.get(key)}"
        if self.names_sha256 != wanted.names_sha256:
            return f"other items ({self.planned} planned, now {wanted.planned})"
        if self.items_per_shard != wanted.items_per_shard:
            return f"{self.items_per_shard} items in a shard, not {wanted.items_per_shard}"
        return ""


@dataclass(frozen=True)
class Plan:
    """The items of a dataset and how they are shared out over its shards."""

    kind: str  # what its items are: "sdf", "rigs", ...
    names: tuple[str, ...]  # unique, in order
    recipe: Mapping[str, Json] = field(default_factory=dict)  # every option that changes a byte
    items_per_shard: int = 64

    @property
    def header(self) -> Header:
        """What its shards will say."""
        names = hashlib.sha256("".join(f"{name}\n" for name in self.names).encode()).hexdigest()
        recipe: dict[str, Json] = json.loads(json.dumps(dict(self.recipe), sort_keys=True))
        return Header(self.kind, recipe, len(self.names), self.items_per_shard, names)

    @property
    def shard_count(self) -> int:
        """How many shards there will be."""
        return self.header.shard_count

    @property
    def in_one_shard(self) -> Plan:
        """The same items in one file."""
        return replace(self, items_per_shard=max(len(self.names), 1))

    def places(self, shard: int) -> range:
        """The numbers of the items of a shard."""
        return range(shard * self.items_per_shard, min((shard + 1) * self.items_per_shard, len(self.names)))
