"""Reading skinned GLB files as truth."""

from pathlib import Path

import numpy as np
import pytest

from training.datasets import rigged_glb

from ..skinned_files import write_skinned

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


def write_glb(path: Path) -> None:
    """A strip along glTF's +Z (forwards) with a child joint stored before its parent."""
    positions = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1], [1, 0, 1], [0, 0, 2], [1, 0, 2]], np.float32)
    triangles = np.array([[0, 2, 1], [1, 2, 3], [2, 4, 3], [3, 4, 5]], np.uint16)
    joints = np.array([[1, 0, 0, 0]] * 2 + [[1, 0, 0, 0]] * 2 + [[0, 0, 0, 0]] * 2, np.uint8)
    weights = np.array([[255, 0, 0, 0]] * 2 + [[85, 170, 0, 0]] * 2 + [[255, 0, 0, 0]] * 2, np.uint8)
    nodes: list[dict[str, object]] = [
        {"name": "Tip", "translation": [0, 0, 1]},
        {"name": "Base", "translation": [0.5, 0, 0], "children": [0]},
    ]
    heads = np.array([[0.5, 0, 1], [0.5, 0, 0]], np.float32)
    write_skinned(path, positions, triangles, joints, weights, nodes, heads)


@pytest.fixture
def strip(tmp_path: Path) -> rigged_glb.RiggedAsset:
    write_glb(tmp_path / "strip.glb")
    return rigged_glb.read_rigged(tmp_path / "strip.glb")


def test_forward_becomes_minus_y(strip: rigged_glb.RiggedAsset) -> None:
    assert strip.mesh.vertices[:, 1].min() == -2
    assert np.allclose(strip.mesh.vertices[:, 2], 0)
    assert np.allclose(strip.joints, [[0.5, 0, 0], [0.5, -1, 0]])


def test_parents_come_before_children_and_weights_follow(strip: rigged_glb.RiggedAsset) -> None:
    assert strip.names == ("Base", "Tip")
    assert strip.parents.tolist() == [-1, 0]
    dense = strip.skin.dense(2)
    assert dense[0] == pytest.approx([1, 0])
    assert dense[5] == pytest.approx([0, 1])
    # Accessor of the joints says 1 (Base) for 85 and 0 (Tip) for 170 of 255.
    assert dense[2] == pytest.approx([1 / 3, 2 / 3], abs=1e-6)


def test_the_heaviest_bone_comes_first(strip: rigged_glb.RiggedAsset) -> None:
    assert (np.diff(strip.skin.weights, axis=1) <= 0).all()


def test_a_leaf_bone_ends_where_its_flesh_ends(strip: rigged_glb.RiggedAsset) -> None:
    armature = rigged_glb.as_armature(strip)
    assert armature.tails[0] == pytest.approx([0.5, -1, 0])
    assert armature.connected.tolist() == [False, True]
    assert armature.tails[1] == pytest.approx([0.5, -2, 0], abs=0.05)


def test_a_file_without_skin_is_refused(tmp_path: Path) -> None:
    write_glb(tmp_path / "strip.glb")
    data = (tmp_path / "strip.glb").read_bytes().replace(b'"skins"', b'"skimz"')
    (tmp_path / "strip.glb").write_bytes(data)
    with pytest.raises(rigged_glb.NotSkinnedError):
        rigged_glb.read_rigged(tmp_path / "strip.glb")
    assert len(rigged_glb.read_mesh(tmp_path / "strip.glb").triangles) == 4


@pytest.mark.skipif(not DATA.exists(), reason="the optional rigged assets are not beside the repository")
def test_every_tenth_real_asset_has_one_root_and_full_weights() -> None:
    for listing in rigged_glb.list_assets(DATA)[::10]:
        asset = rigged_glb.read_rigged(listing)
        assert (asset.parents[1:] >= 0).all(), asset.name
        assert (asset.parents < np.arange(len(asset.parents))).all(), asset.name
        assert np.allclose(asset.skin.weights.sum(1), 1, atol=1e-5), asset.name
        armature = rigged_glb.as_armature(asset)
        assert (armature.lengths > 0).all(), asset.name


@pytest.mark.skipif(not DATA.exists(), reason="the optional rigged assets are not beside the repository")
def test_an_upright_human_stands_on_z_and_has_its_left_at_plus_x() -> None:
    listing = rigged_glb.list_assets(DATA, "val", ("biped human",))[0]
    asset = rigged_glb.read_rigged(listing)
    where = dict(zip(asset.names, asset.joints, strict=True))
    assert where["Head"][2] > where["Hips"][2] > where["LeftFoot"][2]
    assert where["LeftHand"][0] > 0 > where["RightHand"][0]
    assert where["LeftToeBase"][1] < where["LeftFoot"][1]
