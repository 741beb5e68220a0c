"""A run over two Ray nodes on this machine, of which one is killed: nothing is lost, nothing done twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster

from tools.interrupt.__main__ import FAST, make_assets
from tools.interrupt.results import left_over, outcome
from tools.package import ROOT

ASSETS = int(os.environ.get("BONEWRIGHT_CLUSTER_ASSETS", "10"))


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Where `bonewright` is a package that every process can import, as where it is installed."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "bonewright").symlink_to(ROOT)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    return dict(os.environ)


@pytest.fixture
def cluster(environment: dict[str, str]) -> Iterator[Cluster]:
    """A head that does no work."""
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": 100 << 20})
    yield made
    made.shutdown()


def start(folder: Path, out: str, environment: dict[str, str], *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bonewright", "rig", str(folder / "in"), "-o", str(folder / out), *FAST, *more]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def records(out: Path) -> list[dict]:
    path = out / ".bonewright" / "records.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [entry for entry in map(json.loads, lines) if "input" in entry]


def wait_for(count: int, out: Path, process: subprocess.Popen[str]) -> None:
    while len(records(out)) < count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.2)


def test_a_node_that_is_lost_and_a_driver_that_is_killed_lose_nothing(
    tmp_path: Path, environment: dict[str, str], cluster: Cluster
) -> None:
    make_assets(tmp_path / "in", ASSETS)
    first, second = (cluster.add_node(num_cpus=1, object_store_memory=100 << 20) for _ in range(2))
    out = tmp_path / "out"
    driver = start(tmp_path, "out", environment, "--cluster", cluster.address)
    wait_for(ASSETS // 5, out, driver)
    cluster.remove_node(second, allow_graceful=False)
    wait_for(2 * ASSETS // 5, out, driver)
    driver.kill()
    driver.communicate()
    again = start(tmp_path, "out", environment, "--cluster", cluster.address)
    told, complaints = again.communicate()
    assert again.returncode in (0, 1), complaints
    assert "done before" in told + complaints
    assert first in cluster.list_all_nodes()
    done = Counter(record["input"] for record in records(out))
    assert len(done) == ASSETS
    assert set(done.values()) == {1}  # each has one record: nothing was done anew
    assert left_over(out) == []
    calm = start(tmp_path, "calm", environment)
    calm.communicate()
    assert outcome(out) == outcome(tmp_path / "calm")


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path, environment: dict[str, str]) -> None:
    make_assets(tmp_path / "in", 1)
    done = start(tmp_path, "out", environment, "--cluster", "127.0.0.1:9")
    _, complaints = done.communicate()
    assert done.returncode == 2
    assert "There is no Ray cluster at '127.0.0.1:9'" in complaints
