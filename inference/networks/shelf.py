"""Which trained networks there are: those that are shipped, then those in a folder of the user's own."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import WeightsError
from .loader import FOLDER, Network, read_network, why_no_runtime

USERS_FOLDER = "BONEWRIGHT_WEIGHTS"  # environment variable; the add-on sets it for its worker
JOINTS = ("joints", "joints-varied")  # learned from artists' rigs alone, and from generated shapes too


def folders() -> tuple[Path, ...]:
    """Where weights are looked for, in order."""
    own = os.environ.get(USERS_FOLDER)
    return (FOLDER, Path(own)) if own else (FOLDER,)


def folder_of(name: str) -> Path | None:
    """The first folder that has weights of this name."""
    return next((folder for folder in folders() if (folder / f"{name}.json").is_file()), None)


def find_network(name: str) -> Network | None:
    """The network `name`; None where there are no weights for it, or nothing that could run them."""
    folder = folder_of(name)
    return None if folder is None or why_no_runtime() is not None else read_network(name, folder)


def needed_network(name: str) -> Network:
    """The network `name`; a named error says what is missing."""
    folder = folder_of(name)
    if folder is None:
        looked = ", ".join(f"'{each}'" for each in folders())
        raise WeightsError(f"There are no weights of the network '{name}' in {looked}. Install Bonewright again.")
    return read_network(name, folder)


def facing_network() -> Network | None:
    """The network that says what a shape is and how it stands."""
    return find_network("facing")


def joints_network() -> tuple[Network, ...]:
    """The networks that move joints together."""
    found = [find_network(name) for name in JOINTS]
    return tuple(network for network in found if network is not None)


def cortex_network() -> Network | None:
    """The network that finds joints and topology of anything."""
    return find_network("cortex")


def perception_network() -> Network | None:
    """The network that says which part of a body each place of a surface is, and where its joints are."""
    return find_network("perception")
