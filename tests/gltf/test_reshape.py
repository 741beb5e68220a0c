"""A file whose character gets another rest pose: vertices, normals and morph targets move, and it still is glTF."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from inference.gltf.fitting.reshape import Reshaping
from inference.gltf.open import open_asset
from inference.gltf.rig import add_rig
from inference.gltf.scene import read_scene
from inference.gltf.write import write_glb
from inference.rigging.rest.turns import moved_by, moved_points, moves_of
from tests.gltf.documents import Builder, array, creature, opened, plain, shown_points
from tests.gltf.rigs import three_bones
from tools.validator import issues

SKEWED = {"translation": [1, -2, 3], "rotation": [0, 0.6, 0, 0.8], "scale": [2, 3, 2]}
MIRRORED = {"translation": [0.5, 0, 0], "scale": [-1, 1, 1]}
BENT = np.stack([Rotation.from_rotvec(v).as_matrix() for v in ([0, 0, 0], [0.4, 0.2, 0], [0.9, -0.3, 0.5])])
Z_UP = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])  # glTF -> ours, columns


def with_normals_and_targets(points: np.ndarray, corners: np.ndarray, **node: object) -> Builder:
    """The creature with normals that point away from its middle, and a target that moves some of it."""
    made = plain(points, corners, **node)
    away = points - points.mean(0)
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    step = np.where(points[:, :1] > points[:, 0].mean(), 0.1, 0.0) * away
    primitive = made.document["meshes"][0]["primitives"][0]
    primitive["attributes"]["NORMAL"] = made.accessor(away.astype("<f4"), "VEC3")
    primitive["targets"] = [{"POSITION": made.positions(step)}]
    made.document["meshes"][0]["weights"] = [0.0]
    return made


def reposed(source: Path, target: Path):
    """Write `source` with three bones that rest bent to `target`; where its vertices should be, Z up, and the moves."""
    asset = open_asset(source)
    scene = read_scene(asset)
    rig = three_bones(scene.mesh)
    moves = moves_of(rig.armature, BENT)
    assert rig.skin is not None
    bent = replace(rig, armature=moved_by(rig.armature, moves))
    add_rig(asset, scene, bent, "Fox_rig", reshaping=Reshaping.by(rig.skin, moves))
    write_glb(asset, target)
    return scene.mesh.vertices, rig.skin, moves


@pytest.mark.parametrize("node", [{}, SKEWED, MIRRORED], ids=["plain", "skewed", "mirrored"])
def test_a_viewer_shows_the_mesh_in_the_new_rest_pose(tmp_path: Path, node: dict) -> None:
    source, target = tmp_path / "fox.glb", tmp_path / "rigged.glb"
    source.write_bytes(with_normals_and_targets(*creature(24), **node).glb())
    points, skin, moves = reposed(source, target)
    wanted = moved_points(points, skin, moves)
    assert np.linalg.norm(wanted - points, axis=1).max() > 0.1 * np.ptp(points)
    document, binary = opened(target)
    shown = shown_points(document, binary) @ Z_UP
    np.testing.assert_allclose(np.sort(shown, 0), np.sort(wanted, 0), atol=1e-5 * np.ptp(points))
    assert [issue for issue in issues([source, target])[1] if issue.severity == "error"] == []


def test_normals_turn_and_targets_are_the_same_change_of_shape(tmp_path: Path) -> None:
    source, target = tmp_path / "fox.glb", tmp_path / "rigged.glb"
    source.write_bytes(with_normals_and_targets(*creature(24)).glb())
    _, skin, moves = reposed(source, target)
    (before, old), (after, new) = opened(source), opened(target)
    was, now = (document["meshes"][0]["primitives"][0] for document in (before, after))
    maps = np.einsum("vk,vkij->vij", skin.weights.astype(float), moves[skin.bones])[:, :, :3]
    step = array(before, old, was["targets"][0]["POSITION"])
    wanted = np.einsum("vij,vj->vi", maps, step @ Z_UP)  # rows of glTF's world into ours
    np.testing.assert_allclose(array(after, new, now["targets"][0]["POSITION"]) @ Z_UP, wanted, atol=1e-6)
    normals = array(after, new, now["attributes"]["NORMAL"])
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)
    rigid = np.argsort(-skin.weights[:, 0])[:20]
    turned = np.einsum(
        "vij,vj->vi", moves[skin.bones[rigid, 0], :, :3], array(before, old, was["attributes"]["NORMAL"])[rigid] @ Z_UP
    )
    assert (normals[rigid] @ Z_UP * turned).sum(1).min() > 0.9  # nearly rigid, so nearly as their bone
    assert after["accessors"][now["attributes"]["POSITION"]]["min"] == pytest.approx(
        array(after, new, now["attributes"]["POSITION"]).min(0).tolist()
    )
