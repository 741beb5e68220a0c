import numpy as np
import trimesh

from inference.anatomy import Mesh, SkinWeights
from inference.rigging.skin.smooth import smooth_weights


def halves() -> tuple[Mesh, SkinWeights]:
    """A ball whose upper half follows bone 1, its lower half bone 0."""
    ball = trimesh.creation.icosphere(subdivisions=3)
    bones = (ball.vertices[:, 2] > 0).astype(np.int32)[:, None]
    return Mesh(np.asarray(ball.vertices), np.asarray(ball.faces, np.int32)), SkinWeights(
        bones, np.ones((len(bones), 1), np.float32)
    )


def test_a_hard_border_becomes_a_soft_one_and_far_vertices_keep_their_bone():
    mesh, skin = halves()
    smooth = smooth_weights(mesh, skin, 2, 3, 4).dense(2)
    np.testing.assert_allclose(smooth.sum(1), 1, atol=1e-5)
    height = mesh.vertices[:, 2]
    middle = np.abs(height) < 0.05
    assert ((smooth[middle, 1] > 0.1) & (smooth[middle, 1] < 0.9)).all()
    assert (smooth[height > 0.9, 1] == 1).all()


def test_no_rounds_change_nothing_and_the_limit_of_influences_holds():
    mesh, skin = halves()
    assert smooth_weights(mesh, skin, 2, 0, 4) is skin
    assert smooth_weights(mesh, skin, 2, 5, 1).weights.shape[1] == 1


def test_vertices_in_the_same_place_stay_together():
    mesh, skin = halves()
    torn = Mesh(
        mesh.vertices[mesh.triangles].reshape(-1, 3), np.arange(3 * len(mesh.triangles), dtype=np.int32).reshape(-1, 3)
    )
    corners = mesh.triangles.ravel()
    whole = smooth_weights(mesh, skin, 2, 3, 4).dense(2)
    split = smooth_weights(torn, SkinWeights(skin.bones[corners], skin.weights[corners]), 2, 3, 4).dense(2)
    np.testing.assert_allclose(split, whole[corners], atol=1e-5)
