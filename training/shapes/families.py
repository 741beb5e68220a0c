"""All families of shapes by name."""

from __future__ import annotations

from collections.abc import Sequence

from .categories import CATEGORIES
from .characters import CHARACTERS
from .humans import HUMANS, human
from .organs.soft import ORGANS
from .organs.vessels import VESSELS
from .plants import PLANTS
from .shape import Generator

GROUPS: dict[str, dict[str, Generator]] = {
    "categories": CATEGORIES,
    "characters": CHARACTERS,
    "people": {"human": human} if HUMANS.exists() else {},  # only where the shape space's file is there
    "vessels": VESSELS,
    "organs": ORGANS,
    "plants": PLANTS,
}
FAMILIES: dict[str, Generator] = {name: make for group in GROUPS.values() for name, make in group.items()}


def chosen(names: Sequence[str]) -> list[str]:
    """Families by their names or their groups' (hyphens may stand for spaces); all of them when none is named."""
    found: list[str] = []
    for name in names:
        plain = name.replace("-", " ")
        if plain in GROUPS:
            found += GROUPS[plain]
        elif plain in FAMILIES:
            found.append(plain)
        else:
            known = ", ".join([*GROUPS, *FAMILIES])
            raise SystemExit(f"There is no family or group '{name}'. Choose from: {known}.")
    return found or list(FAMILIES)
