"""Skin weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from inference.anatomy import Armature, Mesh, SkinWeights, Solid
from inference.errors import BadArmatureError, BadRequestError, Cancelled, EmptyMeshError
from inference.geometry.solid.make import make_solid
from inference.progress import Progress
from inference.rigging.skin.bind import skin_mesh
from inference.rigging.skin.locks import LockedWeights

from ..shapes import armature, as_mesh, bar, hairpin, joined, moved, sheet, two_bones

ABOVE = np.array([0, 0, 0.6])


def bind(
    mesh: Mesh,
    bones: Armature,
    solid: Solid | None = None,
    *,
    influences: int = 4,
    smoothing: float = 1.0,
    locked: LockedWeights | None = None,
) -> np.ndarray:
    """Dense weights (V, B), checked for what must hold of any."""
    solid = solid or make_solid(mesh)
    skin = skin_mesh(mesh, solid, bones, influences=influences, smoothing=smoothing, locked=locked)
    assert skin.bones.dtype == np.int32
    assert skin.weights.dtype == np.float32
    assert skin.bones.shape == skin.weights.shape
    assert (skin.weights >= 0).all()
    assert np.abs(skin.weights.sum(1, dtype=float) - 1).max() < 1e-6
    assert (np.diff(skin.weights, axis=1) <= 0).all()
    assert (skin.weights > 0).sum(1).max() <= influences or locked is not None
    return skin.dense(len(bones.names))


def ball(radius: float, centre: tuple[float, float, float]) -> Mesh:
    return moved(as_mesh(trimesh.creation.icosphere(1, radius)), centre)


def test_the_middle_of_a_bone_is_rigid_and_the_joint_blends_half_and_half():
    mesh = bar()
    weights = bind(mesh, two_bones())
    x = mesh.vertices[:, 0]
    assert weights[x < 0.25, 0].min() > 0.95
    assert weights[x > 0.75, 1].min() > 0.95
    assert np.abs(weights[np.isclose(x, 0.5)] - 0.5).max() < 0.1
    rising = [weights[np.isclose(x, place), 1].mean() for place in np.unique(x)]
    assert (np.diff(rising) > -0.01).all()


def test_more_smoothing_makes_wider_blends():
    mesh = bar()
    solid = make_solid(mesh)
    near = np.isclose(mesh.vertices[:, 0], 0.4)
    narrow, wide = (bind(mesh, two_bones(), solid, smoothing=s)[near, 1].mean() for s in (0.5, 2.0))
    assert wide > narrow + 0.05


def test_two_fingers_that_all_but_touch_do_not_share_weights():
    mesh = hairpin()
    y = 0.083
    bones = armature(
        ("palm", -1, (-0.08, 0, 0), (0.02, 0, 0)),
        ("finger.L", 0, (0.05, y, 0), (0.78, y, 0)),
        ("finger.R", 0, (0.05, -y, 0), (0.78, -y, 0)),
    )
    weights = bind(mesh, bones)
    finger, left = mesh.vertices[:, 0] > 0.3, mesh.vertices[:, 1] > 0
    assert weights[finger & left, 2].max() == 0
    assert weights[finger & ~left, 1].max() == 0


def test_a_bone_close_by_but_in_the_other_limb_is_farther_than_the_own_one():
    mesh = hairpin()
    y = 0.083
    near_the_gap = armature(
        ("palm", -1, (-0.08, 0, 0), (0.02, 0, 0)),
        ("finger.L", 0, (0.05, y + 0.05, 0), (0.78, y + 0.05, 0)),  # along the outer side
        ("finger.R", 0, (0.05, -y + 0.07, 0), (0.78, -y + 0.07, 0)),  # along the inner side: closer to much of .L
    )
    weights = bind(mesh, near_the_gap)
    finger, left = mesh.vertices[:, 0] > 0.3, mesh.vertices[:, 1] > 0
    assert weights[finger & left, 2].max() < 0.05


def test_a_wing_without_thickness_is_bound_like_any_limb():
    mesh = sheet()
    weights = bind(mesh, two_bones())
    x = mesh.vertices[:, 0]
    assert weights[x < 0.2, 0].min() > 0.9
    assert weights[x > 0.8, 1].min() > 0.9


def test_427_loose_shells_are_all_bound_and_each_moves_as_one():
    rng = np.random.default_rng(0)
    places = np.column_stack([rng.uniform(0, 1, 427), rng.uniform(-0.2, 0.2, (427, 2))])
    shells = [ball(0.012, tuple(place)) for place in places]
    mesh = joined(bar(), *shells)
    weights = bind(mesh, two_bones())
    loose = weights[len(bar().vertices) :].reshape(427, -1, 2)
    assert np.ptp(loose, axis=1).max() == 0
    assert (loose.max(2) == 1).all()
    side = loose[:, 0, 1] == 1
    clear = np.abs(places[:, 0] - 0.5) > 0.15
    assert (side == (places[:, 0] > 0.5))[clear].all()


def test_an_eye_follows_its_own_bone_and_that_bone_moves_nothing_else():
    head = as_mesh(trimesh.creation.icosphere(4, 0.4))
    eye = ball(0.06, (0.15, -0.36, 0.1))
    mesh = joined(head, eye)
    bones = armature(("head", -1, (0, 0, -0.3), (0, 0, 0.1)), ("eye.L", 0, (0.15, -0.34, 0.1), (0.15, -0.38, 0.1)))
    weights = bind(mesh, bones)
    skull = slice(0, len(head.vertices))
    assert (weights[len(head.vertices) :, 1] == 1).all()
    assert weights[skull, 1].sum() < 0.04 * len(head.vertices)


def test_a_bead_inside_a_limb_does_not_take_the_limbs_bone_away():
    mesh = joined(bar(), ball(0.03, (0.185, 0, 0)))
    assert np.abs(bind(mesh, two_bones())[: len(bar().vertices)] - bind(bar(), two_bones())).max() < 0.1


def test_clothes_deform_like_the_body_below():
    body = bar(cuts=40)
    sleeve = moved(Mesh(bar(0.8, 0.24, 32).vertices, bar(0.8, 0.24, 32).triangles[:-4]), (0.1, 0, 0))
    mesh = joined(body, sleeve)
    weights = bind(mesh, two_bones())
    cloth, skin = weights[len(body.vertices) :], weights[: len(body.vertices)]
    for x in np.unique(np.round(sleeve.vertices[:, 0], 6)):
        on_cloth = cloth[np.isclose(sleeve.vertices[:, 0], x)].mean(0)
        below = skin[np.isclose(body.vertices[:, 0], x)].mean(0)
        assert np.abs(on_cloth - below).max() < 0.12
    assert 0.2 < cloth[np.isclose(sleeve.vertices[:, 0], 0.5), 0].mean() < 0.8


def test_faces_turned_inside_out_make_no_difference():
    mesh = hairpin()
    bones = armature(("a", -1, (0, 0.083, 0), (0.8, 0.083, 0)), ("b", 0, (0, -0.083, 0), (0.8, -0.083, 0)))
    solid = make_solid(mesh)
    turned = Mesh(mesh.vertices, mesh.triangles[:, ::-1].copy())
    assert np.abs(bind(mesh, bones, solid) - bind(turned, bones, solid)).max() < 1e-5


def test_a_symmetric_rig_on_a_symmetric_mesh_gets_mirrored_weights():
    body = as_mesh(trimesh.creation.icosphere(4, 0.5))
    body = Mesh(body.vertices * [1, 0.4, 0.6], body.triangles)
    bones = armature(
        ("spine", -1, (0, 0, -0.2), (0, 0, 0.2)),
        ("arm.L", 0, (0.15, 0.02, 0.05), (0.45, 0, 0)),
        ("arm.R", 0, (-0.15, 0.02, 0.05), (-0.45, 0, 0)),
    )
    weights = bind(body, bones, make_solid(body, symmetric=True))
    places = {tuple(np.round(v, 7) + 0.0): i for i, v in enumerate(body.vertices)}
    twin = np.array([places[tuple(np.round(v * [-1, 1, 1], 7) + 0.0)] for v in body.vertices])
    assert np.abs(weights[twin][:, [0, 2, 1]] - weights).max() < 1e-4


def test_the_middle_leans_to_no_side_even_when_there_is_room_for_one_bone_only():
    mesh = bar(2.0, 0.2, 20)
    bones = armature(
        ("spine", -1, (1, 0, -0.02), (1, 0, 0.02)), ("a", 0, (0.9, 0, 0), (0, 0, 0)), ("b", 0, (1.1, 0, 0), (2, 0, 0))
    )
    weights = bind(mesh, bones, influences=1)
    middle = np.isclose(mesh.vertices[:, 0], 1.0)
    assert (weights[middle, 0] == 1).all()


def test_the_same_request_gives_the_same_bytes():
    mesh = hairpin()
    solid = make_solid(mesh)
    first, second = (skin_mesh(mesh, solid, two_bones()) for _ in range(2))
    assert first.bones.tobytes() == second.bones.tobytes()
    assert first.weights.tobytes() == second.weights.tobytes()


@pytest.mark.parametrize("influences", [1, 2, 3, 4, 16])
def test_no_vertex_has_more_influences_than_asked_for(influences: int):
    mesh = bar(1.0, 0.3, 30)
    chain = [(f"b{k}", k - 1, (k / 12, 0, 0), ((k + 1) / 12, 0, 0)) for k in range(12)]
    weights = bind(mesh, armature(*chain), influences=influences, smoothing=3.0)
    assert (weights > 0).sum(1).max() <= influences


def test_tiny_weights_are_gone():
    weights = bind(bar(), two_bones())
    assert weights[weights > 0].min() > 1e-3


def test_an_armature_drawn_beside_the_mesh_still_binds_each_half_to_the_nearer_bone():
    mesh = bar()
    beside = replace(two_bones(), heads=two_bones().heads + ABOVE, tails=two_bones().tails + ABOVE)
    weights = bind(mesh, beside)
    x = mesh.vertices[:, 0]
    assert weights[x < 0.2, 0].min() > 0.5
    assert weights[x > 0.8, 1].min() > 0.5


def test_a_root_on_the_ground_outside_the_mesh_and_bones_that_do_not_deform_take_nothing():
    mesh = bar()
    bones = armature(
        ("root", -1, (0.5, 0, -0.9), (0.5, 0.2, -0.9)),
        ("control", 0, (0.2, 0, 0), (0.3, 0, 0)),
        ("lower", 0, (0.05, 0, 0), (0.5, 0, 0)),
        ("upper", 2, (0.5, 0, 0), (0.95, 0, 0)),
        deform=(True, False, True, True),
    )
    weights = bind(mesh, bones)
    assert weights[:, :2].max() == 0


def test_bones_without_length_and_bones_that_hang_on_nothing_are_bound_all_the_same():
    bones = armature(("point", -1, (0.1, 0, 0), (0.1, 0, 0)), ("far", -1, (0.4, 0, 0), (0.9, 0, 0)))
    weights = bind(bar(), bones)
    assert weights[:, 0].max() > 0.9
    assert weights[:, 1].max() > 0.9


def test_parts_that_float_apart_each_follow_their_own_bone():
    mesh = joined(bar(0.4), moved(bar(0.4), (0.6, 0, 0)))
    bones = armature(("a", -1, (0.05, 0, 0), (0.35, 0, 0)), ("b", 0, (0.65, 0, 0), (0.95, 0, 0)))
    weights = bind(mesh, bones)
    assert weights[mesh.vertices[:, 0] < 0.5, 0].min() == 1
    assert weights[mesh.vertices[:, 0] > 0.5, 1].min() == 1


def test_vertices_that_are_not_numbers_or_in_no_face_get_weights_too():
    mesh = bar()
    solid = make_solid(mesh)
    strays = np.array([[np.nan, 0, 0], [0.9, 0.2, 0.0], [np.inf, np.nan, 1]])
    odd = Mesh(np.concatenate([mesh.vertices, strays]), mesh.triangles)
    weights = bind(odd, two_bones(), solid)
    assert weights[-2, 1] > 0.9
    assert np.array_equal(weights[:-3], bind(mesh, two_bones(), solid))


def test_faces_without_area_do_no_harm():
    mesh = bar()
    flat = np.array([[0, 0, 1], [5, 5, 5], [0, 4, 8]], np.int32)  # the last one is a line
    weights = bind(Mesh(mesh.vertices, np.concatenate([mesh.triangles, flat])), two_bones(), make_solid(mesh))
    assert np.isfinite(weights).all()


def test_a_dense_mesh_gets_the_weights_of_the_same_shape_with_fewer_vertices():
    coarse = hairpin()
    bones = armature(("a", -1, (0, 0.083, 0), (0.8, 0.083, 0)), ("b", 0, (0, -0.083, 0), (0.8, -0.083, 0)))
    finer = trimesh.Trimesh(coarse.vertices, coarse.triangles, process=False)
    for _ in range(3):
        finer = finer.subdivide()
    dense = as_mesh(finer)
    solid = make_solid(coarse)
    few, many = bind(coarse, bones, solid), bind(dense, bones, solid)
    assert np.abs(many[: len(few)] - few).sum(1).mean() < 0.05
    edges = dense.triangles[:, :2]
    assert np.abs(many[edges[:, 0]] - many[edges[:, 1]]).max() < 0.2


def thirds(mesh: Mesh) -> SkinWeights:
    """Weights a user painted: a third on the lower bone everywhere, an odd rest on the upper."""
    count = len(mesh.vertices)
    rng = np.random.default_rng(1)
    weights = np.column_stack([np.full(count, 1 / 3), rng.uniform(0, 0.5, count)]).astype(np.float32)
    return SkinWeights(np.tile(np.array([0, 1], np.int32), (count, 1)), weights)


def test_a_locked_bone_keeps_its_weights_bit_for_bit_and_the_others_share_the_rest():
    mesh = bar()
    before = thirds(mesh)
    lock = LockedWeights(np.array([False, True]), np.zeros(len(mesh.vertices), bool), before)
    weights = bind(mesh, two_bones(), locked=lock)
    assert np.array_equal(weights[:, 1], before.weights[:, 1])
    assert np.allclose(weights[:, 0], 1 - before.weights[:, 1], atol=1e-6)


def test_locked_vertices_keep_their_whole_row_even_if_it_does_not_sum_to_one():
    mesh = bar()
    before = thirds(mesh)
    rows = mesh.vertices[:, 0] < 0.5
    lock = LockedWeights(np.zeros(2, bool), rows, before)
    weights = skin_mesh(mesh, make_solid(mesh), two_bones(), locked=lock).dense(2)
    assert np.array_equal(weights[rows], before.dense(2)[rows])
    assert np.abs(weights[~rows].sum(1) - 1).max() < 1e-6


def test_with_every_bone_locked_nothing_changes():
    mesh = bar()
    before = thirds(mesh)
    lock = LockedWeights(np.ones(2, bool), np.zeros(len(mesh.vertices), bool), before)
    assert np.array_equal(skin_mesh(mesh, make_solid(mesh), two_bones(), locked=lock).dense(2), before.dense(2))


def test_locked_influences_count_towards_the_limit():
    mesh = bar(1.0, 0.3, 30)
    chain = [(f"b{k}", k - 1, (k / 8, 0, 0), ((k + 1) / 8, 0, 0)) for k in range(8)]
    count = len(mesh.vertices)
    before = SkinWeights(np.zeros((count, 1), np.int32), np.full((count, 1), 0.25, np.float32))
    lock = LockedWeights(np.arange(8) == 0, np.zeros(count, bool), before)
    weights = bind(mesh, armature(*chain), influences=2, smoothing=3.0, locked=lock)
    assert (weights > 0).sum(1).max() == 2
    assert (weights[:, 0] == np.float32(0.25)).all()


def test_an_armature_without_deform_bones_is_refused_with_advice():
    with pytest.raises(BadArmatureError, match="Switch on Deform"):
        bind(bar(), replace(two_bones(), deform=np.zeros(2, bool)))


def test_a_bone_that_is_nowhere_is_refused_by_name():
    heads = two_bones().heads.copy()
    heads[1] = np.nan
    with pytest.raises(BadArmatureError, match="'upper'"):
        bind(bar(), replace(two_bones(), heads=heads))


def test_impossible_options_and_meshes_without_faces_are_refused():
    solid = make_solid(bar())
    with pytest.raises(BadRequestError):
        bind(bar(), two_bones(), solid, influences=0)
    with pytest.raises(EmptyMeshError):
        bind(Mesh(bar().vertices, np.zeros((0, 3), np.int32)), two_bones(), solid)


def test_binding_can_be_cancelled():
    with pytest.raises(Cancelled):
        skin_mesh(bar(), make_solid(bar()), two_bones(), progress=Progress(is_cancelled=lambda: True))
