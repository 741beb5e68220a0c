"""The verb `weights` of the command line: which networks are here, and the weights file with the larger ones."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..inference.errors import BadRequestError
from ..inference.networks import shelf, weights_file
from ..inference.networks.download import download
from ..inference.networks.loader import FOLDER, read_card
from ..inference.progress import SILENT, Progress
from .batch.terminal import exit_code

SOURCE = "the file, or an address (https://...); nothing where the build was told what its address is"


def weights_command(arguments: Sequence[str], program: str, *, online: bool = True) -> int:
    """Show, install or remove; 0 when that was done. Without `online` nothing is fetched."""
    asked = _parser(program).parse_args(arguments)

    def work() -> int:
        if asked.what == "install":
            _install(asked.source, online=online)
        elif asked.what == "remove":
            weights_file.remove(shelf.users_folder())
            print("The weights file is removed.")
        else:
            print("\n".join(_all_there_is()))
        return 0

    return exit_code(program, work)


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Trained networks: without a word, which are here and where. The larger ones come in one file, "
        f"which is unpacked into {shelf.users_folder()} ({shelf.USERS_FOLDER} names another folder).",
    )
    parser.add_argument("what", nargs="?", choices=("install", "remove"), help="install or remove the weights file")
    parser.add_argument("source", nargs="?", default="", help=SOURCE)
    return parser


def _all_there_is() -> list[str]:
    """Each network with its place, then what is to be known of the weights file."""
    found: dict[str, Path] = {}
    for folder in shelf.folders():
        for path in sorted(folder.glob("*.onnx")):
            if path.with_suffix(".json").is_file():
                found.setdefault(path.stem, folder)
    lines = [f"{name:24} {read_card(name, folder).licence:24} {folder}" for name, folder in found.items()]
    root = shelf.users_folder()
    version = weights_file.installed(root)
    if version is not None:
        return [*lines, f"The weights file {version} is installed in {weights_file.place_in(root)}."]
    if any(weights_file.is_larger(name) and folder == FOLDER for name, folder in found.items()):
        return [*lines, "The weights file is not needed: its networks are part of this installation."]
    known = weights_file.expected()
    return [*lines, "The weights file is not installed.", *(known.told() if known else [])]


def _install(source: str, *, online: bool) -> None:
    known = weights_file.expected()
    address = source or (known.address if known else "")
    if not address:
        raise BadRequestError("Say which weights file: a file on this computer, or an address (https://...).")
    if "://" not in address:
        _unpack(Path(address))
        return
    if not online:
        raise BadRequestError("Online access is off. Start Blender with --online-mode, or name a file.")
    with tempfile.TemporaryDirectory(prefix="bonewright-weights-") as folder:
        file = Path(folder) / address.rpartition("/")[2]
        size, digest = (known.size, known.sha256) if known else (0, "")
        download(address, file, size, digest, _shown())
        _unpack(file)


def _unpack(file: Path) -> None:
    root = shelf.users_folder()
    print("\n".join(weights_file.look_into(file).told()), flush=True)
    version = weights_file.install(file, root, _shown())
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(f"The weights file {version} is installed in {weights_file.place_in(root)}.")


def _shown() -> Progress:
    """How far it is, where somebody watches."""
    if not sys.stderr.isatty():
        return SILENT
    return Progress(lambda share, text: print(f"\r\033[K{share:4.0%} {text}", end="", file=sys.stderr, flush=True))
