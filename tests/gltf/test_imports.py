"""Rigged files in other programs: three.js and trimesh have every vertex where we have it, at rest and posed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from inference.pipelines.files import read_mesh, rig_document, rig_file, write_result
from inference.requests import RigOptions
from tests.gltf.documents import creature, opened, plain, shown_points
from tools.three import posed_points
from tools.validator import issues
from tools.validator.lossless import losses

FAST = RigOptions(method="geometric", weights="geometric")
TURNED = {"translation": [0.5, 1, -2], "rotation": [0, 0.6, 0, 0.8], "scale": [2, 2.5, 2]}


@pytest.fixture(scope="module")
def rigged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imports")
    (folder / "fox.glb").write_bytes(plain(*creature(30), **TURNED).glb())
    rig_file(folder / "fox.glb", folder / "rigged.glb", FAST)
    return folder / "rigged.glb"


def test_three_js_poses_it_as_gltf_says(rigged: Path) -> None:
    document, binary = opened(rigged)
    size = np.ptp(shown_points(document, binary), axis=0).max()
    np.testing.assert_allclose(posed_points(rigged, {}), shown_points(document, binary), atol=1e-4 * size)
    turn = Rotation.from_rotvec([0.4, 0.0, 0.5])
    joints = document["skins"][0]["joints"]
    for node in (joints[0], joints[len(joints) // 2], joints[-1]):
        bone = document["nodes"][node]["name"]
        matrix = np.eye(4)
        matrix[:3, :3] = turn.as_matrix()
        said = shown_points(document, binary, {bone: matrix})
        assert np.abs(said - shown_points(document, binary)).max() > 0.001 * size
        np.testing.assert_allclose(posed_points(rigged, {node: turn.as_quat()}), said, atol=1e-4 * size)


def test_trimesh_reads_the_same_mesh(rigged: Path) -> None:
    """It knows no skins: it shows what is stored, and that is at rest where we say."""
    scene = trimesh.load_scene(rigged)
    (mesh,) = scene.geometry.values()
    assert isinstance(mesh, trimesh.Trimesh)
    stored = read_mesh(rigged.with_name("fox.glb"))
    assert len(mesh.vertices) == len(stored.vertices)
    assert sorted(map(tuple, np.sort(mesh.faces, 1))) == sorted(map(tuple, np.sort(stored.triangles, 1)))


def test_a_gltf_with_its_buffer_beside_it_is_the_same_document(rigged: Path, tmp_path: Path) -> None:
    """Khronos' validator finds nothing, and with its buffer within it is the .glb byte for byte."""
    _, packed = rig_document(rigged.with_name("fox.glb"), FAST)
    write_result(packed, tmp_path / "the fox.gltf")
    write_result(packed, tmp_path / "again.glb")
    assert (tmp_path / "again.glb").read_bytes() == rigged.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.glb", "the fox.bin", "the fox.gltf"]
    assert issues([tmp_path / "the fox.gltf"]) == issues([rigged])
    document = json.loads((tmp_path / "the fox.gltf").read_text())
    assert document["buffers"][0].pop("uri") == "the%20fox.bin"
    assert (document, (tmp_path / "the fox.bin").read_bytes()[: document["buffers"][0]["byteLength"]]) == opened(rigged)
    np.testing.assert_array_equal(read_mesh(tmp_path / "the fox.gltf").vertices, read_mesh(rigged).vertices)
    assert losses(rigged.with_name("fox.glb"), tmp_path / "again.glb") == []
