"""The benchmark's commands, and the pieces of it that could flatter or wrong somebody."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from inference.anatomy import Armature
from tools.bench.rigs.invariance import asymmetry
from tools.bench.skeletons.peers import voxel_edges
from training.shapes.topology import betti_of_graph

ROOT = Path(__file__).parents[2]


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.benchmark", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_help_lists_every_command() -> None:
    shown = benchmark("--help")
    assert shown.returncode == 0
    for command in ("rig", "skeletons", "torture", "scaling", "invariance", "topology"):
        assert command in shown.stdout


def test_results_are_written_with_machine_and_versions(tmp_path: Path) -> None:
    path = tmp_path / "torture.json"
    done = benchmark("torture", "--no-assets", "--first", "8", "--count", "2", "--limit-s", "60", "--json", str(path))
    assert done.returncode == 0, done.stderr
    written = json.loads(path.read_text(encoding="utf-8"))
    assert [v["how"] for v in written["results"]] == ["valid rig", "valid rig"]
    assert written["circumstances"]["packages"]["numpy"]


def test_voxels_that_turn_a_corner_make_no_loop() -> None:
    corner = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [2, 2, 0]])
    assert betti_of_graph(4, voxel_edges(corner)) == (1, 0)
    ring = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [2, 1, 0], [2, 2, 0], [1, 2, 0], [0, 2, 0], [0, 1, 0]])
    assert betti_of_graph(8, voxel_edges(ring)) == (1, 1)


def test_a_rig_without_a_mirror_plane_claims_no_symmetry() -> None:
    heads = np.zeros((1, 3))
    ones = np.ones(1, bool)
    bone = Armature(("root",), np.array([-1]), heads, heads + 1, np.zeros(1), ones, np.ones(1), ones, np.ones((1, 2)))
    assert asymmetry(bone) is None
