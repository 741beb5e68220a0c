"""Operators in random order, without a window; BONEWRIGHT_WALKS says how many. In a window: window/random_walks.py."""

from __future__ import annotations

import os
from collections.abc import Iterator

import bpy
import pytest

from blender_tests.figure import add_figure
from blender_tests.walks import Walk
from bonewright import addon


@pytest.fixture(autouse=True)
def extension(blender: None) -> Iterator[None]:
    addon.register()
    yield
    addon.unregister()


@pytest.mark.parametrize("seed", range(int(os.environ.get("BONEWRIGHT_WALKS", "3"))))
def test_whatever_is_clicked_nothing_raises_and_the_mesh_stays(seed: int):
    add_figure(details=1)
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="The figure")
    walk = Walk(seed)
    for _ in range(15):
        walk.step()
    walk.check()
