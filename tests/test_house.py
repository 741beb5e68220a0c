"""Who may import whom."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STANDARD = set(sys.stdlib_module_names)
ALLOWED = {
    "inference/geometry": STANDARD | {"numpy", "scipy", "igl", "trimesh"},
    "inference/rigging": STANDARD | {"numpy", "scipy", "igl", "trimesh"},
    "inference/engine": STANDARD | {"numpy"},
    "addon": STANDARD | {"numpy", "bpy", "bmesh", "bpy_extras", "gpu", "gpu_extras", "blf", "mathutils", "rich"},
}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(level, first name) of every import; level 0 is absolute."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, (node.module or "").split(".")[0]


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_room_imports_only_what_blender_or_the_extension_brings_and_its_own_relatively(folder: str) -> None:
    assert sources(folder)
    for path in sources(folder):
        strange = {name for level, name in imports(path) if level == 0} - ALLOWED[folder]
        assert not strange, f"{path.relative_to(ROOT)} imports {strange}"


def test_inference_never_reaches_out_of_itself() -> None:
    for path in sources("inference"):
        depth = len(path.relative_to(ROOT).parts) - 1  # as many dots as stay within inference/
        assert all(level <= depth for level, _ in imports(path)), path.relative_to(ROOT)


def test_files_stay_short_enough_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for folder in ("inference", "addon", "tools", "training")
        for path in sources(folder)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert not long
