"""The verdict on real rigs: what is right is called good, what is wrong is not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.anatomy import Rig
from inference.pipelines.meshes import judge_rig, rig_mesh
from inference.requests import RigOptions
from inference.rigging.bones.names import other_side
from training.datasets.rigged_glb import read_mesh

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "rigged"
PERSON = DATA / "biped_human_realistic" / "valid_asian_m_2_casual.glb"
MECH = DATA / "vehicle_mech" / "mech_pack_george.glb"
needs_data = pytest.mark.skipif(not PERSON.exists(), reason="the library of rigged assets is not here")


@pytest.fixture(scope="module")
def person() -> Rig:
    return rig_mesh(read_mesh(PERSON), RigOptions(bind=False))


@needs_data
def test_a_person_rigged_well_is_good(person: Rig) -> None:
    assert person.report.verdict == "good"
    assert person.report.certainty > 0.6


@needs_data
def test_sides_that_were_swapped_are_seen(person: Rig) -> None:
    armature = person.armature
    swapped = replace(armature, names=tuple(other_side(name) for name in armature.names))
    report = judge_rig(read_mesh(PERSON), swapped, None)
    assert report.verdict != "good"
    assert "front" in report.reasons


@needs_data
def test_an_arm_beside_the_body_is_seen(person: Rig) -> None:
    armature = person.armature
    arm = np.array(
        [name.endswith(".L") and ("arm" in name or "hand" in name or name[0] == "f") for name in armature.names]
    )
    away = np.where(arm[:, None], [0.0, 0.6, 0.3], 0.0)
    report = judge_rig(
        read_mesh(PERSON), replace(armature, heads=armature.heads + away, tails=armature.tails + away), None
    )
    assert report.verdict != "good"


@needs_data
def test_a_machine_that_was_forced_to_be_a_biped_does_not_look_fine() -> None:
    report = rig_mesh(read_mesh(MECH), RigOptions(kind="biped", bind=False)).report
    assert report.valid
    assert report.verdict != "good"


@needs_data
def test_a_front_that_the_user_chose_is_kept_and_the_verdict_says_what_it_thinks_of_it() -> None:
    turned = rig_mesh(read_mesh(PERSON), RigOptions(front="+y", bind=False))
    assert turned.pose.forward @ np.array([0.0, 1.0, 0.0]) > 0.99
    assert turned.report.verdict != "good"
    assert "front" in turned.report.reasons
