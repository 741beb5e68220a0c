"""A mesh that comes from no file becomes a valid document that keeps its vertices in their order; latents as files."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh, Shape, SkeletalLatent
from inference.errors import FileError, WriteError
from inference.gltf.open import open_asset
from inference.gltf.scene import read_scene
from inference.pipelines.files import read_latent, read_mesh, write_latent, write_shape
from inference.pipelines.shapes import NO_CURVES
from tests.gltf.rigs import three_bones
from tools.validator import issues

BALL = trimesh.creation.icosphere(subdivisions=2)
MESH = Mesh(BALL.vertices * [1.0, 2.0, 3.0], BALL.faces.astype(np.int32))
LATENT = SkeletalLatent(
    np.eye(3, dtype=np.float32),
    np.ones(3, np.float32),
    np.arange(6, dtype=np.float32).reshape(3, 2),
    np.array([1.0, 2, 3]),
    4.5,
)


@pytest.mark.parametrize("rigged", [True, False])
def test_a_shape_is_written_as_a_valid_file_that_shows_it(tmp_path: Path, *, rigged: bool) -> None:
    shape = Shape(LATENT, MESH, NO_CURVES, three_bones(MESH) if rigged else None)
    target = tmp_path / "new" / "ball.glb"
    write_shape(shape, target)
    assert issues([target]) == [[]]
    back = read_mesh(target)
    assert np.allclose(back.vertices, MESH.vertices, atol=1e-6)
    assert np.array_equal(back.triangles, MESH.triangles)
    asset = open_asset(target)
    assert len(asset.entries("skins")) == rigged
    assert [node.name for node in read_scene(asset, replace_rig=True).nodes] == ["ball"]


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="cannot be written"):
        write_latent(LATENT, tmp_path / "file" / "latent.npz")


def test_a_latent_comes_back_as_it_was_and_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "latent.npz"
    write_latent(LATENT, path)
    back = read_latent(path)
    for field in fields(LATENT):
        assert np.array_equal(getattr(back, field.name), getattr(LATENT, field.name)), field.name
    broken = {
        "words.npz": b"no archive at all",
        "other.npz": (tmp_path / "latent.npz").read_bytes()[:100],
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileError, match="holds no skeletal latent"):
            read_latent(tmp_path / name)
    write_latent(replace(LATENT, radii=np.array([1.0, -1.0, 1.0])), path)
    with pytest.raises(FileError, match="holds no skeletal latent"):
        read_latent(path)
    with pytest.raises(FileError, match="cannot be read"):
        read_latent(tmp_path / "missing.npz")
