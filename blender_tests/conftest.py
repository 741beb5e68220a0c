"""One Blender serves all tests of a process; each test that asks for `blender` finds it empty."""

from __future__ import annotations

import pytest

from tools.package import as_package

as_package()


@pytest.fixture
def blender() -> None:
    """An empty scene in factory state."""
    import bpy  # after the package is known, and only where it is wanted

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
