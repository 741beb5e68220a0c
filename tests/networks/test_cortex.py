"""Cortex: the graph is one, a tree is grown from it, and it gets an armature with names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from inference.anatomy import Armature
from inference.networks.cortex.apply import FEWEST, armature_of, evened, grow_tree, joint_count
from inference.networks.cortex.inputs import JOINTS, Answer, graph_inputs
from inference.networks.cortex.network import CortexNet, Size
from inference.networks.joints.inputs import Surface
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from inference.rigging.judging.validity import valid_problems
from training.networks.asking import asked
from training.shapes.figures import creature
from training.shapes.making.implicit import mesh_around
from training.shapes.making.sampling import surface_points

SMALL = Size(width=32, looks=1, layers=2, scales=2)


@pytest.fixture(scope="module")
def surface() -> Surface:
    points, normals = surface_points(mesh_around(creature(), 48), 1024, np.random.default_rng(0))
    return Surface(points.astype(np.float32), normals.astype(np.float32))


@pytest.fixture(scope="module")
def geometric() -> Armature:
    return rig_mesh(mesh_around(creature(), 48), RigOptions(bind=False, method="geometric")).armature


def known_answer(joints: np.ndarray, edges: list[tuple[int, int]], root: int) -> Answer:
    """What the network would say if it were sure of this graph."""
    count = len(joints)
    adjacency = np.full((1, JOINTS, JOINTS), 1e-4)
    for one, other in edges:
        adjacency[0, one, other] = adjacency[0, other, one] = 0.99
    exists = np.full((1, JOINTS), -9.0)
    exists[0, :count] = 9.0
    places = np.zeros((1, JOINTS, 3))
    places[0, :count] = joints
    roots = np.zeros((1, JOINTS))
    roots[0, root] = 5.0
    return Answer(places, exists, roots, adjacency)


@pytest.mark.parametrize("scales", [0, 2])
def test_the_graph_is_symmetric_hollow_and_of_shares(surface: Surface, scales: int) -> None:
    torch.manual_seed(1)
    net = CortexNet(replace(SMALL, scales=scales)).eval()
    adjacency = Answer(*asked(net)(vars(graph_inputs(surface)))).adjacency[0]
    assert np.allclose(adjacency, adjacency.T, atol=1e-6)
    assert np.all(np.diag(adjacency) == 0)
    assert adjacency.min() >= 0
    assert adjacency.max() <= 1


def test_the_tree_follows_the_graph_from_its_root() -> None:
    joints = np.array([[0, 0, 0.0], [0, 0, 0.2], [0.2, 0, 0.2], [-0.2, 0, 0.2]])
    tree = grow_tree(known_answer(joints, [(0, 1), (1, 2), (1, 3)], root=1))
    assert np.allclose(tree.joints[0], joints[1])
    assert tree.parents.tolist() == [-1, 0, 0, 0]


def test_joints_on_top_of_each_other_are_one_and_a_fixed_count_is_kept() -> None:
    joints = np.array([[0, 0, 0.0], [0, 0, 0.001], [0, 0, 0.3]])
    assert len(grow_tree(known_answer(joints, [(0, 2)], root=0)).joints) == 2
    assert len(grow_tree(known_answer(joints, [(0, 2)], root=0), count=1).joints) == 1


def test_where_no_joint_is_likely_as_many_are_taken_as_are_expected() -> None:
    doubtful = np.full(64, 0.4)
    assert joint_count(doubtful) == round(64 * 0.4)
    assert joint_count(np.r_[np.full(20, 0.1), np.zeros(44)]) == FEWEST
    assert joint_count(np.r_[0.9, 0.8, np.zeros(62)]) == 2
    assert joint_count(np.zeros(64)) == 1


def test_nearly_mirrored_joints_become_exact_pairs(geometric: Armature) -> None:
    joints = np.array([[0.004, 0, 0.0], [0.21, 0, 0.2], [-0.19, 0.01, 0.2]])
    tree = grow_tree(evened(known_answer(joints, [(0, 1), (0, 2)], root=0)))
    made = armature_of(tree, geometric, even=True)
    assert made.heads[0, 0] == 0
    assert np.array_equal(made.heads[1] * [-1, 1, 1], made.heads[2])
    assert {name[-2:] for name in made.names[1:]} == {".L", ".R"}


def test_the_armature_is_valid_and_borrows_the_geometrys_names(geometric: Armature) -> None:
    spine = [geometric.names.index(name) for name in ("spine", "spine.001", "spine.002", "chest", "neck")]
    legs = [geometric.names.index(f"upper_leg.front{side}") for side in (".L", ".R")]
    edges = [*zip(range(4), range(1, 5), strict=True), (3, 5), (3, 6)]
    answer = known_answer(geometric.heads[[*spine, *legs]], edges, root=0)
    made = armature_of(grow_tree(answer), geometric, even=False)
    assert not valid_problems(made, None)
    assert set(made.names) == {geometric.names[bone] for bone in (*spine, *legs)}
    assert made.names[made.parents[made.names.index("upper_leg.front.R")]] == "chest"


def test_one_joint_is_an_armature_too(geometric: Armature) -> None:
    made = armature_of(grow_tree(known_answer(np.zeros((1, 3)), [], root=0)), geometric, even=True)
    assert len(made.names) == 1
    assert not valid_problems(made, None)
