"""Small bones that stick out are drawn into the shape; everything else stays where it is."""

from __future__ import annotations

import numpy as np
import trimesh

from inference.anatomy import Armature, Mesh
from inference.geometry.solid.make import make_solid
from inference.rigging.bodies.interior import Interior
from inference.rigging.bones.moved import LONGEST_TIP, tips_drawn_in

NAMES = ("spine", "head", "eye.L", "eye.R", "ear.L", "ear.R", "nose")
PARENTS = np.array([-1, 0, 1, 1, 1, 1, 1], np.int32)


def ball() -> Interior:
    mesh = trimesh.creation.icosphere(4, 0.1)
    return Interior(make_solid(Mesh(np.asarray(mesh.vertices), np.asarray(mesh.faces, np.int32))))


def armature(**tails: list[float]) -> Armature:
    heads = np.array(
        [[0, 0, -0.09], [0, 0, -0.02], [0.03, 0, 0.08], [-0.03, 0, 0.08], [0.09, 0, 0], [-0.09, 0, 0], [0, 0, 0.05]]
    )
    ends = heads + np.array([0, 0, 0.07])
    ends[2:4] = heads[2:4] + np.array([0, 0, 0.028])  # 0.013 of it inside
    ends[4], ends[5] = heads[4] + np.array([0.02, 0, 0]), heads[5] - np.array([0.005, 0, 0])
    for name, tail in tails.items():
        ends[NAMES.index(name)] = tail
    return Armature(
        names=NAMES,
        parents=PARENTS,
        heads=heads,
        tails=ends,
        rolls=np.zeros(7),
        connected=np.zeros(7, bool),
        confidence=np.ones(7),
        deform=np.ones(7, bool),
        radii=np.full((7, 2), 0.02),
    )


def test_small_tips_are_drawn_in_alike_on_both_sides_and_keep_their_direction() -> None:
    bones, interior = armature(), ball()
    tails = tips_drawn_in(bones, interior)
    lengths = np.linalg.norm(tails - bones.heads, axis=1)
    assert 0.005 <= lengths[2] < 0.018
    np.testing.assert_allclose(lengths[3], lengths[2])
    np.testing.assert_allclose((tails - bones.heads)[2:4, :2], 0, atol=1e-12)
    assert interior.share_inside(bones.heads[2:4], tails[2:4]).min() > 0.9
    assert lengths[4] < 0.02  # the left ear sticks out ...
    assert lengths[5] / 0.005 <= lengths[4] / 0.02 + 1e-9  # ... and the right one is shortened with it


def test_long_ones_those_that_hold_others_and_those_that_are_kept_stay() -> None:
    bones = armature(nose=[0, 0, 0.05 + LONGEST_TIP + 0.05], head=[0, 0.3, 0])
    tails = tips_drawn_in(bones, ball(), kept=("eye.R",))
    stays = [0, 1, 2, 3, 6]
    np.testing.assert_array_equal(tails[stays], bones.tails[stays])


def test_what_does_not_deform_and_what_is_inside_stays() -> None:
    bones = armature(**{"eye.L": [0.03, 0, 0.06], "eye.R": [-0.03, 0, 0.06]})
    tails = tips_drawn_in(bones, ball())
    np.testing.assert_array_equal(tails[2:4], bones.tails[2:4])
