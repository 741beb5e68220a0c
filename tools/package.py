"""The repository as the package `bonewright`, the way Blender imports it, whatever the folder is called."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


def as_package() -> None:
    """Make `bonewright.addon` and `bonewright.inference` importable. The extension itself is not registered."""
    if "bonewright" not in sys.modules:
        package = ModuleType("bonewright")
        package.__path__ = [str(ROOT)]
        sys.modules["bonewright"] = package
