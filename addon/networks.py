"""Trained networks in this Blender: the user's folder for them, and whether those that draw shapes are here."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import bpy

if TYPE_CHECKING:
    from ..inference.networks.weights_file import WeightsFile
    from ..inference.requests import Surface

PACKAGE = __name__.rsplit(".", 2)[0]
NETWORKS = ("skeldiff-encoder", "skeldiff-decoder", "skeldiff-denoiser")
HOW_TO_GET = "They are in the weights file: Preferences > Add-ons > Bonewright installs it"
NOTHING = ("NONE", "None", "The networks that draw shapes are missing")
_last: list[str] = []  # what networks last ran on
_shown: list[tuple[str, str, str]] = []  # Blender needs the words of a menu to live on


def users_folder(name: str) -> Path:
    """A folder of the user's for what is no part of the extension itself."""
    try:
        return Path(bpy.utils.extension_path_user(PACKAGE, path=name))
    except ValueError:  # not installed as an extension
        return Path(bpy.utils.user_resource("DATAFILES", path=f"bonewright/{name}"))


def last_device() -> str:
    """What networks ran on in the last job that asked some; nothing before the first."""
    return _last[0] if _last else ""


def note_device(device: str) -> None:
    """Networks ran on `device`."""
    if device:
        _last[:] = [device]


def users_weights() -> str:
    """The folder with trained networks of the user's own; from now on they are found in this process too."""
    from ..inference.networks.shelf import USERS_FOLDER

    return os.environ.setdefault(USERS_FOLDER, str(users_folder("weights")))


def missing_networks() -> tuple[str, ...]:
    """The names of those that are not here."""
    from ..inference.networks.shelf import folder_of

    users_weights()
    return tuple(name for name in NETWORKS if folder_of(name) is None)


def missing_surfaces(surface: Surface) -> tuple[str, ...]:
    """The names of the networks for such surfaces of pictures that are not here."""
    from ..inference.networks.skeletonnet.names import missing_parts

    users_weights()
    return missing_parts(surface)


def weights_address(typed: str = "") -> str:
    """Where the weights file can be fetched, nothing where that is not known.

    It is what the user `typed`, what the build was told, or beside the list of the extension repository that this
    extension came from.
    """
    known = expected_weights()
    if typed or known is None or known.address:
        return typed or (known.address if known else "")
    return beside(_repository(), known.name)


@lru_cache(maxsize=1)
def expected_weights() -> WeightsFile | None:
    """The weights file that belongs to this build; None where all networks are part of it."""
    from ..inference.networks.weights_file import expected

    return expected()


def installed_weights() -> str | None:
    """The version of the weights file that is installed."""
    from ..inference.networks.weights_file import installed

    return installed(Path(users_weights()))


def beside(list_address: str, name: str) -> str:
    """The address of the file `name` in the folder of a repository's list; nothing where there is no list."""
    return urljoin(list_address.partition("?")[0], name) if list_address else ""


def _repository() -> str:
    """The address of the list of the extension repository that this extension came from."""
    module = PACKAGE.split(".")[1] if PACKAGE.startswith("bl_ext.") else ""
    for repository in bpy.context.preferences.extensions.repos:
        if repository.module == module and repository.use_remote_url:
            return repository.remote_url
    return ""


def category_items(owner: object, context: bpy.types.Context | None) -> list[tuple[str, str, str]]:
    """What can be made, for a menu."""
    from ..inference.networks.shelf import folder_of

    users_weights()
    folder = folder_of(NETWORKS[2])
    names = () if folder is None else _categories(folder)
    _shown[:] = [(name, name.title(), f"Make shapes of the category '{name}'") for name in names] or [NOTHING]
    return _shown


@lru_cache(maxsize=4)
def _categories(folder: Path) -> tuple[str, ...]:
    from ..inference.errors import WeightsError
    from ..inference.networks.loader import read_card

    try:
        named = read_card(NETWORKS[2], folder).config.get("categories")
    except WeightsError:  # told when it is used
        return ()
    return tuple(str(name) for name in named) if isinstance(named, list) else ()
