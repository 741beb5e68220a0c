"""S3DS's tables from tiny networks: what is measured, what is claimed, and what is missing is named."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from tools.bench.record import console
from tools.bench.s3ds.connect import Case, chosen, measured, silhouettes, within_picture
from tools.bench.s3ds.nets import Trained, load, predicted, shapes_of, truth_of
from tools.bench.s3ds.sheet import pictures
from tools.bench.s3ds.tables import Claim, ahead_of_all, left_out, sphere_means, table_1, tables_3_4
from tools.bench.skeletons.connectors import Way, delaunay, nearest
from training.datasets.builders.build import build
from training.datasets.packed.views import Views, views_source
from training.metrics.medial_meshes import random_places
from training.networks.pictures import SphereNet
from training.recipes.s3ds import RECIPE, S3dsConfig

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    path = tmp_path_factory.mktemp("views") / "views.safetensors"
    build(path, views_source(("chair", "lamp"), range(1), 2), Views(paper=2, free=0, size=32))
    config = replace(
        RECIPE.presets["tiny"], data=path, families=("chair", "lamp"), cameras="paper", frame="object", size=32, cells=1
    )
    torch.manual_seed(0)
    return Trained("S3DS", config, cast(SphereNet, RECIPE.build(config).eval()), 0, 0, 0.0, "cpu")


def test_every_family_counts_alike_in_the_mean(tiny: Trained) -> None:
    means = sphere_means(tiny)
    assert set(means) == {"chair", "lamp", "mean"}
    assert means["mean"][0] == pytest.approx((means["chair"][0] + means["lamp"][0]) / 2)


def test_a_shape_made_again_is_the_one_that_was_seen(tiny: Trained) -> None:
    shape = shapes_of(tiny.config)[0]
    truth = truth_of(shape, 100)
    assert len(truth.spheres.radii) == 100
    with pytest.raises(ValueError, match="made otherwise"):
        truth_of(replace(shape, spheres=shape.spheres + np.float32(0.05)), 100)


def test_claims_of_table_1_are_the_papers_margins() -> None:
    held = table_1({"S3DS": {"mean": (0.88, 0.7)}, "Soft-SK": {"mean": (1.0, 1.0)}})
    failed = table_1({"S3DS": {"mean": (0.95, 0.99)}, "Soft-SK": {"mean": (1.0, 1.0)}})
    assert [claim.holds for claim in held] == [True, True]
    assert [claim.holds for claim in failed] == [False, False]
    assert table_1({"S3DS": {"mean": (0.88, 0.7)}}) == []


def test_what_a_network_was_taught_without_is_read_from_its_config() -> None:
    full = S3dsConfig()
    names = {name: left_out(replace(full, **fields)) for name, fields in RECIPE.ablations.items()}
    assert left_out(full) == "nothing"
    assert names == {
        "Soft-SK": "all (Soft-SK)",
        "without joint stage": "joint stage",
        "without semantic split": "semantic split",
        "without radius stage": "radius stage",
        "without L_rep and L_var": "L_rep and L_var",
        "without L_near": "L_near",
    }


def test_missing_checkpoints_are_named_and_nothing_is_claimed(tmp_path: Path) -> None:
    claims: list[Claim] = []
    with console.capture() as said:
        assert load("Soft-SK", None) is None
        assert load("S3DS", tmp_path / "none.ckpt") is None
        assert tables_3_4((f"w/o joint={tmp_path / 'no.ckpt'}",), claims) == {}
    words = "".join(said.get().split())  # the console folds long paths
    assert "Soft-SK" in words
    assert "none.ckpt" in words
    assert "w/ojoint" in words
    assert claims == []


def test_parameters_are_chosen_on_some_shapes_and_measured_on_others(tiny: Trained) -> None:
    shape = shapes_of(tiny.config, ("chair",))[0]
    truth = truth_of(shape, 150)
    case = Case(shape, truth, truth.spheres, random_places(truth.mesh, 2000))
    way = Way("KNN", {"none": lambda s: delaunay(s, 1e-6), "K 4": lambda s: nearest(s, 4)})
    assert chosen(way, [case]) == "K 4"
    found = measured("KNN", "K 4", [nearest(case.spheres, 4)], [case])
    assert 0.3 < found.iou < 1
    assert 0.3 < found.silhouettes < 1
    assert 0 <= found.outside < 0.5


def test_what_reaches_over_the_outline_is_left_out(tiny: Trained) -> None:
    shape = shapes_of(tiny.config, ("chair",))[0]
    medial = nearest(truth_of(shape, 150).spheres, 30)
    kept = within_picture(medial, shape)
    assert 0 < len(kept.edges) < len(medial.edges)
    assert silhouettes(kept, shape) > silhouettes(medial, shape)


def test_ours_is_held_against_the_best_of_the_others() -> None:
    rows = [{"way": w, "iou": v} for w, v in (("ours", 0.8), ("Delaunay", 0.7), ("ball pivoting", 0.79), ("KNN", 0.6))]
    (claim,) = ahead_of_all("true", rows)
    assert claim.holds
    assert "ball pivoting" in claim.words


def test_a_row_of_the_sheet_has_six_pictures(tiny: Trained) -> None:
    made = pictures(tiny, shapes_of(tiny.config)[0])
    assert len(made) == 6
    assert all(picture.shape[2] == 3 for picture in made)
    assert len(predicted(tiny, shapes_of(tiny.config)[0])[0].radii) == 400
