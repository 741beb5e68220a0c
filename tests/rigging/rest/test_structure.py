"""Bodies whose bones have names that say nothing are recognised by place, sides and hierarchy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature
from inference.gltf.fitting.skeleton import read_template
from inference.rigging.rest.stances import at_rest
from inference.rigging.rest.structure import names_by_shape
from inference.rigging.skeletons.builtin import builtin
from inference.rigging.skeletons.fit import fit_template
from tests.rigging.rest.people import person, turned

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "rigged"
FACINGS = [
    Rotation.identity(),
    *(Rotation.from_euler("z", angle, degrees=True) for angle in (90, 180, -90)),
    Rotation.from_euler("x", -90, degrees=True),  # Y up, facing +Z, as glTF and FBX have it
]


def nameless(armature: Armature) -> Armature:
    return replace(armature, names=tuple(f"Bone_{number:02d}" for number in range(len(armature.names))))


@pytest.mark.parametrize("facing", FACINGS)
@pytest.mark.parametrize("hanging", [False, True])
def test_every_joint_is_told_whichever_way_the_body_looks(facing: Rotation, hanging: bool):  # noqa: FBT001
    start = at_rest(person(), "relaxed")[0] if hanging else person()
    found = names_by_shape(nameless(turned(start, facing, 37.0, (5, 5, 0))))
    assert [found.get(bone) for bone in range(len(start.names))] == list(start.names)


def test_skeletons_and_stances_work_on_bones_without_names():
    start = at_rest(person(), "relaxed")[0]
    plain, named = (fit_template(builtin("unreal"), who) for who in (nameless(start), start))
    assert plain.armature.names == named.armature.names
    np.testing.assert_allclose(plain.armature.heads, named.armature.heads, atol=1e-9)
    np.testing.assert_allclose(at_rest(nameless(start), "t")[0].heads, at_rest(start, "t")[0].heads, atol=1e-9)


def test_what_is_no_upright_body_is_not_taken_for_one():
    start = person()
    lying = turned(start, Rotation.from_euler("y", 90, degrees=True))
    assert names_by_shape(nameless(lying)) == {}
    few = replace(start, parents=np.zeros(len(start.names), np.int32) - 1)
    assert names_by_shape(nameless(few)) == {}


@pytest.mark.skipif(not DATA.exists(), reason="no ../shared/data")
@pytest.mark.parametrize(
    "name", ["biped_human_realistic/valid_aian_f_1_busi", "biped_stylised/adventure_box_klas_idle"]
)
def test_skeletons_in_files_of_artists_are_templates(name: str):
    """Their names are no program's: LeftUpLeg, LeftUpLeg_033."""
    template = read_template(DATA / f"{name}.glb")
    for part, word in (
        ("thigh.L", "LeftUpLeg"),
        ("forearm.R", "RightForeArm"),
        ("hand.L", "LeftHand"),
        ("head", "Head"),
    ):
        assert template.names[template.place[part]].startswith(word)
