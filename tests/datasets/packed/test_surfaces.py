"""What is packed comes back, in the frame that is promised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from inference.anatomy import Armature, Mesh, SkinWeights
from training.datasets.builders.build import build
from training.datasets.builders.sources import Files, Generated, Library
from training.datasets.packed.surfaces import Surfaces, pack, pack_mesh, quantised_samples, read_packed
from training.datasets.store.errors import DamagedItemError, DamagedShardError
from training.datasets.store.records import write_file

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def mesh_of(shape: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(shape.vertices, np.float64), np.asarray(shape.faces, np.int32))


def two_bones() -> Armature:
    return Armature(
        names=("lower", "upper"),
        parents=np.array([-1, 0], np.int32),
        heads=np.array([[0.0, 0, -2], [0, 0, 0]]),
        tails=np.array([[0.0, 0, 0], [0, 0, 2]]),
        rolls=np.zeros(2),
        connected=np.array([False, True]),
        confidence=np.ones(2),
        deform=np.ones(2, bool),
        radii=np.ones((2, 2)),
    )


def rigged_box() -> tuple[Mesh, SkinWeights]:
    """A post from z = -2 to 2, whose upper half follows the upper bone."""
    mesh = mesh_of(trimesh.creation.box(extents=(1, 0.5, 4)).subdivide().subdivide())
    up = np.clip(mesh.vertices[:, 2] + 0.5, 0, 1).astype(np.float32)
    return mesh, SkinWeights(np.tile(np.array([1, 0], np.int32), (len(up), 1)), np.stack([up, 1 - up], 1))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    mesh, skin = rigged_box()
    assets = [
        pack_mesh("ball", "object", "val", mesh_of(trimesh.creation.icosphere()), 256),
        pack_mesh(
            "post", "post", "train", mesh, 256, faces_front=True, turn=np.eye(3), armature=two_bones(), skin=skin
        ),
    ]
    write_file(tmp_path / "packed", "surfaces", {asset.name: asset.stored for asset in assets})
    again = read_packed(tmp_path / "packed")
    for ours, theirs in zip(assets, again, strict=True):
        assert (ours.name, ours.kind, ours.split, ours.faces_front) == (
            theirs.name,
            theirs.kind,
            theirs.split,
            theirs.faces_front,
        )
        assert ours.names == theirs.names
        for field in ("points", "normals", "bones", "shares", "parents", "heads", "tails"):
            np.testing.assert_array_equal(getattr(ours, field), getattr(theirs, field))
    assert [asset.rigged for asset in again] == [False, True]


def test_the_longest_side_is_one_and_the_left_goes_to_plus_x() -> None:
    mesh, skin = rigged_box()
    turn = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])  # what was at +Y is the left
    asset = pack_mesh("post", "post", "train", mesh, 2000, faces_front=True, turn=turn, armature=two_bones(), skin=skin)
    np.testing.assert_allclose(np.ptp(asset.points, axis=0), [0.125, 0.25, 1.0], atol=0.01)
    np.testing.assert_allclose(asset.heads, [[0, 0, -0.5], [0, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(asset.normals, axis=1), 1, atol=1e-5)


def test_points_carry_the_weights_of_where_they_lie() -> None:
    mesh, skin = rigged_box()
    asset = pack_mesh(
        "post", "post", "train", mesh, 2000, faces_front=True, turn=np.eye(3), armature=two_bones(), skin=skin
    )
    dense = asset.skin.dense(2)
    np.testing.assert_allclose(dense.sum(1), 1, atol=1e-6)
    assert (dense[asset.points[:, 2] > 0.3, 1] == 1).all()
    assert (dense[asset.points[:, 2] < -0.3, 0] == 1).all()


def test_points_lie_on_the_surface_evenly_by_area() -> None:
    mesh = mesh_of(trimesh.creation.box(extents=(1, 1, 1)))
    faces, shares, normals = quantised_samples(mesh, 1200, seed=3)
    counts = np.bincount(faces, minlength=12)
    assert counts.min() >= 99
    assert counts.max() <= 101
    assert (shares >= 0).all()
    points = np.einsum("pk,pkd->pd", shares, mesh.vertices[mesh.triangles[faces]])
    np.testing.assert_allclose(np.abs(points).max(1), 0.5)
    np.testing.assert_allclose((points * normals).sum(1), 0.5)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "packed"
    ball = pack_mesh("ball", "object", "val", mesh_of(trimesh.creation.icosphere()), 256)
    write_file(path, "surfaces", {"ball": ball.stored})
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedItemError, match=r"'ball' in '.*packed' is damaged"):
        read_packed(path)
    path.write_bytes(data[:300])
    with pytest.raises(DamagedShardError, match="packed' is damaged"):
        read_packed(path)


def test_generated_families_are_packed_with_their_rigs(tmp_path: Path) -> None:
    build(tmp_path / "made.safetensors", Generated(("biped", "chair", "tree"), range(1)), Surfaces(64))
    assets = {asset.kind: asset for asset in read_packed(tmp_path / "made.safetensors")}
    assert list(assets) == ["biped", "chair", "tree"]
    assert assets["biped"].rigged
    assert assets["biped"].faces_front
    assert not assets["tree"].faces_front
    for asset in assets.values():
        assert np.abs(asset.points).max() <= 0.5 + 1e-4, asset.name
        assert asset.split == "train"


@pytest.mark.skipif(not (DATA / "SOURCES.csv").exists(), reason="no ../shared/data")
def test_animals_of_the_library_face_the_front_with_their_left_at_plus_x() -> None:
    library = Library(DATA)
    name = next(name for name in library.names if "husky" in name.lower() and library.labels(name)["split"] == "train")
    asset = pack(library, name, 512)
    assert asset.faces_front
    assert (asset.plan, len(asset.labels), len(asset.axes)) == ("quadruped", len(asset.names), len(asset.names))
    np.testing.assert_allclose(np.linalg.det(asset.axes), 1, atol=1e-5)
    sides = [name.rsplit(".", 1)[-1] for name in asset.names]
    assert (
        asset.heads[[side == "L" for side in sides], 0].mean() > asset.heads[[side == "R" for side in sides], 0].mean()
    )
    head = asset.names.index("Head")
    assert asset.heads[head, 1] < 0  # in front of the middle


def test_rigs_of_any_source_are_packed_and_what_has_no_bones_too(tmp_path: Path) -> None:
    (tmp_path / "meshes").mkdir()
    mesh, skin = rigged_box()
    rig = two_bones()
    np.savez(
        tmp_path / "meshes" / "post.rig.npz",
        **{name: getattr(rig, name) for name in ("parents", "heads", "tails", "rolls", "connected", "deform")},
        names=np.array(rig.names),
        vertices=mesh.vertices,
        triangles=mesh.triangles,
        bones=skin.bones,
        weights=skin.weights,
    )
    trimesh.creation.icosphere().export(tmp_path / "meshes" / "ball.obj")
    build(tmp_path / "out.safetensors", Files((tmp_path / "meshes",)), Surfaces(128))
    ball, post = read_packed(tmp_path / "out.safetensors")
    assert (ball.name, ball.rigged, ball.shares.shape) == ("ball.obj", False, (128, 4))
    assert (post.names, post.split) == (rig.names, "train")
    assert post.shares.sum(1).tolist() == [255] * 128
