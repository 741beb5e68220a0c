"""Boosted trees by LightGBM, and the same trees as the shipped judge reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import lightgbm as lgb
import numpy as np

from inference.rigging.judging.forest import Tree

# Settled with val in sight. Deeper and more trees tell no more; single steps a feature tell less.
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 20,
    "max_depth": 6,
    "learning_rate": 0.05,
    "min_child_samples": 10,
    "lambda_l2": 3.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": 1,
    "deterministic": True,
    "num_threads": 1,
    "verbose": -1,
}
DIGITS = 6  # of the numbers that are shipped


def fit(values: np.ndarray, wrong: np.ndarray, weight: np.ndarray, rounds: int) -> lgb.Booster:
    """Trees for values (N, F), NaN where a feature does not apply, labels (N,) and weights (N,)."""
    known = lgb.Dataset(values, wrong.astype(float), weight=weight / weight.mean())
    return lgb.train(PARAMETERS, known, rounds)


def predict(booster: lgb.Booster, values: np.ndarray) -> np.ndarray:
    """Scores (N,) of values (N, F)."""
    return np.asarray(booster.predict(values, raw_score=True))


def trees_of(booster: lgb.Booster, names: Sequence[str]) -> tuple[Tree, ...]:
    """The trees, with the features' names."""
    found = cast("Mapping[str, object]", booster.dump_model())
    return tuple(_tree(info["tree_structure"], names) for info in cast("list[Mapping[str, Node]]", found["tree_info"]))


Node = Mapping[str, object]


def _tree(root: Node, names: Sequence[str]) -> Tree:
    forks = [node for node in _nodes(root) if "split_index" in node]
    place = {cast("int", node["split_index"]): number for number, node in enumerate(forks)}
    leaves: list[float] = []

    def child(node: Node) -> int:
        if "split_index" in node:
            return place[cast("int", node["split_index"])]
        leaves.append(_short(node["leaf_value"]))
        return -len(leaves)

    if not forks:
        return Tree((), (), (), (), (), (), (_short(root["leaf_value"]),))
    low, high = zip(
        *((child(cast("Node", node["left_child"])), child(cast("Node", node["right_child"]))) for node in forks),
        strict=True,
    )
    return Tree(
        tuple(names[cast("int", node["split_feature"])] for node in forks),
        tuple(float(cast("float", node["threshold"])) for node in forks),
        tuple(_low_unless_known(node) for node in forks),
        low,
        high,
        tuple(_short(node["internal_value"]) for node in forks),
        tuple(leaves),
    )


def _nodes(node: Node) -> Iterator[Node]:
    """A node and all below it, the root first."""
    yield node
    for side in ("left_child", "right_child"):
        if side in node:
            yield from _nodes(cast("Node", node[side]))


def _low_unless_known(node: Node) -> bool:
    """Where a value goes that is not known: LightGBM takes it for 0 where it has met none such."""
    if node["missing_type"] == "NaN":
        return bool(node["default_left"])
    return bool(cast("float", node["threshold"]) >= 0.0)


def _short(value: object) -> float:
    return round(float(cast("float", value)), DIGITS)
