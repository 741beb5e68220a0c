"""Bones whose tails an importer made up are judged by their joints; all others stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from inference.anatomy import Armature, Mesh, Solid
from inference.geometry.solid.make import make_solid
from inference.pipelines.meshes import skin_mesh
from inference.requests import SkinOptions
from inference.rigging.bones.guessed import without_guesses
from tests.rigging.shapes import armature, as_mesh, joined, moved


@pytest.fixture(scope="module")
def skull() -> Mesh:
    return as_mesh(trimesh.creation.icosphere(4, 0.4))


@pytest.fixture(scope="module")
def solid(skull: Mesh) -> Solid:
    return make_solid(skull)


def face() -> Armature:
    """As Blender's importer makes it: a bone is as long as the way to its nearest child, a last one as its parent."""
    head, eyes = np.array([0.0, 0.05, -0.3]), [(0.14, -0.3, 0.1), (-0.14, -0.3, 0.1)]
    long = float(np.linalg.norm(np.array(eyes[0]) - head))
    bones = [("Head", -1, tuple(head), (0.0, 0.05, -0.3 + long))]
    bones += [
        (name, 0, eye, (*eye[:2], eye[2] + long)) for name, eye in zip(("LeftEye", "RightEye"), eyes, strict=True)
    ]
    return armature(*bones)


def test_an_eye_whose_tail_is_a_guess_moves_its_eyeball_and_not_the_face(skull: Mesh) -> None:
    balls = [moved(as_mesh(trimesh.creation.icosphere(2, 0.06)), (x, -0.31, 0.1)) for x in (0.14, -0.14)]
    weights = skin_mesh(joined(skull, *balls), face(), SkinOptions(weights="geometric")).dense(3)
    on_face, on_balls = weights[: len(skull.vertices)], weights[len(skull.vertices) :].reshape(2, -1, 3)
    assert on_face[:, 1:].sum() < 0.04 * len(on_face)
    assert on_balls[0, :, 1].min() == 1.0
    assert on_balls[1, :, 2].min() == 1.0


def test_a_last_bone_that_copies_its_parents_length_ends_where_the_shape_is_thick(solid: Solid) -> None:
    bones = without_guesses(face(), solid)
    assert (bones.lengths[1:] < 0.15).all()
    assert np.array_equal(bones.heads, face().heads)


def test_a_bone_that_leads_past_its_only_child_is_turned_to_it(solid: Solid) -> None:
    odd = armature(("hip", -1, (0, 0, 0.2), (0.2, 0, 0.2)), ("knee", 0, (0, 0, 0), (0, 0, -0.1)))
    assert without_guesses(odd, solid).tails[0] == pytest.approx([0, 0, 0])


def test_even_chains_and_bones_that_lead_to_their_children_stay_as_they_are(solid: Solid) -> None:
    chain = armature(
        ("tail", -1, (0, 0, -0.3), (0, 0, -0.1)),
        ("tail.001", 0, (0, 0, -0.1), (0, 0, 0.1)),
        ("tail.002", 1, (0, 0, 0.1), (0, 0, 0.3)),
    )
    assert np.array_equal(without_guesses(chain, solid).tails, chain.tails)
