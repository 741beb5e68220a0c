"""Random poses keep what a pose keeps."""

from __future__ import annotations

import numpy as np

from inference.rigging.judging.posing import pose
from training.shapes.characters import CHARACTERS
from training.shapes.cloud import surface_cloud
from training.shapes.making.inscribed import inside
from training.shapes.varied.posing import limits, posed_armature, posed_cloud, posed_shape, random_turns

SHAPE = CHARACTERS["biped"](2)
assert SHAPE.rig is not None
RIG = SHAPE.rig


def test_bones_keep_their_length_and_stay_joined() -> None:
    armature = RIG.armature
    posed = posed_armature(armature, pose(armature, random_turns(armature, np.random.default_rng(0))))
    assert np.allclose(posed.lengths, armature.lengths)
    joined = np.flatnonzero(armature.connected)
    assert np.allclose(posed.heads[joined], posed.tails[posed.parents[joined]])
    assert not np.allclose(posed.heads, armature.heads)
    assert posed.symmetry is None


def test_no_turn_is_larger_than_its_joint_allows() -> None:
    allowed = np.abs(limits(RIG.armature.names))
    allowed = np.linalg.norm(np.stack([allowed[:, :2].max(1), allowed[:, 2], allowed[:, 3]]), axis=0)
    for seed in range(5):
        turns = random_turns(RIG.armature, np.random.default_rng(seed))
        angles = np.arccos(np.clip((np.trace(turns, axis1=1, axis2=2) - 1) / 2, -1, 1))
        fingers = np.array([name.startswith("f_") for name in RIG.armature.names])
        assert (angles <= allowed + np.where(fingers, np.radians(20), 1e-6)).all()


def test_the_root_stays_where_it_is() -> None:
    turns = random_turns(RIG.armature, np.random.default_rng(1))
    assert np.allclose(turns[RIG.armature.parents < 0], np.eye(3))


def test_knees_bend_backwards_only() -> None:
    armature = RIG.armature
    thigh, shin = armature.names.index("thigh.L"), armature.names.index("shin.L")
    bends = []
    for seed in range(20):
        posed = posed_armature(armature, pose(armature, random_turns(armature, np.random.default_rng(seed))))
        hinge = np.cross(posed.tails[thigh] - posed.heads[thigh], posed.tails[shin] - posed.heads[shin])
        bends.append(hinge[0])  # the shin turned backwards about an axis to the left
    assert min(bends) > -0.002
    assert max(bends) > 0.002


def test_the_mesh_goes_with_the_joints() -> None:
    posed = posed_shape(SHAPE, np.random.default_rng(3))
    assert posed.rig is not None
    assert np.isclose(np.ptp(posed.mesh.vertices, axis=0).max(), 1)
    assert inside(posed.mesh, posed.rig.armature.heads).mean() > 0.85
    assert len(posed.spheres.radii) == 0
    assert not posed.curves


def test_points_move_as_the_mesh_does() -> None:
    cloud = surface_cloud(SHAPE, 400, np.random.default_rng(0))
    moved, armature = posed_cloud(cloud, RIG.armature, np.random.default_rng(3))
    still, _ = posed_cloud(cloud, RIG.armature, np.random.default_rng(3), amount=0.0)
    assert np.allclose(still.points, cloud.points, atol=1e-5)
    assert not np.allclose(moved.points, cloud.points, atol=1e-2)
    assert np.allclose(np.linalg.norm(moved.normals, axis=1), 1, atol=1e-4)
    assert np.allclose(armature.lengths, RIG.armature.lengths)
