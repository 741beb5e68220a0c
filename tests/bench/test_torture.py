"""Whatever a mesh is like, the answer is a valid rig or an error that says what to do."""

import numpy as np
import pytest

from inference.anatomy import Mesh
from inference.errors import BonewrightError
from inference.pipelines.meshes import rig_mesh
from tools.bench.rigs.torture import verdict_on
from training.shapes.varied.broken import WAYS, broken_mesh

# Every way of breaking once, on small shapes where there is a choice, and what was once too hard: crumpled shapes,
# faces that rounding flattens, nothing where the feet should be.
SEEDS = (4, 5, 7, 9, 10, 11, 12, 13, 14, 15, 20, 26, 27, 28, 29, 31, 33, 36, 37, 43, 51, 54, 57, 58, 59, 69, 73, 76, 95)
SEEDS += (0, 21, 56, 105, 135, 157, 193, 205, 228, 522, 590)
assert {seed % len(WAYS) for seed in SEEDS} == set(range(len(WAYS)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_broken_mesh_gives_a_valid_rig_or_a_named_error(seed: int) -> None:
    broken = broken_mesh(seed)
    how, detail = verdict_on(broken.mesh)
    assert how in ("valid rig", "named error"), f"{broken.name}: {how}: {detail}"
    assert detail.strip()


def test_the_mesh_that_was_handed_in_is_never_changed() -> None:
    for seed in (5, 13, 28, 31, 36, 157):
        mesh = broken_mesh(seed).mesh
        before = mesh.vertices.tobytes(), mesh.triangles.tobytes()
        verdict_on(mesh)
        assert (mesh.vertices.tobytes(), mesh.triangles.tobytes()) == before


@pytest.mark.parametrize(
    "mesh",
    [
        Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32)),
        Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]], np.int32)),
        Mesh(np.full((3, 3), np.nan), np.array([[0, 1, 2]], np.int32)),
    ],
    ids=["nothing", "a point", "no numbers"],
)
def test_what_has_no_surface_gets_an_error_with_advice(mesh: Mesh) -> None:
    with pytest.raises(BonewrightError) as caught:
        rig_mesh(mesh)
    assert len(str(caught.value).split()) > 5
