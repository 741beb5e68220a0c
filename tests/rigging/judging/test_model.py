"""The judge's model, and how it is fitted."""

from pathlib import Path

import numpy as np
import pytest

from inference.errors import WeightsError
from inference.rigging.judging.forest import Tree
from inference.rigging.judging.notes import Features
from inference.rigging.judging.verdict import Judge, read_judge, shipped_judge
from training.judge.forest import fit, predict, trees_of

FORKED = Tree(("a", "b"), (1.0, 2.0), (True, False), (-1, -2), (1, -3), (0.5, 1.5), (-1.0, 1.0, 3.0))


def test_a_tree_is_gone_down_by_its_edges_and_where_nothing_is_known() -> None:
    found = [
        FORKED.score(values, {}) for values in ({"a": 1.0}, {"a": 1.5, "b": 2.0}, {"a": 1.5, "b": 2.5}, {"a": 1.5}, {})
    ]
    assert found == [-1.0, 1.0, 3.0, 3.0, -1.0]


def test_each_step_counts_for_the_feature_that_was_asked() -> None:
    added = {"b": 10.0}
    assert FORKED.score({"a": 2.0, "b": 3.0}, added) == 3.0
    assert added == {"a": 1.0, "b": 11.5}


def test_reasons_name_what_speaks_against_a_rig_and_only_that() -> None:
    one = Tree(("a",), (1.0,), (True,), (-1,), (-2,), (0.0,), (0.0, 3.0))
    other = Tree(("b",), (1.0,), (True,), (-1,), (-2,), (0.0,), (-1.0, 1.0))
    judge = Judge((one, other), 0.0, 1.0, 0.6, 0.9)
    found = Features()
    found.add("a", 2.0, "left hand")
    found.add("b", 0.0, "tail")
    told = judge.judge(found)
    assert (told.verdict, told.reasons) == ("look", ("left hand",))
    assert told.certainty == pytest.approx(1 / (1 + np.exp(2.0)))


def test_trees_learn_a_threshold_and_what_is_missing_and_are_shipped_as_they_are() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(600, 3))
    wrong = values[:, 1] > 0.5
    values[:50, 1] = np.nan
    values[50:80, 2] = np.nan
    wrong[:50] = True
    model = fit(values, wrong, np.ones(600), 60)
    assert ((predict(model, values) > 0) == wrong).mean() > 0.97
    assert (predict(model, np.array([[0.0, np.nan, 0.0]])) > 0).all()
    trees = trees_of(model, ("a", "b", "c"))
    unseen = rng.normal(size=(200, 3))
    unseen[rng.random((200, 3)) < 0.2] = np.nan
    shipped = [sum(tree.score(dict(zip("abc", row, strict=True)), {}) for tree in trees) for row in unseen.tolist()]
    np.testing.assert_allclose(shipped, predict(model, unseen), atol=1e-3)


def test_the_shipped_judge_can_be_read_and_a_damaged_one_says_so(tmp_path: Path) -> None:
    assert 0 < shipped_judge().look <= shipped_judge().wrong < 1
    (tmp_path / "judge.json").write_text("{}")
    with pytest.raises(WeightsError, match="Install Bonewright again"):
        read_judge(tmp_path / "judge.json")
