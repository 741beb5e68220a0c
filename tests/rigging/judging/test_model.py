"""The judge's model, and how it is fitted."""

from pathlib import Path

import numpy as np
import pytest

from inference.errors import WeightsError
from inference.rigging.judging.notes import Features
from inference.rigging.judging.verdict import Judge, Steps, read_judge, shipped_judge
from training.judge.stumps import fit, predict


def test_steps_are_read_between_their_edges_and_where_nothing_is_known() -> None:
    steps = Steps((1.0, 2.0), (-1.0, 0.5, 2.0), -0.25)
    assert [steps(value) for value in (0.0, 1.0, 1.5, 2.0, np.nan)] == [-1.0, 0.5, 0.5, 2.0, -0.25]


def test_reasons_name_what_speaks_against_a_rig_and_only_that() -> None:
    judge = Judge({"a": Steps((1.0,), (0.0, 3.0), 0.0), "b": Steps((1.0,), (-1.0, 1.0), 0.0)}, 0.0, 1.0, 0.6, 0.9)
    found = Features()
    found.add("a", 2.0, "left hand")
    found.add("b", 0.0, "tail")
    told = judge.judge(found)
    assert (told.verdict, told.reasons) == ("look", ("left hand",))
    assert told.certainty == pytest.approx(1 / (1 + np.exp(2.0)))


def test_stumps_learn_a_threshold_and_what_is_missing() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(600, 3))
    wrong = values[:, 1] > 0.5
    values[:50, 1] = np.nan
    wrong[:50] = True
    bias, steps = fit(values, wrong, np.ones(600), 60)
    assert ((predict(bias, steps, values) > 0) == wrong).mean() > 0.97
    assert steps[1].missing > 1


def test_the_shipped_judge_can_be_read_and_a_damaged_one_says_so(tmp_path: Path) -> None:
    assert 0 < shipped_judge().look <= shipped_judge().wrong < 1
    (tmp_path / "judge.json").write_text("{}")
    with pytest.raises(WeightsError, match="Install Bonewright again"):
        read_judge(tmp_path / "judge.json")
