"""Which trained networks there are: those that are shipped, the user's own, then those of an installed weights file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..errors import MissingRuntimeError, WeightsError
from .loader import FOLDER, Network, read_network
from .running.onnx_runtime import why_no_runtime
from .weights_file import HOW_TO_GET, is_larger, place_in

USERS_FOLDER = "BONEWRIGHT_WEIGHTS"  # environment variable; the add-on sets it for its worker
JOINTS = ("joints", "joints-varied")  # learned from artists' rigs alone, and from generated shapes too


def users_folder() -> Path:
    """The user's folder for weights: what the environment says, else where this system keeps a program's data."""
    own = os.environ.get(USERS_FOLDER)
    return Path(own) if own else _data_of_programs() / "bonewright" / "weights"


def folders() -> tuple[Path, ...]:
    """Where weights are looked for, in order."""
    own = users_folder()
    return (FOLDER, own, place_in(own))


def folder_of(name: str) -> Path | None:
    """The first folder that has weights of this name."""
    return next((folder for folder in folders() if (folder / f"{name}.json").is_file()), None)


def find_network(name: str) -> Network | None:
    """The network `name`; None where there are no weights for it, or nothing that could run them."""
    folder = folder_of(name)
    return None if folder is None or why_no_runtime() is not None else read_network(name, folder)


def needed_network(name: str) -> Network:
    """The network `name`; a named error says what is missing."""
    folder, reason = folder_of(name), why_no_runtime()
    if reason is not None:
        raise MissingRuntimeError(reason)
    if folder is None and is_larger(name):
        raise WeightsError(f"The network '{name}' is in the weights file, which is not installed. {HOW_TO_GET}")
    if folder is None:
        looked = ", ".join(f"'{each}'" for each in folders())
        raise WeightsError(f"There are no weights of the network '{name}' in {looked}. Install Bonewright again.")
    return read_network(name, folder)


def _data_of_programs() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    told = os.environ.get("XDG_DATA_HOME", "")
    return Path(told) if os.path.isabs(told) else Path.home() / ".local" / "share"


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
