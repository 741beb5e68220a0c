"""Requests say what networks run on; what a provider cannot do the CPU does, and the report says so."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from inference.anatomy import Report
from inference.engine.local import LocalBackend
from inference.errors import BadRequestError
from inference.networks.loader import Network, read_card, read_network
from inference.networks.running.devices import current_use, networks_on
from inference.networks.running.providers import CPU, Here, Provider
from inference.networks.shelf import needed_network
from inference.requests import RigJob, RigOptions
from training.shapes.figures import creature
from training.shapes.making.implicit import mesh_around

POINTS = np.random.default_rng(0).random((24, 64, 6)).astype(np.float32)
REPORT = Report(1.0, 1.0, 1.0, 0.0, valid=True, score=1.0)
META = Provider(
    "torch-mps", "A device without memory", "torch", "meta"
)  # torch's: it takes networks and gives no numbers


def network(folder: Path, nodes: list, given: list[int | str], told: list[int | str]) -> Network:
    """A network of these nodes from x to y, written as a shipped one is."""
    graph = helper.make_graph(
        nodes,
        "odd",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, given)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, told)],
    )
    data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()
    card = replace(read_card("facing"), name="odd", outputs=["y"], sha256=hashlib.sha256(data).hexdigest())
    (folder / "odd.onnx").write_bytes(data)
    (folder / "odd.json").write_text(json.dumps(asdict(card)))
    return read_network("odd", folder)


@pytest.fixture
def odd(tmp_path: Path) -> Network:
    """Of an operator that ONNX Runtime has and our torch has not."""
    return network(tmp_path, [helper.make_node("Celu", ["x"], ["y"])], ["N"], ["N"])


def test_a_network_runs_where_the_request_says_and_the_report_tells() -> None:
    facing = needed_network("facing")
    with networks_on("torch-cpu") as use:
        by_torch = facing({"points": POINTS})
        assert use.noted(REPORT).device == "CPU, by torch"
    with networks_on("cpu") as use:
        by_onnx = facing({"points": POINTS})
        assert use.noted(REPORT).device == "CPU"
    for one, other in zip(by_torch, by_onnx, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4 * np.abs(other).max())
    assert {"cpu", "torch-cpu"} <= set(facing.sessions)  # both stay loaded


def test_where_no_network_was_asked_the_report_names_no_device() -> None:
    with networks_on("gpu") as use:
        assert use.noted(REPORT) == REPORT


def test_within_a_request_its_device_stays() -> None:
    with networks_on("torch-cpu") as use, networks_on("cpu") as inner:
        assert inner is use is current_use()
    assert current_use().providers == (CPU,)


def test_an_operator_that_a_provider_lacks_is_done_by_the_cpu_with_a_word(odd: Network) -> None:
    for _ in range(2):  # asked again, it says it again
        with networks_on("torch-cpu") as use:
            (answer,) = odd({"x": np.array([-1.0, 2.0])})
        np.testing.assert_allclose(answer, [np.expm1(-1.0), 2.0], atol=1e-6)
        report = use.noted(REPORT)
        assert report.device == "CPU"
        (warning,) = report.warnings
        assert warning.message == "CPU, by torch could not run the network 'odd' (the operator Celu): the CPU did it."


def test_a_provider_that_fails_while_it_runs_is_replaced_by_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    facing = needed_network("facing")
    with networks_on("cpu"):
        wanted = facing({"points": POINTS})
    with networks_on("auto") as use:
        monkeypatch.setitem(vars(use), "providers", (META, CPU))
        answers = facing({"points": POINTS})
    assert all(np.array_equal(one, other) for one, other in zip(answers, wanted, strict=True))
    assert use.title == "CPU"
    assert "A device without memory could not run the network 'facing'" in use.told[0]


@pytest.mark.skipif(sys.platform != "linux", reason="memory can be limited on Linux alone")
def test_a_provider_without_enough_memory_is_replaced_by_the_cpu(tmp_path: Path) -> None:
    # ONNX Runtime keeps the memory that it has had once; torch has to ask for 400 MB and more, which are not there.
    nodes = [
        helper.make_node("Concat", ["x", "x"], ["a0"], axis=0),
        *(helper.make_node("Relu", [f"a{n}"], [f"a{n + 1}"]) for n in range(4)),
        helper.make_node("ReduceMax", ["a4"], ["y"], keepdims=0),
    ]
    network(tmp_path, nodes, ["N"], [])
    code = f"""if True:
        import resource, sys
        from pathlib import Path
        import numpy as np
        from inference.networks.loader import read_network
        from inference.networks.running.devices import networks_on
        odd, x = read_network("odd", Path({str(tmp_path)!r})), np.ones(50_000_000, np.float32)
        with networks_on("torch-cpu"):
            odd({{"x": x[:8]}})
        with networks_on("cpu"):
            odd({{"x": x}})
        held = int(open("/proc/self/statm").read().split()[0]) * 4096
        resource.setrlimit(resource.RLIMIT_AS, (held + 200_000_000, -1))
        with networks_on("torch-cpu") as use:
            print(odd({{"x": x}})[0], use.title, use.told)
    """
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"OMP_NUM_THREADS": "1"})
    assert said.returncode == 0, said.stderr
    assert "1.0 CPU [" in said.stdout
    assert "CPU, by torch has not enough memory for the network 'odd': the CPU did it." in said.stdout


def test_where_there_is_no_graphics_card_the_cpu_serves_and_says_so() -> None:
    with networks_on("gpu", lambda: Here(("CPUExecutionProvider",), ())) as use:
        needed_network("facing")({"points": POINTS})
    assert use.noted(REPORT).device == "CPU"
    assert "There is nothing here that runs networks on a graphics card" in use.noted(REPORT).warnings[0].message


def test_a_rig_is_the_same_on_every_provider_at_hand_and_its_report_says_which_it_was() -> None:
    mesh = mesh_around(creature(), 48)
    jobs = {name: RigJob(mesh, RigOptions(bind=False, device=name)) for name in ("cpu", "torch-cpu")}
    rigs = {name: LocalBackend().ask(job).result() for name, job in jobs.items()}
    assert rigs["cpu"].armature.names == rigs["torch-cpu"].armature.names
    np.testing.assert_allclose(rigs["cpu"].armature.heads, rigs["torch-cpu"].armature.heads, atol=1e-4)
    assert rigs["cpu"].report.device == "CPU"
    assert rigs["torch-cpu"].report.device == "CPU, by torch"


def test_a_provider_that_is_not_here_is_refused() -> None:
    with pytest.raises(BadRequestError, match="The device 'torch-xpu' is not here"):
        LocalBackend().ask(RigJob(mesh_around(creature(), 32), RigOptions(device="torch-xpu"))).result()
