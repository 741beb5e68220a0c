"""A rig is added to a file, and nothing else about it changes."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from inference.anatomy import Armature
from inference.errors import RiggedAlreadyError
from inference.gltf.read import read_asset
from inference.gltf.rig import joint_frames
from inference.gltf.scene import read_scene
from inference.gltf.tree import TURN
from tests.gltf.documents import Builder, array, creature, opened, plain, shown_points
from tests.gltf.rigs import NAMES, rigged
from tools.validator import issues, new_issues
from tools.validator.lossless import losses

SKEWED = {"translation": [1, -2, 3], "rotation": [0, 0.6, 0, 0.8], "scale": [2, 3, 2]}
MIRRORED = {"translation": [0.5, 0, 0], "scale": [-1, 1, 1]}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def checked(source: Path, *, replace_rig: bool = False) -> tuple[dict, bytes]:
    """The result of rigging `source`: looks the same, lost nothing, and the validator finds nothing new."""
    target = source.with_name("rigged.glb")
    rigged(source, target, replace_rig=replace_rig)
    before, after = opened(source), opened(target)
    old, new = shown_points(*before), shown_points(*after)
    np.testing.assert_allclose(np.sort(new, 0), np.sort(old, 0), atol=2e-6 * np.ptp(old, axis=0).max())
    assert losses(source, target, replaced=replace_rig) == []
    found = issues([source, target])
    assert new_issues(*found) == []
    return after


def saved(folder: Path, made: Builder) -> Path:
    path = folder / "fox.glb"
    path.write_bytes(made.glb())
    return path


@pytest.mark.parametrize("node", [{}, SKEWED, MIRRORED], ids=["plain", "skewed", "mirrored"])
def test_a_mesh_looks_as_before_wherever_its_node_stands(folder: Path, node: dict) -> None:
    document, _ = checked(saved(folder, plain(*creature(24), **node)))
    skin = document["skins"][0]
    assert [document["nodes"][joint]["name"] for joint in skin["joints"]] == list(NAMES)
    carriers = [node for node in document["nodes"] if "skin" in node]
    assert len(carriers) == 1
    assert not {"translation", "rotation", "scale", "matrix"} & set(carriers[0])


def test_a_mesh_deep_in_the_tree_follows_what_moved_it_before(folder: Path) -> None:
    made = plain(*creature(24), **MIRRORED)
    made.add("nodes", {"name": "above", "children": [0], **SKEWED, "scale": [2, 2, 2]})
    made.add("nodes", {"name": "top", "children": [1], "rotation": [0.6, 0, 0, 0.8]})
    made.document["scenes"][0]["nodes"] = [2]
    document, binary = checked(saved(folder, made))
    rest = shown_points(document, binary)
    lift = np.eye(4)
    lift[1, 3] = 5.0
    moved = shown_points(document, binary, {"top": lift})
    np.testing.assert_allclose(moved - rest, np.tile(moved[0] - rest[0], (len(rest), 1)), atol=1e-4)
    assert np.linalg.norm(moved[0] - rest[0]) == pytest.approx(5.0, abs=1e-4)


def test_a_turned_joint_moves_its_end_of_the_mesh_alone(folder: Path) -> None:
    document, binary = checked(saved(folder, plain(*creature(24), **SKEWED)))
    turn = np.eye(4)
    turn[:3, :3] = [[0, 0, 1], [0, 1, 0], [-1, 0, 0]]
    rest, posed = shown_points(document, binary), shown_points(document, binary, {"head": turn})
    far = np.linalg.norm(posed - rest, axis=1)
    assert far.max() > 0.05 * np.ptp(rest, axis=0).max()
    assert far.min() < 0.1 * far.max()


def full() -> Builder:
    """A document with a little of everything that must survive."""
    points, corners = creature(24)
    made = Builder()
    positions = made.positions(points)
    half = len(corners) // 2
    weights = made.positions(np.zeros_like(points) + np.array([0, 0.01, 0]))
    uv = made.accessor(points[:, :2].astype("<f4"), "VEC2")
    dots = made.accessor(np.arange(0, len(points), 7).astype("<u4"), "SCALAR")
    shared = {"attributes": {"POSITION": positions, "TEXCOORD_0": uv}, "targets": [{"POSITION": weights}]}
    made.add(
        "meshes",
        {
            "primitives": [
                {**json.loads(json.dumps(shared)), "indices": made.indices(corners[:half]), "material": 0},
                {
                    **json.loads(json.dumps(shared)),
                    "indices": made.indices(corners[half:]),
                    "extras": {"b": [1.5, None]},
                },
                {**json.loads(json.dumps(shared)), "indices": dots, "mode": 0},
            ],
            "weights": [0.25],
            "extras": {"targetNames": ["smile"]},
        },
    )
    transform = {"KHR_texture_transform": {"offset": [0.1, 0.2], "scale": [2, 2]}}
    colour = {"baseColorTexture": {"index": 0, "extensions": transform}}
    clearcoat = {"KHR_materials_clearcoat": {"clearcoatFactor": 0.3}}
    made.add("materials", {"name": "fur", "pbrMetallicRoughness": colour, "extensions": clearcoat})
    made.add("textures", {"source": 0})
    made.add("images", {"bufferView": made.view(PIXEL), "mimeType": "image/png"})
    made.add("cameras", {"type": "perspective", "perspective": {"yfov": 0.7, "znear": 0.1}})
    made.document["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point", "color": [1, 0.5, 0.25]}]}}
    used = ["KHR_texture_transform", "KHR_materials_clearcoat", "KHR_lights_punctual"]
    made.document["extensionsUsed"] = used
    made.add("nodes", {"name": "head", "mesh": 0, "weights": [0.5], "translation": [0, 1, 0], "children": [1]})
    made.add("nodes", {"name": "eye", "camera": 0, "extras": {"kept": {"z": 1, "a": 2}}})
    made.add(
        "nodes", {"name": "lamp", "extensions": {"KHR_lights_punctual": {"light": 0}}, "translation": [1, 1, 1e-7]}
    )
    times = made.accessor(np.array([[0], [1.5]], "<f4"), "SCALAR", min=[0], max=[1.5])
    smile = made.accessor(np.array([[0], [1]], "<f4"), "SCALAR")
    for view in (made.document["accessors"][times]["bufferView"], made.document["accessors"][smile]["bufferView"]):
        made.document["bufferViews"][view].pop("target")
    channel = {"sampler": 0, "target": {"node": 0, "path": "weights"}}
    made.add("animations", {"channels": [channel], "samplers": [{"input": times, "output": smile}]})
    made.add("scenes", {"name": "day", "nodes": [0, 2]})
    made.add("scenes", {"name": "night", "nodes": [0]})
    return made


def test_everything_else_in_the_file_is_as_it_was(folder: Path) -> None:
    document, _ = checked(saved(folder, full()))
    carrier = next(number for number, node in enumerate(document["nodes"]) if "skin" in node)
    assert document["animations"][0]["channels"][0]["target"] == {"node": carrier, "path": "weights"}
    assert document["nodes"][carrier]["weights"] == [0.5]
    assert all(carrier in scene["nodes"] for scene in document["scenes"])
    first, second, dots = (item["attributes"] for item in document["meshes"][0]["primitives"])
    assert first["JOINTS_0"] == second["JOINTS_0"] == dots["JOINTS_0"]


def test_each_instance_of_a_mesh_gets_weights_of_its_own(folder: Path) -> None:
    made = plain(*creature(24))
    made.add("nodes", {"name": "Twin", "mesh": 0, "translation": [3, 0, 0]})
    made.document["scenes"][0]["nodes"] = [0, 1]
    document, binary = checked(saved(folder, made))
    meshes = [document["meshes"][node["mesh"]] for node in document["nodes"] if "skin" in node]
    first, second = (array(document, binary, mesh["primitives"][0]["attributes"]["JOINTS_0"]) for mesh in meshes)
    assert meshes[0] is not meshes[1]
    assert (first[:, 0] != second[:, 0]).mean() > 0.9


def test_a_mesh_that_another_scene_shows_too_is_left_to_it(folder: Path) -> None:
    made = plain(*creature(24))
    made.add("nodes", {"name": "Elsewhere", "mesh": 0})
    made.add("scenes", {"nodes": [1]})
    document, _ = checked(saved(folder, made))
    assert "skin" not in document["nodes"][1]
    assert "JOINTS_0" not in document["meshes"][document["nodes"][1]["mesh"]]["primitives"][0]["attributes"]


def test_a_rig_is_replaced_only_when_asked(folder: Path) -> None:
    source = saved(folder, plain(*creature(24), **SKEWED))
    first = folder / "first.glb"
    rigged(source, first)
    with pytest.raises(RiggedAlreadyError, match=r"rig of 3 joints.*--replace-rig"):
        rigged(first, folder / "second.glb")
    document, _ = checked(first, replace_rig=True)
    assert len(document["skins"]) == 1
    assert all("JOINTS_1" not in item["attributes"] for item in document["meshes"][0]["primitives"])


def test_vertices_keep_their_order_and_number(folder: Path) -> None:
    points, corners = creature(24)
    spare = np.concatenate([points, [[50.0, 50, 50]]])  # of no triangle: it must not count as part of the shape
    source = saved(folder, plain(spare, corners))
    scene = read_scene(read_asset(source))
    assert len(scene.mesh.vertices) == len(points)
    document, binary = checked(source)
    attributes = document["meshes"][0]["primitives"][0]["attributes"]
    assert {len(array(document, binary, number)) for number in attributes.values()} == {len(spare)}


def test_the_validator_sees_what_is_wrong_with_a_skin(folder: Path) -> None:
    source, made = folder / "rigged.glb", plain(*creature(24))
    rigged(saved(folder, made), source)
    document, binary = opened(source)
    document["nodes"][0]["translation"] = [1, 2, 3]
    weights = document["accessors"][document["meshes"][0]["primitives"][0]["attributes"]["WEIGHTS_0"]]
    start = document["bufferViews"][weights["bufferView"]]["byteOffset"]
    spoilt = Builder(document, bytearray(binary[:start] + np.float32(0.9).tobytes() + binary[start + 4 :]))
    found = issues([source, saved(folder, spoilt)])
    assert {item.code for item in new_issues(*found)} == {
        "ACCESSOR_WEIGHTS_NON_NORMALIZED",
        "NODE_SKINNED_MESH_LOCAL_TRANSFORMS",
    }


def test_the_same_file_gives_the_same_bytes(folder: Path) -> None:
    source = saved(folder, full())
    for name in ("one.glb", "two.glb"):
        rigged(source, folder / name)
    assert (folder / "one.glb").read_bytes() == (folder / "two.glb").read_bytes()


def test_joints_of_bones_next_to_minus_y_are_at_right_angles() -> None:
    """There Blender's axes are not, and what a joint does is undone by a matrix that takes it to only turn."""
    tails = np.array([[1e-4, -1.0, 2e-4], [2e-4, -1.0, -1e-4], [0.0, -1.0, 0.0], [0.3, 0.5, 0.2]])
    count = len(tails)
    armature = Armature(
        tuple("abcd"),
        np.array([-1, 0, 1, 2]),
        np.zeros((count, 3)),
        tails,
        np.zeros(count),
        np.zeros(count, bool),
        np.ones(count),
        np.ones(count, bool),
        np.zeros((count, 2)),
    )
    axes = joint_frames(armature)[:, :3, :3]
    np.testing.assert_allclose(axes @ axes.transpose(0, 2, 1), np.tile(np.eye(3), (count, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(axes[:, :, 1] @ TURN, tails / np.linalg.norm(tails, axis=1)[:, None], atol=2e-4)
