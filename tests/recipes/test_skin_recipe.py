"""The recipe of the skin network on a bar with two bones: lessons come back, batches repeat, losses fall."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.anatomy import Armature, Mesh, SkinWeights
from inference.geometry.solid.make import make_solid
from inference.rigging.skin.bind import skin_mesh
from inference.rigging.skin.evidence import Evidence
from training.datasets.builders.build import build
from training.datasets.builders.sources import Files
from training.datasets.packed.priors import Bound, Priors, jittered, lesson_of, read_lessons, without_some
from training.datasets.rigged_glb import RiggedAsset
from training.datasets.store.records import write_file
from training.lessons.skin import is_held
from training.loop.recipe import Draw, Moment
from training.recipes.skin import RECIPE, SkinConfig, dice

torch.set_num_threads(1)


def tube(seed: int) -> Mesh:
    """Along x, round, a little different each time."""
    random = np.random.default_rng(seed)
    x, angle = np.meshgrid(np.linspace(-0.5, 0.5, 25), np.linspace(0, 2 * np.pi, 12, endpoint=False), indexing="ij")
    radius = 0.08 + 0.02 * np.sin(random.uniform(3, 6) * x)
    vertices = np.stack([x, radius * np.cos(angle), radius * np.sin(angle)], -1).reshape(-1, 3)
    at = np.arange(25 * 12).reshape(25, 12)
    a, b = at[:-1], np.roll(at, -1, 1)[:-1]
    c, d = np.roll(at, -1, 1)[1:], at[1:]
    triangles = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    return Mesh(vertices, triangles.astype(np.int32))


def bones() -> Armature:
    heads = np.array([[-0.48, 0, 0], [-0.1, 0, 0], [0.2, 0, 0]])
    tails = np.array([[-0.1, 0, 0], [0.2, 0, 0], [0.48, 0, 0]])
    return Armature(
        ("a", "b", "c"),
        np.array([-1, 0, 1], np.int32),
        heads,
        tails,
        np.zeros(3),
        np.array([False, True, True]),
        np.ones(3),
        np.ones(3, bool),
        np.full((3, 2), 0.08),
    )


def bound(seed: int) -> Bound:
    """The artist here paints hard borders."""
    found: list[Evidence] = []

    def listen(evidence: Evidence) -> np.ndarray:
        found.append(evidence)
        return evidence.weights

    mesh = tube(seed)
    skin_mesh(mesh, make_solid(mesh), bones(), correct=listen)
    return Bound(found[0], np.eye(3)[np.digitize(mesh.vertices[:, 0], [-0.1, 0.2])])


def rig(seed: int, split: str) -> RiggedAsset:
    """The tube's bones with the artist's borders."""
    mesh, whole = tube(seed), bones()
    side = np.digitize(mesh.vertices[:, 0], [-0.1, 0.2]).astype(np.int32)
    skin = SkinWeights(side[:, None], np.ones((len(side), 1), np.float32))
    return RiggedAsset(f"tube{seed}", "tube", split, mesh, whole.names, whole.parents, whole.heads, skin)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> SkinConfig:
    path = tmp_path_factory.mktemp("priors") / "priors.safetensors"
    made = [lesson_of(rig(seed, split), bound(seed), 0, 128) for seed, split in enumerate((*["train"] * 3, "val"))]
    write_file(path, "priors", {lesson.name: lesson for lesson in made})
    return SkinConfig(data=path, width=16, layers=1, bone_width=16, bone_layers=1, points=64, batch_size=6, steps=40)


def test_lessons_come_back_from_their_file(config: SkinConfig):
    lesson = read_lessons(config.data)[0]
    again = lesson_of(rig(0, "train"), bound(0), 0, 128)
    assert (lesson.name, lesson.kind, lesson.split, lesson.varied) == ("tube0", "tube", "train", 0)
    assert np.allclose(lesson.pairs, again.pairs, atol=4e-3)
    assert np.allclose(lesson.artist, again.artist)
    assert np.allclose(lesson.artist.sum(1) + lesson.missed, 1, atol=1e-3)


def test_copies_of_a_rig_to_learn_from_lie_behind_it(tmp_path: Path) -> None:
    for seed in range(2):
        asset, armature = rig(seed, "train"), bones()
        np.savez(
            tmp_path / f"tube{seed}.rig.npz",
            **{name: getattr(armature, name) for name in ("parents", "heads", "tails", "rolls", "connected", "deform")},
            names=np.array(armature.names),
            vertices=asset.mesh.vertices,
            triangles=asset.mesh.triangles,
            bones=asset.skin.bones,
            weights=asset.skin.weights,
        )
    built = build(tmp_path / "made.safetensors", Files((tmp_path,)), Priors(points=50, varied=2))
    assert built.skipped == ()
    found = [
        (lesson.name[:5], lesson.varied, len(lesson.artist)) for lesson in read_lessons(tmp_path / "made.safetensors")
    ]
    assert found == [(f"tube{seed}", varied, 50) for seed in range(2) for varied in range(3)]


def test_a_bone_that_is_left_out_leaves_its_weight_to_its_parent():
    dense = np.eye(3)[np.arange(30) % 3]
    lost = 0
    for seed in range(40):
        simpler, weights = without_some(bones(), dense, np.random.default_rng(seed))
        lost += 3 - len(simpler.names)
        assert np.allclose(weights.sum(1), 1)
        assert simpler.names[0] == "a"
        assert (simpler.parents < np.arange(len(simpler.names))).all()
    assert lost > 0


def test_jitter_keeps_connected_bones_together():
    moved, _ = jittered(bones(), tube(0).vertices, np.random.default_rng(1))
    assert np.allclose(moved.tails[:-1], moved.heads[1:])


def test_a_batch_is_a_function_of_its_draw(config: SkinConfig):
    stage = RECIPE.stages(config)[0]
    one, other = (RECIPE.batch(config, stage, Draw(1, 0, 5, 0, 4)) for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_perfect_answer_has_no_dice_loss():
    artist = torch.eye(3)[torch.arange(12) % 3][None]
    near = torch.arange(3).expand(1, 12, 3)
    assert float(dice(artist, artist, near, 3)) < 1e-6
    assert float(dice(artist.roll(1, 2), artist, near, 3)) > 0.9


@pytest.mark.parametrize("without", ["", "prior", "mixing", "hops", "dice"])
def test_the_loss_falls_with_and_without_each_part(config: SkinConfig, without: str):
    config = replace(config, **{without: False}) if without else config
    torch.manual_seed(0)
    model, stage = RECIPE.build(config), RECIPE.stages(config)[0]
    optimiser = torch.optim.AdamW(model.parameters(), 5e-3)
    losses = []
    for step in range(40):
        loss, _ = RECIPE.loss(
            config, model, RECIPE.batch(config, stage, Draw(0, 0, step, 0, 6)), Moment(stage, "all", step, step)
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])
    numbers = RECIPE.evaluate(config, model.eval(), "val")
    if without != "prior":
        assert numbers["tube: L1 without doubt"] < numbers["tube: geometric L1"]


def test_designs_are_held_back_together(config: SkinConfig):
    lesson = read_lessons(config.data)[0]
    first, second = (is_held(replace(lesson, name=f"a_pack_of_{end}")) for end in ("one", "two"))
    assert first == second
