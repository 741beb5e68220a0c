"""Spring bones and humans in files, held against the published specification of VRM 1.0."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from inference.anatomy import Pose, Report, Rig, Spring
from inference.errors import BadRequestError
from inference.gltf.fresh import mesh_asset
from inference.gltf.rig import add_rig
from inference.gltf.scene import read_scene
from inference.gltf.vrm.humanoid import KNOWN, REQUIRED, add_human, human_bones
from inference.gltf.vrm.springs import nodes_of
from inference.rigging.swinging.add import with_chains
from tests.rigging.swinging.people import braid, cone, figure, person_armature

# What the specification of VRMC_springBone 1.0 says of each object: key -> type, and which keys have to be there.
NUMBER = (int, float)
OBJECTS = {
    "extension": ({"specVersion": str, "colliders": list, "colliderGroups": list, "springs": list}, {"specVersion"}),
    "collider": ({"node": int, "shape": dict}, {"node", "shape"}),
    "capsule": ({"offset": list, "radius": NUMBER, "tail": list}, set()),
    "group": ({"name": str, "colliders": list}, {"colliders"}),
    "spring": ({"name": str, "joints": list, "colliderGroups": list, "center": int}, {"joints"}),
    "joint": (
        {
            "node": int,
            "hitRadius": NUMBER,
            "stiffness": NUMBER,
            "gravityPower": NUMBER,
            "gravityDir": list,
            "dragForce": NUMBER,
        },
        {"node"},
    ),
}


def check_object(kind: str, found: dict) -> None:
    """Every key is known and of its type, and the required ones are there."""
    keys, required = OBJECTS[kind]
    assert required <= set(found) <= set(keys), (kind, found)
    for key, value in found.items():
        assert isinstance(value, keys[key]), (kind, key, value)
        assert not isinstance(value, bool)


def check_springs(document: dict) -> None:
    """The extension as the specification has it, rule by rule."""
    assert "VRMC_springBone" in document["extensionsUsed"]
    extension, nodes = document["extensions"]["VRMC_springBone"], document["nodes"]
    check_object("extension", extension)
    assert extension["specVersion"] == "1.0"
    parents = {child: number for number, node in enumerate(nodes) for child in node.get("children", ())}
    for collider in extension.get("colliders", ()):
        check_object("collider", collider)
        assert collider["node"] < len(nodes)
        (shape,) = collider["shape"].items()  # a sphere or a capsule, not both
        assert shape[0] == "capsule"
        check_object("capsule", shape[1])
        assert len(shape[1]["offset"]) == len(shape[1]["tail"]) == 3
        assert shape[1]["radius"] >= 0
    for group in extension.get("colliderGroups", ()):
        check_object("group", group)
        assert all(0 <= number < len(extension["colliders"]) for number in group["colliders"])
    used: set[int] = set()
    for spring in extension["springs"]:
        check_object("spring", spring)
        assert all(0 <= number < len(extension["colliderGroups"]) for number in spring.get("colliderGroups", ()))
        chain = [joint["node"] for joint in spring["joints"]]
        assert len(chain) >= 2
        assert not used & set(chain), "a joint may belong to one spring alone"
        used |= set(chain)
        for above, below in pairwise(chain):
            carriers = [below]
            while carriers[-1] in parents:
                carriers.append(parents[carriers[-1]])
            assert above in carriers[1:], "each joint has to be above the next one"
        for joint in spring["joints"]:
            check_object("joint", joint)
            assert joint.get("stiffness", 1.0) >= 0
            assert 0 <= joint.get("dragForce", 0.5) <= 1
            assert joint.get("hitRadius", 0.0) >= 0
            assert np.linalg.norm(joint.get("gravityDir", [0, -1, 0])) == pytest.approx(1)


def rigged_document(springs: tuple[Spring, ...] | None = None) -> tuple[dict, Rig]:
    """A person in a skirt, with a braid and a tail."""
    made = figure(cone(0.56, 0.28, 0.12, 0.22), braid(), tail=True)
    armature, skin, found, _ = with_chains(made, 4)
    pose = Pose(np.array([0, 0, 1.0]), np.array([0, -1.0, 0]), np.array([1.0, 0, 0]), 1.0)
    rig = Rig(armature, skin, Report(1, 1, 1, 0, valid=True, score=1.0), pose, found if springs is None else springs)
    asset = mesh_asset(made.mesh, "person")
    add_rig(asset, read_scene(asset), rig, "person_rig")
    return asset.document, rig


def test_springs_are_written_as_the_specification_has_them():
    document, rig = rigged_document()
    check_springs(document)
    springs = document["extensions"]["VRMC_springBone"]["springs"]
    assert {spring["name"] for spring in springs} == {spring.name for spring in rig.springs}
    assert {"tail", "hair", "skirt.F"} <= {spring["name"] for spring in springs}
    names = [node.get("name") for node in document["nodes"]]
    tail = next(spring for spring in springs if spring["name"] == "tail")
    assert [names[joint["node"]] for joint in tail["joints"]] == ["tail", "tail.001", "tail.001_end"]
    skirt = next(spring for spring in springs if spring["name"] == "skirt.F")
    around = [document["extensions"]["VRMC_springBone"]["colliderGroups"][number] for number in skirt["colliderGroups"]]
    assert {group["name"] for group in around} == {"thigh.L", "thigh.R", "shin.L", "shin.R"}


def test_a_rig_without_springs_has_no_extension():
    document, _ = rigged_document(())
    assert "extensions" not in document


def test_springs_of_bones_that_are_gone_are_left_out():
    made = rigged_document()[1].springs
    document, _ = rigged_document((replace(made[0], bones=("nobody",)), *made[1:]))
    check_springs(document)
    assert len(document["extensions"]["VRMC_springBone"]["springs"]) == len(made) - 1


def test_a_person_becomes_a_human_of_vrm():
    armature = person_armature()
    asset = mesh_asset(figure().mesh, "person")
    for name in armature.names:
        asset.append("nodes", {"name": name})
    nodes = nodes_of(armature, range(len(armature.names)))
    add_human(asset, armature.names, armature.parents, nodes, "Person", "Somebody")
    extension = asset.document["extensions"]["VRMC_vrm"]
    assert set(extension) == {"specVersion", "meta", "humanoid"}
    assert extension["specVersion"] == "1.0"
    assert extension["meta"]["licenseUrl"] == "https://vrm.dev/licenses/1.0/"
    assert all(extension["meta"]["authors"])
    bones = extension["humanoid"]["humanBones"]
    assert set(REQUIRED) <= set(bones) <= set(KNOWN)
    assert bones["leftUpperLeg"]["node"] == armature.names.index("thigh.L")
    assert len({bone["node"] for bone in bones.values()}) == len(bones)


def test_what_is_no_person_is_refused_with_what_is_missing():
    with pytest.raises(BadRequestError, match="leftHand"):
        human_bones(("hips", "spine", "head"), np.array([-1, 0, 1]))
