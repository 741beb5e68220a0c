"""Files that are no glTF become one: the same shape, standing as their format has it, and nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import trimesh
from scipy.spatial import KDTree

from inference.errors import FileError
from inference.gltf.open import open_asset, referenced_files
from inference.gltf.scene import read_scene
from tests.gltf.documents import opened
from tests.gltf.rigs import NAMES, rigged
from tools.sample import make_creature
from tools.validator import issues


@pytest.mark.parametrize("suffix", [".obj", ".ply", ".stl", ".off"])
def test_a_shape_stands_upright_and_takes_a_rig(tmp_path: Path, suffix: str) -> None:
    vertices, triangles = make_creature(cells=24)
    stood = vertices @ [[1, 0, 0], [0, 0, -1], [0, 1, 0]] if suffix == ".obj" else vertices  # OBJ has Y up
    source, target = tmp_path / f"fox{suffix}", tmp_path / "rigged.glb"
    trimesh.Trimesh(stood, triangles, process=False).export(source)
    asset = open_asset(source)
    mesh = read_scene(asset).mesh
    assert len(mesh.triangles) == len(triangles)
    assert KDTree(mesh.vertices).query(vertices)[0].max() < 1e-5
    rigged(source, target)
    document, _ = opened(target)
    assert [document["nodes"][joint]["name"] for joint in document["skins"][0]["joints"]] == list(NAMES)
    assert issues([target]) == [[]]


@pytest.mark.parametrize("place", ["fur.mtl", "../fur.mtl"])
def test_materials_are_read_beside_the_file_and_from_nowhere_else(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "asset"
    folder.mkdir()
    (folder / place).write_text("newmtl fur\nKd 0.25 0.5 0.75\n")
    (folder / "fox.obj").write_text(f"mtllib {place}\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl fur\nf 1 2 3\n")
    materials = open_asset(folder / "fox.obj").document.get("materials", [])
    coloured = any(entry.get("pbrMetallicRoughness", {}).get("baseColorFactor", [0])[0] for entry in materials)
    inside = place == "fur.mtl"
    assert coloured == inside
    assert referenced_files(folder / "fox.obj") == ([folder / "fur.mtl"] if inside else [])


@pytest.mark.parametrize("name", ["fox.fbx", "fox.obj", "fox.ply", "fox.stl", "fox.off", "none.obj"])
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, name: str) -> None:
    if name != "none.obj":
        (tmp_path / name).write_bytes(b"not a mesh at all\n" * 3)
    with pytest.raises(FileError, match=name.partition(".")[0]):
        read_scene(open_asset(tmp_path / name))
