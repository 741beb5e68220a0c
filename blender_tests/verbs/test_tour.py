"""The first tour, from an empty scene to a walking fox."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from blender_tests.clicks import generate
from bonewright.addon.scene.meshes import read_mesh
from bonewright.addon.scene.tour.sample import facts_of, touring
from bonewright.addon.scene.tour.steps import ANIMATE, CORRECT, EXPORT, GENERATE, TEST, step_of
from tools.sample import make_creature

pytestmark = pytest.mark.usefixtures("extension")


def step() -> int:
    fox = touring(bpy.context.scene)
    assert fox is not None
    return step_of(facts_of(fox))


def test_the_tour_leads_from_an_empty_scene_to_a_walking_fox():
    assert bpy.ops.bonewright.try_sample() == {"FINISHED"}
    fox = bpy.context.view_layer.objects.active
    assert fox.select_get()
    assert step() == GENERATE
    generate()
    assert step() == CORRECT
    assert bpy.ops.bonewright.tour_next() == {"FINISHED"}
    assert step() == TEST
    assert bpy.ops.bonewright.test_motion() == {"FINISHED"}
    assert step() == TEST
    assert bpy.ops.bonewright.end_motion() == {"FINISHED"}
    assert step() == ANIMATE
    assert bpy.ops.bonewright.add_motion() == {"FINISHED"}
    assert step() == EXPORT
    assert bpy.ops.bonewright.tour_end() == {"FINISHED"}
    assert touring(bpy.context.scene) is None
    assert fox.name in bpy.data.objects


def test_the_fox_is_the_sample_that_the_demonstration_rigs():
    bpy.ops.bonewright.try_sample()
    mesh = read_mesh([bpy.context.view_layer.objects.active]).mesh
    vertices, triangles = make_creature(cells=70)
    np.testing.assert_allclose(mesh.vertices, vertices, atol=1e-6)
    assert len(mesh.triangles) == len(triangles)
