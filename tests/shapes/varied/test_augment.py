"""Other versions of a shape keep the rig whole."""

from __future__ import annotations

import numpy as np
import pytest

from training.shapes.characters import CHARACTERS
from training.shapes.shape import KnownShape
from training.shapes.varied import augment

SHAPE = CHARACTERS["biped"](2)
RNG = np.random.default_rng


def whole(shape: KnownShape) -> None:
    """Weights fit the mesh and the bones, and parents come first."""
    assert shape.rig is not None
    armature, skin = shape.rig.armature, shape.rig.skin
    assert len(skin.bones) == len(shape.mesh.vertices)
    assert shape.mesh.triangles.max() < len(shape.mesh.vertices)
    assert skin.bones.max() < len(armature.names)
    assert np.allclose(skin.weights.sum(1), 1, atol=1e-5)
    assert (armature.parents < np.arange(len(armature.names))).all()
    assert (armature.parents < 0).sum() == 1


VERSIONS = {
    "fewer bones": lambda: augment.fewer_bones(SHAPE, RNG(0)),
    "decimated": lambda: augment.decimated(SHAPE, 0.4),
    "holed": lambda: augment.holed(SHAPE, RNG(0)),
    "noisy": lambda: augment.noisy(SHAPE, RNG(0)),
    "layered": lambda: augment.layered(SHAPE, RNG(1)),
    "with a prop": lambda: augment.with_prop(SHAPE, RNG(0)),
    "stretched": lambda: augment.stretched(SHAPE, np.array([1.2, 0.9, 1.0])),
    "warped": lambda: augment.warped(SHAPE, RNG(0)),
    "turned": lambda: augment.turned(SHAPE, augment.random_rotation(RNG(0))),
    "any": lambda: augment.augmented(SHAPE, RNG(4)),
}


@pytest.mark.parametrize("name", VERSIONS)
def test_the_rig_stays_whole(name: str) -> None:
    whole(VERSIONS[name]())


def test_a_dropped_bone_leaves_its_weights_and_children_to_its_parent() -> None:
    rig = augment.rig_of(SHAPE)
    names = rig.armature.names
    forearm, upper = names.index("forearm.L"), names.index("upper_arm.L")
    before = rig.skin.dense(len(names))
    less = augment.without_bones(rig, np.array([name == "forearm.L" for name in names]))
    after = less.skin.dense(len(less.armature.names))
    assert "forearm.L" not in less.armature.names
    kept = less.armature.names.index("upper_arm.L")
    assert np.allclose(after[:, kept], before[:, upper] + before[:, forearm], atol=1e-5)
    assert less.armature.parents[less.armature.names.index("hand.L")] == kept
    assert np.allclose(less.armature.tails[kept], rig.armature.tails[forearm])


def test_bones_are_dropped_on_both_sides_alike() -> None:
    for seed in range(6):
        names = augment.rig_of(augment.fewer_bones(SHAPE, RNG(seed), 0.3)).armature.names
        assert {n[:-2] for n in names if n.endswith(".L")} == {n[:-2] for n in names if n.endswith(".R")}


def test_decimation_takes_triangles_away() -> None:
    less = augment.decimated(SHAPE, 0.4)
    assert len(less.mesh.triangles) <= 0.5 * len(SHAPE.mesh.triangles)


def test_stretching_keeps_the_mirror_and_warping_breaks_it() -> None:
    shape = next(s for s in map(CHARACTERS["fish"], range(9)) if augment.rig_of(s).armature.symmetry is not None)
    assert augment.rig_of(augment.stretched(shape, np.array([1.3, 1, 1]))).armature.symmetry is not None
    assert augment.rig_of(augment.warped(shape, RNG(0))).armature.symmetry is None


def test_holes_open_the_surface() -> None:
    holed = augment.holed(SHAPE, RNG(0))
    assert not holed.watertight
    assert holed.genus is None
    assert len(holed.mesh.triangles) < len(SHAPE.mesh.triangles)
