"""Real environments made by real pip; only the packages are small stand-ins for torch, NumPy and safetensors."""

import importlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from stand_ins import OTHERS, WORKING_TORCH, add_wheel, add_wheels, flavour, open_shop
from test_worker import job

from inference.engine import interpreter
from inference.engine.environment import install, installed, lend, remove
from inference.engine.flavours import FLAVOURS, available
from inference.engine.interpreter import check_python
from inference.engine.process import WorkerBackend, other_python
from inference.errors import Cancelled, InstallError, PythonError
from inference.progress import Progress

CPU = flavour()


@pytest.fixture(autouse=True)
def pip_as_a_user_has_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_TRUSTED_HOST", "127.0.0.1")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


def left_in(root: Path) -> set[str]:
    """What is there, once what is being removed has gone."""
    wait_until(lambda: not list(root.glob("*.removed")))
    return {path.name for path in root.iterdir()} if root.exists() else set()


def test_an_environment_is_made_of_a_folder_of_wheels_and_removed(tmp_path: Path):
    root = tmp_path / "Umgebung 形"
    wheels = add_wheels(tmp_path / "my wheels")
    seen: list[tuple[float, str]] = []
    python = install(root, CPU, wheels, Progress(lambda *step: seen.append(step)))
    assert python == installed(root, CPU)
    assert left_in(root) == {"torch-cpu"}
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert seen[-1] == (1.0, "Installed")
    assert {message.split(",")[0] for _, message in seen} >= {
        "Making an environment",
        "Installing torch",
        "Trying torch",
    }
    remove(root, CPU)
    assert not left_in(root)
    assert installed(root, CPU) is None


