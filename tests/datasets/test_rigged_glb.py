"""Reading skinned GLB files as truth."""

from pathlib import Path

import numpy as np
import pytest

from training.datasets import rigged_glb

from ..skinned_files import write_strip

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.fixture
def strip(tmp_path: Path) -> rigged_glb.RiggedAsset:
    write_strip(tmp_path / "strip.glb")
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
    write_strip(tmp_path / "strip.glb")
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
