"""A Python environment with torch, or ONNX Runtime for a graphics card: made whole or not at all, and removed again.

While it is made it is called `torch-<flavour>.partial`; it gets its name once torch has worked in it. What pip loads
waits in `downloads`, so that another try does not load it again.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import InstallError
from ..networks.running.providers import look
from ..progress import SILENT, Progress
from .commands import run_watched, size_of
from .flavours import Flavour

GB = 1e9
_MEASURE = 0.5  # seconds between two looks at how much there is already
_ROOT = Path(__file__).resolve().parents[2]
_TRIAL = "import torch; torch.zeros(1); print(torch.__version__)"
# A network that everybody has is made ready on the card.
_NETWORK_TRIAL = """import sys; sys.path.append({root!r})
from inference.networks.loader import FOLDER
from inference.networks.running.providers import CARDS
from inference.networks.running.sessions import open_session
provider = next(each for each in CARDS if each.name == {device!r})
open_session((FOLDER / "facing.onnx").read_bytes(), provider, 1)"""

_NETWORK = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeout",
    "ConnectionError",
    "ReadTimeout",
    "Read timed out",
    "Connection broken",
    "Failed to establish",
    "timed out",
)
_PROXY = ("ProxyError", "Cannot connect to proxy", "407 ", "CERTIFICATE_VERIFY_FAILED", "SSLError")
_SPACE = ("No space left", "Errno 28", "WinError 112", "not enough space")


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def installed(root: Path, flavour: Flavour) -> Path | None:
    """The Python of this flavour's environment, None when it is not there."""
    python = python_of(_place(root, flavour))
    return python if python.is_file() else None


def lend(root: Path, flavour: Flavour) -> bool:
    """Let this very process import what is installed there; False where nothing is, or it is for another Python.

    What this process has itself stays first, but for ONNX Runtime: the one that knows the graphics card has to be
    imported instead of the bundled one, before anything has imported that.
    """
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    inside = ("Lib",) if sys.platform == "win32" else ("lib", version)
    folder = str(_place(root, flavour).joinpath(*inside, "site-packages"))
    if not os.path.isdir(folder) or installed(root, flavour) is None:
        return False
    if folder not in sys.path:
        if flavour.runtime and "onnxruntime" not in sys.modules:
            importlib.import_module("numpy")  # ours
            sys.path.insert(0, folder)
            try:
                importlib.import_module("onnxruntime")
            finally:
                sys.path.remove(folder)
        sys.path.append(folder)
        look.cache_clear()
    return True


def install(
    root: Path,
    flavour: Flavour,
    wheels: Path | None = None,
    progress: Progress = SILENT,
    python: Sequence[str] = (sys.executable, "-I"),
) -> Path:
    """Make the environment with `python`, from the network or from a folder of `wheels` alone; returns its Python.

    What was there before is replaced only when the new one works. Raises `InstallError` or `Cancelled`.
    """
    place = _place(root, flavour)
    partial = place.with_name(f"{place.name}.partial")
    try:
        root.mkdir(parents=True, exist_ok=True)
        for folder in (place, partial, root / "downloads"):
            _clear_remains(folder)
        _clear(partial)
        _check_space(root, flavour)
        _check_wheels(wheels)
        pip = _make(partial, python, progress.part(0.0, 0.05))
        _fill(pip, root, partial, flavour, wheels, progress.part(0.05, 0.95))
        _try(partial, flavour, progress.part(0.95, 1.0))
        _put_away(place)
        partial.rename(place)
    except OSError as error:
        raise InstallError(
            f"The folder {root} cannot be written: {error}. Check its rights, then install again."
        ) from error
    finally:
        _put_away(partial)
    _put_away(root / "downloads")
    progress.step(1.0, "Installed")
    return python_of(place)


def remove(root: Path, flavour: Flavour) -> None:
    """Delete the environment and what an unfinished installation has left."""
    place = _place(root, flavour)
    try:
        for folder in (place, place.with_name(f"{place.name}.partial"), root / "downloads"):
            _clear(folder)
    except OSError as error:
        raise InstallError(f"{place} cannot be removed: {error}. Restart Blender, then try again.") from error


def _place(root: Path, flavour: Flavour) -> Path:
    return root / flavour.folder


def _clear(folder: Path) -> None:
    """Delete a folder, at once as far as others can tell: half of an environment must never bear its name."""
    _clear_remains(folder)
    if folder.exists():
        dying = folder.with_name(f"{folder.name}.{time.time_ns()}.removed")
        folder.rename(dying)
        shutil.rmtree(dying)


def _clear_remains(folder: Path) -> None:
    """Delete what was renamed to be deleted, but was not because Blender was ended."""
    for old in folder.parent.glob(f"{folder.name}.*.removed"):
        shutil.rmtree(old, ignore_errors=True)


def _put_away(folder: Path) -> None:
    """Delete without making anybody wait: thousands of files may take longer than a cancel may."""
    with contextlib.suppress(OSError):
        dying = folder.with_name(f"{folder.name}.{time.time_ns()}.removed")
        folder.rename(dying)
        threading.Thread(target=shutil.rmtree, args=(dying,), kwargs={"ignore_errors": True}).start()


