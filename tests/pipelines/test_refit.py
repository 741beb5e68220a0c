"""A person in a file gets another rest pose, or somebody else's skeleton, without Blender."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from inference.anatomy import Mesh, Rig
from inference.axes import bone_axes
from inference.errors import BadRequestError
from inference.gltf.fitting.reshape import Reshaping
from inference.gltf.fitting.skeleton import read_template
from inference.gltf.open import open_asset
from inference.gltf.rig import add_rig
from inference.gltf.scene import read_scene
from inference.gltf.write import write_glb
from inference.pipelines.files import read_mesh
from inference.pipelines.meshes import rig_mesh
from inference.pipelines.refit import Refitted, refitted
from inference.requests import FitOptions, RigOptions
from inference.rigging.skeletons.builtin import Known, builtin
from tests.gltf.documents import plain
from training.shapes.figures import person
from training.shapes.making.implicit import mesh_around


@cache
def rigged() -> tuple[Mesh, Rig]:
    shape = mesh_around(person())
    mesh = Mesh(shape.vertices.astype(np.float32).astype(float), shape.triangles)
    return mesh, rig_mesh(mesh, RigOptions(method="geometric", front="-y", kind="biped"))


def written(fit: FitOptions, path: Path) -> tuple[Refitted, Path]:
    """A file of the person, with what `fit` makes of its rig."""
    mesh, rig = rigged()
    points = np.stack([mesh.vertices[:, 0], mesh.vertices[:, 2], -mesh.vertices[:, 1]], 1)
    (path / "person.glb").write_bytes(plain(points, mesh.triangles).glb())
    asset = open_asset(path / "person.glb")
    scene = read_scene(asset)
    made = refitted(rig, scene.mesh, fit)
    assert made.skin is not None
    assert made.moves is not None
    add_rig(asset, scene, made.rig, "rig", front=made.front, reshaping=Reshaping.by(made.skin, made.moves))
    write_glb(asset, path / "made.glb")
    return made, path / "made.glb"


@pytest.mark.parametrize("known", ["mixamo", "unreal", "vrm"])
def test_the_file_has_the_skeletons_names_and_axes_and_the_mesh_in_its_pose(known: Known, tmp_path: Path):
    _, path = written(FitOptions(skeleton=known), tmp_path)
    template, found = builtin(known), read_template(path)
    assert set(template.names) <= set(found.names)
    order = [found.names.index(name) for name in template.names]
    np.testing.assert_allclose(found.axes[order], template.axes, atol=1e-5)
    hand = found.heads[found.names.index(template.names[template.place["hand.L"]])]
    assert np.linalg.norm(read_mesh(path).vertices - hand, axis=1).min() < 0.1 * np.ptp(rigged()[0].vertices)


def test_t_puts_the_arms_out(tmp_path: Path):
    made, path = written(FitOptions(rest="t"), tmp_path)
    place = {name: bone for bone, name in enumerate(made.rig.armature.names)}
    span = made.rig.armature.heads[place["hand.L"]] - made.rig.armature.heads[place["upper_arm.L"]]
    np.testing.assert_allclose(span / np.linalg.norm(span), (1, 0, 0), atol=1e-6)
    assert np.ptp(read_mesh(path).vertices[:, 0]) > 1.1 * np.ptp(rigged()[0].vertices[:, 0])


def test_a_skeleton_from_a_file_is_fitted_and_one_that_keeps_the_pose_moves_nothing(tmp_path: Path):
    _, path = written(FitOptions(skeleton="unreal"), tmp_path)
    skeleton = path.rename(tmp_path / "mannequin.glb")
    made, path = written(FitOptions(skeleton=str(skeleton)), tmp_path)
    template = builtin("unreal")
    axes = bone_axes(made.rig.armature.heads, made.rig.armature.tails, made.rig.armature.rolls)
    order = [made.rig.armature.names.index(name) for name in template.names]
    np.testing.assert_allclose(axes[order], template.axes, atol=1e-5)
    mesh, rig = rigged()
    kept = refitted(rig, mesh, FitOptions(skeleton="unreal", keep_pose=True))
    assert kept.moves is None
    hand = kept.rig.armature.heads[kept.rig.armature.names.index("hand_l")]
    np.testing.assert_allclose(hand, rig.armature.heads[rig.armature.names.index("hand.L")], atol=1e-9)


def test_what_contradicts_itself_is_refused():
    mesh, rig = rigged()
    for fit, words in (
        (FitOptions(rest="t", skeleton="mixamo"), "its own rest pose"),
        (FitOptions(skeleton="nobody"), "no skeleton"),
    ):
        with pytest.raises(BadRequestError, match=words):
            refitted(rig, mesh, fit)
    with pytest.raises(BadRequestError, match="no-bind"):
        refitted(Rig(rig.armature, None, rig.report, rig.pose), mesh, FitOptions(rest="a"))
