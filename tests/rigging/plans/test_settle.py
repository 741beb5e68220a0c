"""Joints are moved, as little as it takes, so that bones do not stick out of the shape."""

import numpy as np
import trimesh

from inference.geometry.solid.make import make_solid
from inference.rigging.bodies.interior import Interior
from inference.rigging.plans.draft import Draft
from inference.rigging.plans.finish import finished

from ..shapes import as_mesh


def slab_draft(*, symmetric: bool = False) -> Draft:
    """Nothing yet, in a flat box that reaches from -0.5 to 0.5 along y and 0.05 up and down."""
    box = as_mesh(trimesh.creation.box((0.3, 1.0, 0.1)))
    return Draft(Interior(make_solid(box, symmetric=symmetric)), symmetric)


def test_a_bone_whose_end_sticks_out_is_pulled_back_in() -> None:
    draft = slab_draft()
    draft.add(np.array([[0.0, -0.4, 0.0], [0.0, 0.0, 0.0], [0.0, 0.4, 0.0]]), ["one", "two"], -1)
    for bone in draft.bones:  # as a hand that slipped would leave it
        if bone.name == "two":
            bone.tail = np.array([0.0, 0.4, 0.062])
    armature = finished(draft, "object")
    assert draft.interior.share_inside(armature.heads, armature.tails).min() > 0.95
    assert np.linalg.norm(armature.tails[1] - [0.0, 0.4, 0.062]) < 0.04


def test_joined_bones_stay_joined() -> None:
    draft = slab_draft()
    draft.add(np.array([[0.0, -0.4, 0.0], [0.0, 0.0, 0.0], [0.0, 0.4, 0.0]]), ["one", "two"], -1)
    high = np.array([0.0, 0.0, 0.06])
    draft.bones[0].tail, draft.bones[1].head = high, high
    armature = finished(draft, "object")
    assert np.array_equal(armature.tails[0], armature.heads[1])
    assert armature.tails[0][2] < 0.055


def test_bones_that_lie_well_inside_are_not_touched() -> None:
    draft = slab_draft()
    joints = np.array([[0.0, -0.4, 0.0], [0.0, 0.01, 0.01], [0.0, 0.4, 0.0]])
    draft.add(joints, ["one", "two"], -1)
    armature = finished(draft, "object")
    assert np.array_equal(armature.heads, joints[:2])
    assert np.array_equal(armature.tails, joints[1:])


def test_middle_joints_stay_in_the_middle() -> None:
    draft = slab_draft(symmetric=True)
    draft.add(np.array([[0.0, -0.4, 0.0], [0.0, 0.0, 0.0], [0.0, 0.4, 0.0]]), ["one", "two"], -1)
    draft.bones[1].tail = np.array([0.0, 0.4, 0.06])
    armature = finished(draft, "object")
    assert (armature.heads[:, 0] == 0).all()
    assert (armature.tails[:, 0] == 0).all()
