"""Bodies made of two: whole, and true where they are put together."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from inference.rigging.bodies.words import PARTS
from training.datasets.packed.surfaces import STEPS, pack_shape
from training.lessons.bodies import Body, body_of
from training.lessons.exchange import HEAD, NECK, TAIL, WHOLE, exchanged, limbs_of, mixed
from training.lessons.perception import Variety, inputs_for, show, truth_for
from training.shapes.characters import CHARACTERS


@cache
def figure(family: str, seed: int) -> Body:
    return body_of(pack_shape(CHARACTERS[family](seed), 2048, f"{family}/{seed}"), None)


def points(body: Body) -> np.ndarray:
    return body.quantised / STEPS


def test_the_head_of_one_sits_where_that_of_the_other_was() -> None:
    one, other = figure("quadruped", 0), figure("quadruped", 5)
    made = exchanged(one, other, (HEAD, NECK), np.random.default_rng(0))
    assert made is not one
    old, new = limbs_of(one, (HEAD, NECK)), limbs_of(made, (HEAD, NECK))
    np.testing.assert_allclose(made.heads[new.tops[0]], one.heads[old.tops[0]], atol=1e-6)
    assert new.inside.sum() == limbs_of(other, (HEAD, NECK)).inside.sum()
    assert len(made.quantised) == len(one.quantised)


@pytest.mark.parametrize("family", ["biped", "quadruped", "bird", "fish", "insect"])
def test_what_was_mixed_is_a_tree_whose_flesh_is_near_its_bones(family: str) -> None:
    random = np.random.default_rng(3)
    alike = {figure(family, 0).plan: [figure(family, seed) for seed in range(6)]}
    changed = 0
    for seed in range(6):
        one = figure(family, seed)
        made = mixed(one, alike, random)
        changed += made is not one
        count = len(made.parents)
        assert made.parents[0] == -1
        assert all(parent < joint for joint, parent in enumerate(made.parents))
        for row in (made.heads, made.tails, made.part, made.side, made.pair, made.above, made.group, made.still):
            assert len(row) == count
        assert made.joint.max() < count
        assert made.bones.max() < count
        assert made.joints == len(np.unique(made.joint))
        start, end = made.heads[made.joint], made.tails[made.joint]
        along = end - start
        share = ((points(made) - start) * along).sum(1) / np.maximum((along**2).sum(1), 1e-9)
        gap = np.linalg.norm(points(made) - start - share.clip(0, 1)[:, None] * along, axis=1)
        assert np.median(gap) < 0.2
    assert changed > 0


def test_what_does_not_match_stays_as_it_was() -> None:
    fish, serpent = figure("fish", 0), figure("serpent", 0)
    for groups in WHOLE:
        if not len(limbs_of(fish, groups).tops) or not len(limbs_of(serpent, groups).tops):
            assert exchanged(fish, serpent, groups, np.random.default_rng(0)) is fish


def test_what_was_mixed_can_be_shown_and_its_truth_fits() -> None:
    random = np.random.default_rng(1)
    made = exchanged(figure("quadruped", 1), figure("quadruped", 2), (TAIL,), random)
    made = exchanged(made, figure("quadruped", 3), (HEAD,), random)
    view = show(made, Variety(), random)
    truth = truth_for([view], [made])
    assert np.isfinite(inputs_for([view]).cloud).all()
    assert {"head", "hips"} <= {PARTS[part] for part in np.unique(truth["part"])}