def test_a_worker_runs_in_an_environment_with_the_libraries_of_this_python(tmp_path: Path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    add_wheel(wheels, "torch", "2.13.0", WORKING_TORCH)
    # numpy must be real here, so the environment gets none of its own
    only_torch = type("OnlyTorch", (type(CPU),), {"requirements": lambda self, offline: ["torch==2.13.0"]})
    python = install(tmp_path / "root", only_torch(**vars(CPU)), wheels)
    facts = check_python(python)
    assert facts.torch == "2.13.0"
    assert facts.version == ".".join(map(str, sys.version_info[:3]))
    backend = WorkerBackend(other_python(str(python)))
    try:
        with pytest.raises(Exception, match="face"):  # our own answer, by way of the handshake
            backend.ask(job(0, faces=0)).result()
    finally:
        backend.close()


def test_this_very_process_finds_what_was_installed_and_keeps_what_it_has(tmp_path: Path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name, version, code in (("torch", "2.13.0", WORKING_TORCH), ("numpy", "9.9", ""), ("only_there", "1.0", "")):
        add_wheel(wheels, name, version, code)
    asked = {"requirements": lambda self, offline: ["torch==2.13.0", "numpy", "only_there"]}
    kind = type("WithMore", (type(CPU),), asked)(**vars(CPU))
    assert not lend(tmp_path / "root", kind)
    install(tmp_path / "root", kind, wheels)
    before, packages = list(sys.path), set(sys.modules)
    try:
        assert lend(tmp_path / "root", kind)
        assert "root" in str(importlib.import_module("only_there").__file__)
        assert "root" not in str(importlib.import_module("numpy").__file__)
    finally:
        sys.path[:] = before
        for name in set(sys.modules) - packages:
            del sys.modules[name]


def test_a_failed_installation_leaves_what_was_there(tmp_path: Path):
    root = tmp_path / "root"
    before = install(root, CPU, add_wheels(tmp_path / "wheels"))
    stamp = before.parent.stat().st_mtime_ns
    broken = add_wheels(tmp_path / "broken", "raise ImportError('libcudart.so.13 is missing')")
    with pytest.raises(InstallError, match=r"does not run here: ImportError: libcudart.*Install another kind"):
        install(root, CPU, broken)
    assert before.parent.stat().st_mtime_ns == stamp
    assert "torch-cpu.partial" not in left_in(root)


def test_a_folder_without_torch_is_refused_by_name(tmp_path: Path):
    wheels = add_wheels(tmp_path / "wheels")
    (wheels / "torch-2.13.0-py3-none-any.whl").unlink()
    with pytest.raises(InstallError, match=r"has no wheel of torch==2\.13\.0 for Python 3\.\d+\. Add it"):
        install(tmp_path / "root", CPU, wheels)
    assert "torch-cpu" not in left_in(tmp_path / "root")
    with pytest.raises(InstallError, match="There are no wheels in"):
        install(tmp_path / "root", CPU, tmp_path)


def test_no_network_and_no_space_say_so(tmp_path: Path):
    with pytest.raises(InstallError, match="cannot be reached in the network"):
        install(tmp_path / "root", flavour("http://127.0.0.1:9/simple"))
    assert not left_in(tmp_path / "root") - {"downloads"}
    huge = type(CPU)(**{**vars(CPU), "space": 1e9})
    with pytest.raises(InstallError, match=r"not enough space.*GB are needed"):
        install(tmp_path / "root", huge)


def test_a_python_without_pip_says_what_to_do(tmp_path: Path):
    with pytest.raises(InstallError, match=r"cannot make environments.*Install its venv"):
        install(
            tmp_path / "root", CPU, add_wheels(tmp_path / "wheels"), python=(sys.executable, "-I", "-S", "-m", "nope")
        )


def test_another_try_does_not_load_again_what_was_loaded(tmp_path: Path):
    wheels = add_wheels(tmp_path / "wheels")
    name, version = OTHERS[-1]
    last = wheels / f"{name}-{version}-py3-none-any.whl"
    last.unlink()
    with open_shop(wheels) as shop:
        with pytest.raises(InstallError, match=r"There is no safetensors==0\.8\.0 for Python"):
            install(tmp_path / "root", flavour(shop.url))
        assert left_in(tmp_path / "root") == {"downloads"}
        add_wheel(wheels, name, version)
        install(tmp_path / "root", flavour(shop.url))
    assert shop.loaded.count("torch-2.13.0-py3-none-any.whl") == 1
    assert left_in(tmp_path / "root") == {"torch-cpu"}


def test_a_cancelled_installation_is_over_within_half_a_second_with_all_its_processes(tmp_path: Path):
    told = tmp_path / "pids"
    code = f"""import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
open({str(told)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')
time.sleep(60)"""
    wheels = add_wheels(tmp_path / "wheels", code)
    stop = threading.Event()
    ended: list[BaseException] = []

    def run() -> None:
        try:
            install(tmp_path / "root", CPU, wheels, Progress(is_cancelled=stop.is_set))
        except Cancelled as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: told.exists() and len(told.read_text().split()) == 2)
    pids = told.read_text().split()
    stop.set()
    thread.join(0.5)
    assert not thread.is_alive()
    assert ended
    wait_until(lambda: not any(is_alive(pid) for pid in pids), 1.0)
    assert not left_in(tmp_path / "root") - {"downloads"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children of a killed process")
def test_what_is_being_installed_ends_when_blender_is_killed(tmp_path: Path):
    told = tmp_path / "pid"
    long = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid()) + ' '); time.sleep(60)"
    run = f"run_watched([sys.executable, '-c', {long!r}], lambda line: None)"
    root = str(Path(__file__).parents[2])
    code = f"import sys; sys.path.insert(0, {root!r}); from inference.engine.commands import run_watched; {run}"
    blender = subprocess.Popen([sys.executable, "-c", code])
    wait_until(lambda: told.exists() and " " in told.read_text())
    blender.kill()
    blender.wait()
    wait_until(lambda: not is_alive(told.read_text().strip()), 1.0)


def wait_until(condition, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_chosen_python_is_told_apart_from_what_is_none(tmp_path: Path):
    with pytest.raises(PythonError, match="There is no Python at"):
        check_python(tmp_path / "nothing")
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho hello\n")
    with pytest.raises(PythonError, match="cannot be run"):
        check_python(program)
    program.chmod(0o755)
    with pytest.raises(PythonError, match="is no Python that runs: hello"):
        check_python(program)
    program.write_text("#!/bin/sh\necho '[[3, 8, 1], {}, [], {}]'\n")
    with pytest.raises(PythonError, match=r"is Python 3\.8\.1, which is too old"):
        check_python(program)


def test_a_python_without_torch_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(interpreter, "library_folders", list)  # ours may hold torch too
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')  # without its packages
    program.chmod(0o755)
    with pytest.raises(PythonError, match=r"lacks packages. Install them: .*python -m pip install .*torch"):
        check_python(program)


def test_each_system_is_offered_what_exists_for_it():
    assert [found.name for found in available("darwin", "arm64")] == ["mps"]
    assert available("darwin", "x86_64") == []
    assert [found.name for found in available("win32", "AMD64")] == [
        "cpu",
        "cu126",
        "cu130",
        "cu132",
        "xpu",
        "directml",
        "cuda",
    ]
    assert "rocm" in {found.name for found in available("linux", "x86_64")}
    assert len({found.name for found in FLAVOURS}) == len(FLAVOURS)
