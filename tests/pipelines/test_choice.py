"""Which armature a shape gets: forced, chosen, and around bones that are held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from inference.anatomy import Armature, Mesh
from inference.engine.local import run
from inference.networks.loader import FOLDER
from inference.pipelines import choice, perceiving
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigJob, RigOptions
from inference.rigging.judging.validity import valid_problems
from training.shapes.figures import creature, person
from training.shapes.making.implicit import mesh_around

needs_joints = pytest.mark.skipif(not (FOLDER / "joints.json").exists(), reason="there are no weights of 'joints'")
needs_cortex = pytest.mark.skipif(not (FOLDER / "cortex.json").exists(), reason="there are no weights of 'cortex'")
needs_perception = pytest.mark.skipif(
    not (FOLDER / "perception.json").exists(), reason="there are no weights of 'perception'"
)
PLAIN = RigOptions(bind=False)


@pytest.fixture(scope="module")
def body() -> Mesh:
    return mesh_around(person(), 64)


def same(one: Armature, other: Armature) -> bool:
    return one.names == other.names and all(
        np.array_equal(getattr(one, field), getattr(other, field)) for field in ("heads", "tails", "rolls", "parents")
    )


def test_the_geometry_alone_can_be_asked_for(body: Mesh) -> None:
    assert rig_mesh(body, replace(PLAIN, method="geometric")).report.method == "geometric"


@needs_joints
def test_a_person_gets_learned_joints_and_twice_the_same(body: Mesh) -> None:
    one, other = rig_mesh(body, replace(PLAIN, method="named")), rig_mesh(body, replace(PLAIN, method="named"))
    assert one.report.method == "named"
    assert same(one.armature, other.armature)
    assert not valid_problems(one.armature, None)
    assert {"hips", "head", "hand.L", "foot.R"} <= set(one.armature.names)


@needs_joints
def test_learned_joints_of_a_symmetric_shape_mirror_exactly(body: Mesh) -> None:
    armature = rig_mesh(body, replace(PLAIN, method="named")).armature
    assert armature.symmetry is not None
    place = {name: bone for bone, name in enumerate(armature.names)}
    for name, bone in place.items():
        if name.endswith(".L"):
            mirrored = armature.symmetry.mirror(armature.heads[[bone]])[0]
            assert np.allclose(mirrored, armature.heads[place[name[:-1] + "R"]], atol=1e-9)


@needs_cortex
def test_free_joints_make_a_valid_armature_of_anything() -> None:
    for mesh in (mesh_around(creature(), 48), mesh_around(person(), 48)):
        rig = rig_mesh(mesh, replace(PLAIN, method="free"))
        assert rig.report.method == "free"
        assert not valid_problems(rig.armature, None)
        assert not any("bone" in name for name in rig.armature.names)


@needs_cortex
def test_free_joints_that_leave_the_shape_are_not_used_and_the_report_says_so() -> None:
    ring = trimesh.creation.torus(1.0, 0.03)
    mesh = Mesh(np.asarray(ring.vertices, float), np.asarray(ring.faces, np.int32))
    report = rig_mesh(mesh, replace(PLAIN, method="free")).report
    assert report.method == "geometric"
    assert "outside this shape" in report.warnings[0].message


def test_without_weights_the_geometry_does_it(body: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "joints_network", tuple)
    monkeypatch.setattr(choice, "cortex_network", lambda: None)
    monkeypatch.setattr(perceiving, "perception_network", lambda: None)
    assert rig_mesh(body, PLAIN).report.method == "geometric"
    assert rig_mesh(body, replace(PLAIN, method="free")).report.method == "geometric"


@needs_joints
def test_locked_bones_stay_and_the_network_is_told_of_them(body: Mesh) -> None:
    first = rig_mesh(body, replace(PLAIN, method="named")).armature
    bone = first.names.index("forearm.L")
    shift = np.array([0.0, 0.03, 0.0])
    heads, tails = first.heads.copy(), first.tails.copy()
    heads[bone] += shift
    tails[first.names.index("upper_arm.L")] = heads[bone]
    job = RigJob(
        body, replace(PLAIN, method="named"), locked=("forearm.L",), kept=replace(first, heads=heads, tails=tails)
    )
    again = run(job).armature
    there = again.names.index("forearm.L")
    assert np.allclose(again.heads[there], heads[bone], atol=1e-9)
    assert np.allclose(again.tails[there], tails[bone], atol=1e-9)
    free = [
        name for name in again.names if name in first.names and not name.startswith(("forearm", "upper_arm", "hand"))
    ]
    moved = [np.linalg.norm(again.heads[again.names.index(n)] - first.heads[first.names.index(n)]) for n in free]
    assert max(moved) > 0


def test_a_bone_that_is_locked_where_it_is_changes_nothing(body: Mesh) -> None:
    options = RigOptions(method="geometric", weights="geometric")
    first = rig_mesh(body, options)
    again = rig_mesh(body, options, locked=("forearm.L",), kept=first.armature)
    assert again.armature.names == first.armature.names
    assert np.allclose(again.armature.heads, first.armature.heads, atol=1e-12)
    assert first.skin is not None
    assert again.skin is not None
    count = len(first.armature.names)
    assert np.abs(again.skin.dense(count) - first.skin.dense(count)).max() < 1e-4


@needs_joints
def test_bones_locked_on_both_sides_alike_leave_the_rest_symmetric(body: Mesh) -> None:
    first = rig_mesh(body, replace(PLAIN, method="named")).armature
    heads, tails = first.heads.copy(), first.tails.copy()
    for side in ".L", ".R":
        heads[first.names.index("forearm" + side)] += [0.0, 0.03, 0.0]
        tails[first.names.index("upper_arm" + side)] = heads[first.names.index("forearm" + side)]
    kept = replace(first, heads=heads, tails=tails)
    for locked, even in ((("forearm.L", "forearm.R"), True), (("forearm.L",), False)):
        job = RigJob(body, replace(PLAIN, method="named"), locked=locked, kept=kept)
        assert (run(job).armature.symmetry is not None) == even


@needs_joints
def test_few_bones_get_no_fingers_added(body: Mesh) -> None:
    few = rig_mesh(body, replace(PLAIN, method="named", density="few")).armature
    plain = rig_mesh(body, replace(PLAIN, method="geometric", density="few")).armature
    assert set(few.names) <= set(plain.names)


@needs_perception
def test_votes_make_a_rig_of_a_person_when_asked_for(body: Mesh) -> None:
    rig = rig_mesh(body, replace(PLAIN, method="voted"))
    assert rig.report.method == "voted"
    assert not valid_problems(rig.armature, None)
    assert rig.armature.kind == "biped"


@needs_joints
@needs_perception
def test_votes_have_a_say_where_the_named_joints_are_unsure_of_the_shape(
    body: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "HARDLY_NAMED", 0.0)
    assert rig_mesh(body, PLAIN).report.method == "named"
    monkeypatch.setattr(choice, "HARDLY_NAMED", 1.1)
    assert rig_mesh(body, PLAIN).report.method in ("agreed", "voted")


@needs_joints
@needs_perception
def test_named_bones_keep_their_names_where_votes_agree_with_them(body: Mesh) -> None:
    named = rig_mesh(body, replace(PLAIN, method="named")).armature
    rig = rig_mesh(body, replace(PLAIN, method="agreed"))
    assert rig.report.method == "agreed"
    assert not valid_problems(rig.armature, None)
    assert {"thigh.L", "shin.R", "upper_arm.L", "head"} <= set(named.names) & set(rig.armature.names)


@needs_perception
def test_votes_do_not_overrule_a_kind_that_was_chosen(body: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "HARDLY_NAMED", 1.1)
    assert rig_mesh(body, replace(PLAIN, kind="fish")).report.method != "voted"
