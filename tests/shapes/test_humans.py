"""People from the human shape space."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.verify_characters import side_faults
from training.shapes.humans import HUMANS, RIGS, HumansMissingError, house_name, human
from training.shapes.making.inscribed import inside
from training.shapes.verify import digest, faults

needs_file = pytest.mark.skipif(not HUMANS.exists(), reason="the human shape space (humans.npz) is not there")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HumansMissingError, match=r"humans\.npz"):
        human(0, tmp_path / "humans.npz")


@pytest.mark.parametrize(
    ("rig", "bone", "name"),
    [
        ("game_engine", "pelvis", "hips"),
        ("game_engine", "index_02_l", "f_index.02.L"),
        ("game_engine", "clavicle_r", "shoulder.R"),
        ("cmu_mb", "LeftUpLeg", "thigh.L"),
        ("cmu_mb", "LHipJoint", None),
        ("mixamo_unity", "mixamorig:RightHandThumb3", "thumb.03.R"),
        ("mixamo_unity", "mixamorig:Spine2", "chest"),
        ("mixamo_unity", "mixamorig:LeftBreast", None),
    ],
)
def test_bones_get_the_names_of_the_house(rig: str, bone: str, name: str | None) -> None:
    assert rig in RIGS
    assert house_name(rig, bone) == name


@needs_file
def test_people_hold_what_they_claim() -> None:
    for seed in range(4):
        shape = human(seed)
        assert shape.rig is not None
        assert not faults(shape)
        assert not side_faults(shape.rig.armature)
        assert inside(shape.mesh, shape.rig.armature.heads).mean() > 0.75


@needs_file
def test_a_seed_repeats() -> None:
    assert digest(human(3)) == digest(human(3))
    assert not np.allclose(human(3).mesh.vertices[:50], human(4).mesh.vertices[:50])
