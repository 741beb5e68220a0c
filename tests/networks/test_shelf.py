"""Where trained networks are found, and what is said where none can run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inference.errors import MissingRuntimeError, WeightsError
from inference.networks.loader import FOLDER, read_network
from inference.networks.running import onnx_runtime
from inference.networks.running.onnx_runtime import threads, why_no_runtime
from inference.networks.shelf import USERS_FOLDER, find_network, folder_of, needed_network
from inference.pipelines import choice
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from training.shapes.figures import creature
from training.shapes.making.implicit import mesh_around

POINTS = np.random.default_rng(0).random((24, 64, 6)).astype(np.float32)


@pytest.fixture
def without_runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named '{name}'")

    monkeypatch.setattr(onnx_runtime.importlib, "import_module", missing)
    why_no_runtime.cache_clear()
    read_network.cache_clear()
    yield
    why_no_runtime.cache_clear()


def test_a_folder_of_the_users_own_is_looked_at_after_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ending in ("json", "onnx"):
        shutil.copy(FOLDER / f"facing.{ending}", tmp_path / f"mine.{ending}")
        shutil.copy(FOLDER / f"facing.{ending}", tmp_path / f"facing.{ending}")
    assert find_network("mine") is None
    monkeypatch.setenv(USERS_FOLDER, str(tmp_path))
    network = find_network("mine")
    assert network is not None
    assert np.isfinite(network({"points": POINTS})[0]).all()
    assert folder_of("facing") == FOLDER
    with pytest.raises(WeightsError, match="no weights of the network 'yours'"):
        needed_network("yours")


def test_the_same_question_has_the_same_answer_to_the_last_bit() -> None:
    network = needed_network("facing")
    one, again = network({"points": POINTS}), network({"points": POINTS.astype(np.float64)})
    assert [part.tobytes() for part in one] == [part.tobytes() for part in again]


def test_the_number_of_threads_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert threads() == 3
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert 1 <= threads() <= onnx_runtime.MOST_THREADS


@pytest.mark.usefixtures("without_runtime")
def test_without_onnx_runtime_a_needed_network_says_what_to_install() -> None:
    assert find_network("facing") is None
    with pytest.raises(MissingRuntimeError, match="pip install onnxruntime"):
        needed_network("facing")


@pytest.mark.usefixtures("without_runtime")
def test_without_onnx_runtime_the_geometry_serves_and_the_report_says_why() -> None:
    mesh = mesh_around(creature(), 48)
    report = rig_mesh(mesh, RigOptions(bind=False)).report
    assert report.method == "geometric"
    assert any("ONNX Runtime" in warning.message for warning in report.warnings)
    plain = rig_mesh(mesh, RigOptions(bind=False, method="geometric")).report
    assert not any("ONNX Runtime" in warning.message for warning in plain.warnings)
    assert choice.joints_network() == ()
