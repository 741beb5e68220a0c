"""The recipes of the rigging networks on a few generated shapes: batches repeat, losses fall, ablations differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.anatomy import Armature
from training.datasets.builders.build import build
from training.datasets.builders.sources import Generated
from training.datasets.packed.guesses import Guesses, GuessRecord, read_guesses
from training.datasets.packed.surfaces import PackedAsset
from training.datasets.store.errors import DamagedItemError
from training.datasets.store.records import write_file
from training.lessons.joints import APART, family_of, lesson_of, lessons
from training.loop.recipe import C, Draw, Moment, Recipe
from training.losses.graphs import assign, matched_adjacency, spectral_loss, spectrum
from training.recipes import cortex, joints

torch.set_num_threads(1)


@dataclass(frozen=True)
class Made:
    """Two people and a dog, one of each split."""

    assets: list[PackedAsset]
    guesses: list[Armature]
    surfaces: Path
    armatures: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("rigs")
    assets: list[PackedAsset] = []
    records: list[GuessRecord] = []
    for family, seed in (("biped", 0), ("biped", 4), ("fish", 1)):
        for record, _ in Guesses(4096).make(Generated((family,), (seed,)), f"{family}/{seed:06d}"):
            if isinstance(record, PackedAsset):
                assets.append(replace(record, split="val") if len(assets) == 1 else record)
            if isinstance(record, GuessRecord):
                records.append(record)
    surfaces, armatures = folder / "surfaces.safetensors", folder / "guesses.safetensors"
    write_file(surfaces, "surfaces", {asset.name: asset for asset in assets})
    write_file(armatures, "guesses", {asset.name: guess for asset, guess in zip(assets, records, strict=True)})
    return Made(assets, [record.noun() for record in records], surfaces, armatures)


def joints_config(made: Made) -> joints.JointsConfig:
    return joints.JointsConfig(
        data=(made.surfaces,), guesses=made.armatures, width=32, layers=1, batch_size=4, steps=8, points=512
    )


def cortex_config(made: Made) -> cortex.CortexConfig:
    return cortex.CortexConfig(data=(made.surfaces,), width=32, layers=1, scales=2, batch_size=4, steps=8, points=512)


def test_guesses_survive_being_written_and_damage_is_named(made: Made, tmp_path: Path) -> None:
    read = read_guesses(made.armatures)
    for asset, guess in zip(made.assets, made.guesses, strict=True):
        again = read[asset.name]
        assert again.names == guess.names
        assert np.allclose(again.heads, guess.heads, atol=1e-6)
    broken = tmp_path / "broken.safetensors"
    data = bytearray(made.armatures.read_bytes())
    data[-20] ^= 255
    broken.write_bytes(data)
    with pytest.raises(DamagedItemError, match=r"broken\.safetensors"):
        read_guesses(broken)


def test_surfaces_may_carry_their_guesses(tmp_path: Path) -> None:
    path = tmp_path / "characters.safetensors"
    build(path, Generated(("fish",), (1,)), Guesses(256))
    (lesson,) = lessons((path,), path)
    assert lesson.asset.name == "fish/000001"
    assert len(lesson.asset.points) == 256
    assert (lesson.truth >= 0).sum() > 3


def test_bones_meet_the_joints_of_the_same_name(made: Made) -> None:
    lesson = lesson_of(made.assets[0], made.guesses[0])
    asset = made.assets[0]
    for bone, joint in enumerate(lesson.truth):
        name = lesson.guess.names[bone]
        if joint >= 0 and name in asset.names:
            apart = np.linalg.norm(lesson.guess.heads[bone] - asset.heads[asset.names.index(name)])
            assert asset.names[joint] == name or apart > APART
    assert (lesson.truth >= 0).sum() > 10


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("LeftHandIndex2", "f_index.L"),
        ("Thumb1.R", "thumb.R"),
        ("RightEye", "eye.R"),
        ("PinkyFinger1.L", "f_pinky.L"),
        ("Index1", ""),
        ("Hips", ""),
        ("Eyebrow.R", ""),
    ],
)
def test_artists_names_of_fingers_and_eyes_are_read(name: str, family: str) -> None:
    assert family_of(name) == family


def check_draws(recipe: Recipe[C], config: C) -> None:
    stage = recipe.stages(config)[0]
    one, same, other = (recipe.batch(config, stage, Draw(seed, 0, 3, 0, 4)) for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["points"], other["points"])


def test_equal_draws_are_equal_batches_and_others_differ(made: Made) -> None:
    check_draws(joints.RECIPE, joints_config(made))
    check_draws(cortex.RECIPE, cortex_config(made))


def check_learning(recipe: Recipe[C], config: C, objective: str) -> None:
    torch.manual_seed(0)
    model, stage = recipe.build(config), recipe.stages(config)[0]
    batch = recipe.batch(config, stage, Draw(0, 0, 0, 0, 4))
    moved = [value for name, value in model.named_parameters() if not name.startswith(cortex.CRITICS)]
    optimiser, losses = torch.optim.Adam(moved, 4e-3), []
    for step in range(60):
        loss, _ = recipe.loss(config, model, batch, Moment(stage, objective, step, step))
        optimiser.zero_grad()
        loss.backward()
        assert all(torch.isfinite(value.grad).all() for value in moved if value.grad is not None)
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]


def test_both_losses_fall_on_one_batch(made: Made) -> None:
    check_learning(joints.RECIPE, joints_config(made), "all")
    check_learning(cortex.RECIPE, replace(cortex_config(made), adversarial=0.0), cortex.NETWORK)


def check_evaluation(recipe: Recipe[C], config: C) -> None:
    numbers = recipe.evaluate(config, recipe.build(config).eval(), "val")
    assert np.isfinite(numbers["all: J2J"])
    assert recipe.best[0] in numbers


def test_evaluation_counts_every_asset_of_the_split(made: Made) -> None:
    check_evaluation(joints.RECIPE, joints_config(made))
    check_evaluation(cortex.RECIPE, cortex_config(made))


def test_critics_are_trained_apart_from_the_network(made: Made) -> None:
    config = cortex_config(made)
    model, stage = cortex.RECIPE.build(config), cortex.RECIPE.stages(config)[0]
    assert [objective.name for objective in stage.objectives] == [cortex.NETWORK, cortex.CRITICS]
    batch = cortex.RECIPE.batch(config, stage, Draw(0, 0, 0, 0, 4))
    loss, _ = cortex.RECIPE.loss(config, model, batch, Moment(stage, cortex.CRITICS, 7, 7))
    loss.backward()
    named = dict(model.named_parameters())
    assert all(value.grad is None for name, value in named.items() if name.startswith(cortex.NETWORK))
    assert any(value.grad is not None for name, value in named.items() if name.startswith(cortex.CRITICS))
    alone = replace(config, adversarial=0.0)
    assert len(cortex.RECIPE.stages(alone)[0].objectives) == 1


def test_each_ablation_leaves_its_part_out(made: Made) -> None:
    config = cortex_config(made)
    whole = {name for name, _ in cortex.RECIPE.build(config).named_parameters()}
    flat = {name for name, _ in cortex.RECIPE.build(replace(config, scales=0)).named_parameters()}
    assert flat < whole
    model, stage = cortex.RECIPE.build(config), cortex.RECIPE.stages(config)[0]
    batch = cortex.RECIPE.batch(config, stage, Draw(0, 0, 0, 0, 4))
    without = replace(config, spectral=0.0, adversarial=0.0)
    _, numbers = cortex.RECIPE.loss(without, model, batch, Moment(stage, cortex.NETWORK, 7, 7))
    assert "spectral" not in numbers
    assert "liked" not in numbers


def path_graph(count: int, size: int) -> torch.Tensor:
    adjacency = torch.zeros(1, size, size)
    for node in range(count - 1):
        adjacency[0, node, node + 1] = adjacency[0, node + 1, node] = 1
    return adjacency


def test_the_spectrum_of_a_path_is_known_and_padding_does_not_count() -> None:
    there = torch.tensor([[1.0, 1, 1, 0, 0, 0, 0, 0, 0, 0]])
    found = spectrum(path_graph(3, 10), there)[0, :3]
    assert torch.allclose(found, torch.tensor([0.0, 1.0, 2.0]), atol=1e-4)


def test_the_spectral_loss_has_finite_gradients_where_eigenvalues_repeat() -> None:
    star = torch.zeros(1, 6, 6)
    star[0, 0, 1:] = star[0, 1:, 0] = 1
    guess = (0.5 * star).requires_grad_()
    there = torch.ones(1, 6)
    spectral_loss(guess, path_graph(6, 6), there).backward()
    assert guess.grad is not None
    assert torch.isfinite(guess.grad).all()
    assert spectral_loss(star, star, there).item() == pytest.approx(0, abs=1e-6)


def test_queries_stand_for_the_nearest_joints_one_to_one() -> None:
    truth = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [9, 9, 9]]])
    there = torch.tensor([[1.0, 1, 0]])
    queries = torch.tensor([[[0.9, 0, 0], [0.1, 0, 0], [0.5, 5, 0]]])
    chosen = assign(queries, torch.zeros(1, 3), truth, there)
    assert chosen.tolist() == [[1, 0, -1]]
    adjacency = torch.zeros(1, 3, 3)
    adjacency[0, 0, 1] = adjacency[0, 1, 0] = 0.7
    assert matched_adjacency(adjacency, chosen, 3)[0, 0, 1].item() == pytest.approx(0.7)
