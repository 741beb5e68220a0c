"""Try as: other ways are shown as pictures, and a click generates the one that was shown."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from blender_tests.clicks import generate, select
from bonewright.addon.scene.previews import tries

pytestmark = pytest.mark.usefixtures("extension")


def test_other_ways_are_shown_with_pictures_and_verdicts(figure: bpy.types.Object) -> None:
    generate()
    select(figure)
    assert bpy.ops.bonewright.try_as() == {"FINISHED"}
    attempts = tries.attempts_for([figure])
    assert 1 <= len(attempts) <= 3
    for attempt in attempts:
        assert len(np.unique(attempt.picture.reshape(-1, 4), axis=0)) > 20, "something is drawn"
        assert attempt.report.verdict in ("good", "look", "wrong")
    ways = {(attempt.kind, attempt.front, attempt.method) for attempt in attempts}
    assert len(ways) == len(attempts)


def test_a_click_takes_what_was_shown(figure: bpy.types.Object) -> None:
    select(figure)
    bpy.ops.bonewright.try_as()
    attempt = tries.attempts_for([figure])[0]
    assert bpy.ops.bonewright.take_attempt(index=0) == {"FINISHED"}
    options = bpy.context.scene.bonewright
    assert (options.kind, options.front, options.method) == (attempt.kind, attempt.front, attempt.method)
    assert any(item.type == "ARMATURE" for item in bpy.data.objects)
    assert not tries.attempts_for([figure])


def test_a_chosen_front_decides_what_is_left(figure: bpy.types.Object) -> None:
    ahead = generate().data.bones["upper_arm.L"].head_local.copy()
    select(figure)
    behind = generate(front="+y")
    place = behind.matrix_world @ behind.data.bones["upper_arm.L"].head_local
    assert ahead.x > 0
    assert place.x < 0
