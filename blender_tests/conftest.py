"""One Blender serves all tests of a process; each test that asks for `blender` finds it empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tools.package import as_package

as_package()

if TYPE_CHECKING:
    import bpy


@pytest.fixture
def blender() -> None:
    """An empty scene in factory state."""
    import bpy  # after the package is known, and only where it is wanted

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


@pytest.fixture
def extension(blender: None) -> Iterator[None]:
    """The extension, switched on."""
    from bonewright import addon

    addon.register()
    yield
    addon.unregister()


@pytest.fixture
def figure(blender: None) -> bpy.types.Object:
    """A humanoid, with letters in its name that are not ASCII."""
    from blender_tests.figure import add_figure

    return add_figure("Figür 形", details=1)
