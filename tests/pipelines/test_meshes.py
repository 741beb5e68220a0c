"""The ways through the house keep their promises: same bytes, moved inputs, untouched meshes, clear refusals."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh, Rig
from inference.errors import BadRequestError, Cancelled, EmptyMeshError
from inference.pipelines import meshes
from inference.pipelines.meshes import (
    QUICK_VERTICES,
    curve_skeleton,
    judge_rig,
    medial_mesh,
    medial_spheres,
    rig_mesh,
    skin_mesh,
)
from inference.pipelines.standing import likely_front
from inference.progress import Progress
from inference.requests import RigOptions, SkinOptions
from inference.rigging.standing.hint import AS_GIVEN
from tests.rigging.shapes import as_mesh
from training.shapes.figures import creature, person
from training.shapes.making.implicit import mesh_around


@pytest.fixture(scope="module")
def human() -> Mesh:
    return mesh_around(person(), 72)


@pytest.fixture(scope="module")
def rig(human: Mesh) -> Rig:
    return rig_mesh(human)


def gap(one: Rig, other: Rig, names: dict[str, str] | None = None) -> float:
    """The largest distance between joints of the same name."""
    assert set(one.armature.names) == set(other.armature.names)
    place = [other.armature.names.index((names or {}).get(name, name)) for name in one.armature.names]
    return float(np.abs(one.armature.heads - other.armature.heads[place]).max())


def test_the_same_request_gives_the_same_bytes(human: Mesh, rig: Rig) -> None:
    again = rig_mesh(Mesh(human.vertices.copy(), human.triangles.copy()))
    assert again.armature.names == rig.armature.names
    assert again.armature.heads.tobytes() == rig.armature.heads.tobytes()
    assert again.armature.rolls.tobytes() == rig.armature.rolls.tobytes()
    assert rig.skin is not None
    assert again.skin is not None
    assert again.skin.weights.tobytes() == rig.skin.weights.tobytes()
    assert again.skin.bones.tobytes() == rig.skin.bones.tobytes()


def test_every_vertex_is_held_by_at_most_four_bones_that_sum_to_one(rig: Rig) -> None:
    assert rig.skin is not None
    assert rig.skin.weights.shape[1] <= 4
    assert np.abs(rig.skin.weights.sum(1) - 1).max() < 1e-5


def test_a_moved_and_scaled_mesh_gets_the_moved_and_scaled_rig(human: Mesh, rig: Rig) -> None:
    far = rig_mesh(Mesh(human.vertices * 100 + [512.0, -256.0, 64.0], human.triangles), RigOptions(bind=False))
    far_heads = (far.armature.heads - [512.0, -256.0, 64.0]) / 100
    place = [far.armature.names.index(name) for name in rig.armature.names]
    assert np.abs(far_heads[place] - rig.armature.heads).max() < 1e-6


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_mesh_turned_by_quarters_gets_the_turned_rig(human: Mesh, rig: Rig, quarter: int) -> None:
    turn = np.linalg.matrix_power(np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]), quarter)
    other = rig_mesh(Mesh(human.vertices @ turn.T, human.triangles), RigOptions(bind=False))
    place = [other.armature.names.index(name) for name in rig.armature.names]
    assert np.abs(other.armature.heads[place] @ turn - rig.armature.heads).max() < 0.01


@pytest.mark.parametrize("sides", [(2.0, 2.0, 2.0), (1.2, 0.8, 0.7), (0.5, 0.6, 0.9)])
def test_a_crate_gets_one_upright_bone_and_a_word_about_it(sides: tuple[float, float, float]) -> None:
    crate = rig_mesh(as_mesh(trimesh.creation.box(sides)))
    assert crate.armature.names == ("root",)
    across = crate.armature.tails[0] - crate.armature.heads[0]
    assert across[2] > 0.9 * np.linalg.norm(across)
    assert crate.report.verdict == "good"
    assert any("one bone" in warning.message and "'creature'" in warning.message for warning in crate.report.warnings)
    assert crate.pose.forward == pytest.approx([0.0, -1.0, 0.0], abs=0.05)


def test_what_is_long_or_is_said_to_be_alive_bends() -> None:
    snake, ball = (as_mesh(trimesh.creation.capsule(4.0, 0.15)), as_mesh(trimesh.creation.icosphere(3)))
    assert len(rig_mesh(snake, RigOptions(bind=False)).armature.names) > 2
    assert len(rig_mesh(ball, RigOptions(bind=False)).armature.names) == 1
    assert len(rig_mesh(ball, RigOptions(bind=False, kind="creature")).armature.names) > 1


def test_the_input_is_not_changed(human: Mesh) -> None:
    vertices, triangles = human.vertices.copy(), human.triangles.copy()
    rig_mesh(human)
    assert np.array_equal(vertices, human.vertices)
    assert np.array_equal(triangles, human.triangles)


def test_vertices_at_one_place_share_their_weights(human: Mesh) -> None:
    corners = human.triangles.ravel()
    loose = Mesh(human.vertices[corners], np.arange(len(corners), dtype=np.int32).reshape(-1, 3))
    skin = rig_mesh(loose).skin
    assert skin is not None
    first = np.unique(corners, return_index=True)[1][corners - corners.min()]
    assert np.array_equal(skin.weights, skin.weights[first])


def test_a_drawn_armature_is_bound_without_being_moved(human: Mesh, rig: Rig) -> None:
    skin = skin_mesh(human, rig.armature, SkinOptions(influences=2))
    assert skin.weights.shape[1] <= 2
    assert np.abs(skin.weights.sum(1) - 1).max() < 1e-5


def test_weights_in_a_hurry_are_nearly_those_of_bind(rig: Rig) -> None:
    dense = mesh_around(person(), 120)
    assert len(dense.vertices) > 2 * QUICK_VERTICES
    full, quick = (
        skin_mesh(dense, rig.armature, SkinOptions(quick=wish)).dense(len(rig.armature.names)) for wish in (False, True)
    )
    assert quick.sum(1) == pytest.approx(1.0, abs=1e-5)
    assert 0 < np.abs(full - quick).sum(1).mean() < 0.1


def test_locked_bones_keep_their_weights(human: Mesh, rig: Rig) -> None:
    assert rig.skin is not None
    count = len(rig.armature.names)
    head = rig.armature.names.index("head")
    bound = skin_mesh(human, rig.armature, locked=("head",), kept=rig.skin)
    assert np.array_equal(bound.dense(count)[:, head], rig.skin.dense(count)[:, head])


def test_a_report_can_be_asked_for_again(human: Mesh, rig: Rig) -> None:
    report = judge_rig(human, rig.armature, rig.skin)
    assert report.valid
    assert report.inside == pytest.approx(rig.report.inside, abs=0.02)


def test_spheres_curves_and_medial_mesh_are_in_the_users_frame() -> None:
    body = mesh_around(creature(), 64)
    far = Mesh(body.vertices * 40 + [100.0, 0.0, 7.0], body.triangles)
    low, high = far.vertices.min(0), far.vertices.max(0)
    for points in (medial_spheres(far).centres, curve_skeleton(far).points, medial_mesh(far).spheres.centres):
        assert (points > low).all()
        assert (points < high).all()


def test_too_many_influences_are_refused(human: Mesh) -> None:
    with pytest.raises(BadRequestError, match="1 to 16"):
        rig_mesh(human, RigOptions(influences=40))


def test_a_mesh_without_faces_is_refused() -> None:
    with pytest.raises(EmptyMeshError, match="Select a mesh with faces"):
        rig_mesh(Mesh(np.zeros((4, 3)), np.zeros((0, 3), np.int32)))


def test_a_cancelled_job_stops_at_the_next_step(human: Mesh) -> None:
    seen: list[float] = []
    with pytest.raises(Cancelled):
        rig_mesh(human, progress=Progress(lambda fraction, _: seen.append(fraction), lambda: len(seen) >= 3))
    assert len(seen) == 3


def test_a_rig_faces_where_it_is_told(human: Mesh) -> None:
    back = rig_mesh(human, RigOptions(bind=False), standing=replace(AS_GIVEN, front=np.array([0.0, 1.0, 0.0])))
    assert back.pose.forward[1] > 0.999
    ahead = rig_mesh(human, RigOptions(bind=False), standing=replace(AS_GIVEN, front=np.array([0.0, -1.0, 0.0])))
    left = [rig.armature.heads[rig.armature.names.index("upper_arm.L"), 0] for rig in (ahead, back)]
    assert left[0] > 0 > left[1]


def test_no_rig_is_good_whose_front_is_not_sure(human: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rig_mesh(human, RigOptions(bind=False)).report.verdict == "good"

    def hardly(*args: object, **options: bool) -> tuple[np.ndarray, float] | None:
        found = likely_front(*args, **options)  # pyright: ignore[reportArgumentType]
        return None if found is None else (found[0], 0.55)

    monkeypatch.setattr(meshes, "likely_front", hardly)
    report = rig_mesh(human, RigOptions(bind=False)).report
    assert any("not sure that it looks this way" in warning.message for warning in report.warnings)
    assert (report.verdict, report.reasons) == ("look", ("front",))
    assert report.certainty <= 0.5