def _check_space(root: Path, flavour: Flavour) -> None:
    free = shutil.disk_usage(root).free / GB
    if free < flavour.space:
        raise InstallError(_no_space(root, flavour))


def _no_space(root: Path, flavour: Flavour) -> str:
    return f"There is not enough space in {root}: about {flavour.space:g} GB are needed. Free some, then install again."


def _check_wheels(wheels: Path | None) -> None:
    if wheels is not None and not any(wheels.glob("*.whl")):
        raise InstallError(f"There are no wheels in {wheels}. Choose another folder, or none to use the network.")


def _make(partial: Path, python: Sequence[str], progress: Progress) -> list[str]:
    """An empty environment; returns the command of a pip that fills it."""

    def watch(line: str) -> None:
        progress.step(0.5, "Making an environment")

    code, _ = run_watched([*python, "-m", "venv", str(partial)], watch)
    if code == 0:
        return [str(python_of(partial)), "-I", "-m", "pip"]
    # Some Linux distributions take ensurepip away. A pip of the outer Python can serve the environment too.
    shutil.rmtree(partial, ignore_errors=True)
    code, said = run_watched([*python, "-m", "venv", "--without-pip", str(partial)], watch)
    if code == 0:
        code, said = run_watched([*python, "-m", "pip", "--version"], watch)
    if code != 0:
        raise InstallError(
            f"The Python {python[0]} cannot make environments: {_last(said)}. "
            "Install its venv and pip, or choose a Python that has torch in the preferences."
        )
    return [*python, "-m", "pip", "--python", str(python_of(partial))]


def _fill(pip: list[str], root: Path, partial: Path, flavour: Flavour, wheels: Path | None, progress: Progress) -> None:
    """Have pip install what the flavour needs."""
    downloads = root / "downloads"
    temporary = downloads / "unfinished"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    # pip's own place for unfinished downloads may be a small disk in memory; here they can be measured too
    variables = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_USER": "0"}
    variables |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    if wheels is None:
        source = [*flavour.sources, "--cache-dir", str(downloads / "cache"), "--retries", "2", "--timeout", "20"]
    else:  # whatever else pip is set up to look into would not be offline
        source = ["--no-index", "--find-links", str(wheels), "--no-cache-dir"]
        variables |= {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    options = ["--only-binary", ":all:", "--no-warn-script-location", "--progress-bar", "off"]
    command = [*pip, "install", *options, *source, *flavour.requirements(offline=wheels is not None)]
    code, said = run_watched(command, _meter([downloads, partial], flavour, progress), variables)
    if code != 0:
        raise InstallError(_advice(said, root, flavour, wheels))


def _meter(folders: list[Path], flavour: Flavour, progress: Progress) -> Callable[[str], None]:
    """Tells how far pip is by what lies on the disk: versions of pip differ in what they print."""
    measured_at, size = 0.0, 0.0

    def watch(line: str) -> None:
        nonlocal measured_at, size
        if time.monotonic() - measured_at > _MEASURE:
            size = sum(size_of(folder) for folder in folders) / GB
            measured_at = time.monotonic()
        progress.step(size / flavour.space, f"Installing {flavour.what}, {size:.1f} of at most {flavour.space:g} GB")

    return watch


def _try(partial: Path, flavour: Flavour, progress: Progress) -> None:
    """It must work before anybody relies on it."""
    trial = _NETWORK_TRIAL.format(root=str(_ROOT), device=flavour.provider) if flavour.runtime else _TRIAL
    code, said = run_watched(
        [str(python_of(partial)), "-I", "-c", trial], lambda line: progress.step(0.0, f"Trying {flavour.what}")
    )
    if code != 0:
        raise InstallError(
            f"{flavour.what} for {flavour.title} does not run here: {_last(said)}. Install another kind."
        )


def _advice(said: str, root: Path, flavour: Flavour, wheels: Path | None) -> str:
    """pip's words as advice. The network comes before the missing package: without one pip says both."""
    missing = re.search(r"No matching distribution found for ([\w.+=-]+)", said)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if any(sign in said for sign in _SPACE):
        return _no_space(root, flavour)
    if missing and wheels is not None:
        return f"The folder {wheels} has no wheel of {missing[1]} for Python {version}. Add it, then install again."
    if any(sign in said for sign in _PROXY):
        return (
            "A proxy or a firewall stops the download. Set HTTPS_PROXY to your proxy before Blender starts, "
            "or choose a folder of wheels."
        )
    if any(sign in said for sign in _NETWORK):
        return (
            f"{flavour.what} cannot be reached in the network. Check the connection and install again: what was loaded "
            "is kept. Without a network choose a folder of wheels."
        )
    if missing:
        return f"There is no {missing[1]} for Python {version} on this computer. Install another kind."
    return f"pip could not install {flavour.what}: {_last(said)}. Install again, or choose a folder of wheels."


def _last(said: str) -> str:
    """The line that tells most: the last error, or else the last line."""
    lines = said.splitlines()
    errors = [line for line in lines if "error" in line.lower()]
    with contextlib.suppress(IndexError):
        return (errors or lines)[-1].removeprefix("ERROR: ").rstrip(".")
    return "it said nothing"
