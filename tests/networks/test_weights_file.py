"""The weights file: what is in it is told before it is installed, and it is installed whole or not at all."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from inference.errors import Cancelled, FetchError, WeightsError
from inference.networks import shelf
from inference.networks.download import download
from inference.networks.loader import FOLDER
from inference.networks.weights_file import (
    CONTENTS,
    contents_of,
    expected,
    install,
    installed,
    look_into,
    place_in,
    remove,
)
from inference.progress import Progress

NAME = "skeldiff-denoiser"


@pytest.fixture
def parts() -> dict[str, bytes]:
    shipped = {f"{NAME}.{ending}": (FOLDER / f"{NAME}.{ending}").read_bytes() for ending in ("onnx", "json")}
    return {**shipped, "LICENSE": b"a licence", "ATTRIBUTION.md": b"names"}


@pytest.fixture
def pack(parts: dict[str, bytes], tmp_path: Path) -> Path:
    return write(tmp_path / "weights.zip", {CONTENTS: contents_of(parts, "1.2.3"), **parts})


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a real server of the files in `tmp_path`."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def write(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def left_in(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*")) if root.exists() else []


def test_what_is_in_it_is_told_before(pack: Path) -> None:
    known = look_into(pack)
    assert (known.version, known.size) == ("1.2.3", pack.stat().st_size)
    assert [card.name for card in known.cards] == [NAME]
    assert known.licences == (known.cards[0].licence,)
    assert known.megabytes == f"{pack.stat().st_size / 1e6:.1f} MB"


def test_a_checkout_needs_none() -> None:
    assert expected() is None


def test_its_networks_are_found_once_it_is_installed_and_not_when_it_is_removed(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "user"
    monkeypatch.setattr(shelf, "FOLDER", tmp_path / "shipped without them")
    monkeypatch.setenv(shelf.USERS_FOLDER, str(root))
    with pytest.raises(WeightsError, match="in the weights file, which is not installed"):
        shelf.needed_network(NAME)
    assert install(pack, root) == "1.2.3" == installed(root)
    assert shelf.needed_network(NAME).card.name == NAME
    assert (place_in(root) / "LICENSE").read_bytes() == b"a licence"
    remove(root)
    assert installed(root) is None
    assert shelf.find_network(NAME) is None
    assert left_in(root) == []


def test_another_one_takes_its_place_and_the_users_own_networks_stay(
    pack: Path, parts: dict[str, bytes], tmp_path: Path
) -> None:
    root = tmp_path / "user"
    root.mkdir()
    (root / "mine.json").write_text("{}")
    install(pack, root)
    newer = write(tmp_path / "newer.zip", {CONTENTS: contents_of(parts, "1.3.0"), **parts})
    assert install(newer, root) == "1.3.0" == installed(root)
    remove(root)
    assert left_in(root) == ["mine.json"]


DAMAGE: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "a network is missing": lambda files: {k: v for k, v in files.items() if not k.endswith(".onnx")},
    "a byte of a network is wrong": lambda files: {
        k: v[:-1] + bytes([v[-1] ^ 1]) if k.endswith(".onnx") else v for k, v in files.items()
    },
    "a network is longer": lambda files: {k: v + b"0" if k.endswith(".onnx") else v for k, v in files.items()},
    "there are no contents": lambda files: {k: v for k, v in files.items() if k != CONTENTS},
    "the contents are no JSON": lambda files: {**files, CONTENTS: b"{"},
    "the contents are of another version": lambda files: {**files, CONTENTS: b'{"format": 99}'},
    "a name leads out of the folder": lambda files: {
        **files,
        CONTENTS: contents_of({"../evil.json": b"{}", **{k: v for k, v in files.items() if k != CONTENTS}}, "1"),
        "../evil.json": b"{}",
    },
    "a network takes the place of a shipped one": lambda files: {
        **files,
        CONTENTS: contents_of({"facing.onnx": b"", "facing.json": b"{}"}, "1"),
        "facing.onnx": b"",
        "facing.json": b"{}",
    },
    "a size is no size": lambda files: {
        **files,
        CONTENTS: json.dumps({"format": 1, "files": {f"{NAME}.onnx": {"size": 1 << 40, "sha256": ""}}}).encode(),
    },
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_of_a_damaged_one_nothing_is_installed_and_what_was_there_stays(
    damage: str, pack: Path, parts: dict[str, bytes], tmp_path: Path
) -> None:
    root = tmp_path / "user"
    files = DAMAGE[damage]({CONTENTS: contents_of(parts, "2"), **parts})
    damaged = write(tmp_path / "damaged.zip", files)
    with pytest.raises(WeightsError):
        install(damaged, root)
    assert left_in(root) == []
    install(pack, root)
    before = left_in(root)
    with pytest.raises(WeightsError):
        install(damaged, root)
    assert (installed(root), left_in(root)) == ("1.2.3", before)


def test_half_a_file_and_no_file_are_refused(pack: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.zip"
    half.write_bytes(pack.read_bytes()[: pack.stat().st_size // 2])
    with pytest.raises(WeightsError, match="no weights file, or not all of it"):
        look_into(half)
    with pytest.raises(WeightsError, match="cannot be read"):
        install(tmp_path / "none.zip", tmp_path / "user")


def test_cancelled_in_the_middle_nothing_is_left_nor_of_a_run_that_was_ended(pack: Path, tmp_path: Path) -> None:
    root = tmp_path / "user"
    (root / "weights-file.1.partial").mkdir(parents=True)
    (root / "weights-file.2.removed").mkdir()
    with pytest.raises(Cancelled):
        install(pack, root, Progress(is_cancelled=lambda: bool(list(root.glob("*.partial/*.onnx")))))
    assert left_in(root) == []


def test_it_is_fetched_from_an_address_and_held_against_its_checksum(pack: Path, tmp_path: Path, served: str) -> None:
    known = look_into(pack)
    seen: list[tuple[float, str]] = []
    target = tmp_path / "downloads" / "weights.zip"
    watched = Progress(lambda *step: seen.append(step))
    download(f"{served}/weights.zip", target, known.size, known.sha256, watched)
    assert target.read_bytes() == pack.read_bytes()
    assert seen[-1] == (1.0, f"Fetching, {known.size / 1e6:.1f} MB of {known.size / 1e6:.1f}")
    shutil.rmtree(target.parent)
    for size, digest in ((known.size, "0" * 64), (known.size - 1, ""), (known.size + 1, "")):
        with pytest.raises(FetchError, match="not the file that was looked for"):
            download(f"{served}/weights.zip", target, size, digest)
    with pytest.raises(Cancelled):
        download(f"{served}/weights.zip", target, progress=Progress(is_cancelled=lambda: True))
    assert left_in(target.parent) == []


def test_what_cannot_be_fetched_says_why(tmp_path: Path, served: str) -> None:
    target = tmp_path / "got"
    with pytest.raises(FetchError, match="answers 404"):
        download(f"{served}/none.zip", target)
    with pytest.raises(FetchError, match="cannot be fetched"):
        download("http://127.0.0.1:9/weights.zip", target)
    with pytest.raises(FetchError, match="no address"):
        download("weights.zip", target)


def test_the_users_folder_is_where_the_system_keeps_such_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(shelf.USERS_FOLDER, raising=False)
    monkeypatch.setattr(shelf.sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert shelf.users_folder() == tmp_path / "bonewright" / "weights"
    assert shelf.folders() == (FOLDER, shelf.users_folder(), place_in(shelf.users_folder()))
    monkeypatch.setattr(shelf.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert shelf.users_folder() == tmp_path / "local" / "bonewright" / "weights"
    monkeypatch.setenv(shelf.USERS_FOLDER, str(tmp_path / "mine"))
    assert shelf.users_folder() == tmp_path / "mine"
