"""Whether a Python that the user chose can serve as the worker's."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import PythonError
from ..progress import SILENT, Progress
from .commands import run_watched
from .process import library_folders

OLDEST = (3, 11)
# The worker finds our libraries where it has none of its own, and so does this.
_PROBE = """import importlib, json, sys
if sys.version_info[:2] == {version!r}: sys.path.extend({later!r})
found, missing, broken = {{}}, [], {{}}
for name in ("numpy", "scipy", "igl", "onnxruntime", "torch"):
    try:
        found[name] = str(getattr(importlib.import_module(name), "__version__", ""))
    except ModuleNotFoundError as error:
        missing.append(name) if error.name == name else broken.__setitem__(name, str(error))
    except Exception as error:
        broken[name] = str(error) or type(error).__name__
try:
    if "torch" in found: importlib.import_module("torch").zeros(1)
except Exception as error:
    broken["torch"] = str(error) or type(error).__name__
print("\\n" + json.dumps([sys.version_info[:3], found, missing, broken]))
"""
_ON_PYPI = {"igl": "libigl"}


@dataclass(frozen=True)
class Interpreter:
    """A Python that was tried."""

    path: Path
    version: str
    torch: str


def check_python(path: Path, progress: Progress = SILENT) -> Interpreter:
    """Run the Python at `path`. Raises `PythonError` that says what it lacks."""
    if not path.is_file():
        raise PythonError(f"There is no Python at {path}. Choose another file.")
    probe = _PROBE.format(version=sys.version_info[:2], later=library_folders())
    try:
        code, said = run_watched([str(path), "-I", "-c", probe], lambda line: progress.step(0.5, "Trying this Python"))
    except OSError as error:
        raise PythonError(f"{path} cannot be run: {error.strerror}. Choose another file.") from error
    answer = said.splitlines()[-1] if said else ""
    try:
        numbers, found, missing, broken = json.loads(answer)
    except ValueError as error:
        raise PythonError(f"{path} is no Python that runs: {answer or f'code {code}'}. Choose another file.") from error
    version = ".".join(map(str, numbers))
    if tuple(numbers[:2]) < OLDEST:
        raise PythonError(f"{path} is Python {version}, which is too old. Choose Python 3.11 or a newer one.")
    if missing:
        names = " ".join(_ON_PYPI.get(str(name), str(name)) for name in missing)
        raise PythonError(f"{path} lacks packages. Install them: {path} -m pip install {names}")
    for name, reason in broken.items():
        raise PythonError(f"{name} does not run in {path}: {reason}. Install it anew there.")
    return Interpreter(path, version, found["torch"])
