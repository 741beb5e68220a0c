"""Operators in random order; BONEWRIGHT_WALKS says how many, or which: 20-40. In a window: window/random_walks.py."""

from __future__ import annotations

import os
from collections.abc import Iterator

import bpy
import pytest

from blender_tests.figure import add_figure
from blender_tests.walks import Walk
from bonewright import addon
from bonewright.inference.networks import shelf
from tests.ball_networks import use_networks


@pytest.fixture(autouse=True)
def extension(
    blender: None, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    use_networks(monkeypatch, tmp_path_factory.getbasetemp() / "balls", shelf)
    addon.register()
    bpy.ops.wm.read_homefile(use_empty=False, use_factory_startup=True)  # with a window to switch scenes in
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    bpy.context.preferences.edit.use_global_undo = True
    add_figure(details=1)
    bpy.ops.ed.undo_push(message="The figure")
    yield
    addon.unregister()


FIRST, LAST = (int(part) for part in f"0-{os.environ.get('BONEWRIGHT_WALKS', '3')}".split("-")[-2:])
SEEDS = range(FIRST, LAST)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_clicked_nothing_raises_and_the_mesh_stays(seed: int):
    _walk(Walk(seed), 15)


@pytest.mark.parametrize("seed", SEEDS)
def test_nor_while_a_job_runs_beside(seed: int):
    walk = Walk(seed, "BESIDE", _off_and_on)
    try:
        _walk(walk, 20)
    finally:
        walk.beside.stop()


def _walk(walk: Walk, steps: int) -> None:
    for _ in range(steps):
        walk.step()
    walk.check()


def _off_and_on() -> None:
    addon.unregister()
    addon.register()
