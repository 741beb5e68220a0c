"""What goes into the extension's zip, and what does not."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from inference.networks.loader import read_network
from inference.networks.weights_file import expected, install, is_larger
from tools.build_extension import (
    LOCK,
    MOST_WEIGHTS,
    PLATFORMS,
    PYTHONS,
    ROOT,
    build_weights_file,
    check_sum,
    find_wheel,
    manifest,
    pins,
    read_lock,
    version,
    write_zip,
)

NAMES = (
    "libigl-2.6.3-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    "libigl-2.6.3-cp312-abi3-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    "libigl-2.6.3-cp312-abi3-macosx_11_0_arm64.whl",
    "scipy-1.18.1-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    "scipy-1.18.1-cp313-cp313-macosx_14_0_arm64.whl",
    "onnxruntime-1.32.0-cp313-cp313-macosx_14_0_arm64.whl",
    "onnxruntime-1.23.2-cp313-cp313-macosx_13_0_x86_64.whl",
)


@pytest.fixture
def wheels(tmp_path: Path) -> list[Path]:
    for name in NAMES:
        (tmp_path / name).write_bytes(b"not really a wheel")
    return [tmp_path / name for name in NAMES]


def test_each_python_gets_the_wheel_that_fits_it(wheels: list[Path]):
    folder = wheels[0].parent
    assert find_wheel(folder, "libigl==2.6.3", "linux-x64", "3.11") == wheels[0]
    for python in ("3.13", "3.14"):  # one wheel of the stable interface for all newer ones
        assert find_wheel(folder, "libigl==2.6.3", "linux-x64", python) == wheels[1]
    assert find_wheel(folder, "libigl==2.6.3", "macos-arm64", "3.13") == wheels[2]  # an older macOS will do
    assert find_wheel(folder, "scipy==1.18.1", "macos-arm64", "3.13") is None  # a newer one will not
    assert find_wheel(folder, "scipy==1.18.1", "linux-x64", "3.14") is None


def test_networks_ask_for_a_newer_macos_and_on_intel_macs_for_their_last_release(wheels: list[Path]):
    folder = wheels[0].parent
    assert find_wheel(folder, "onnxruntime==1.32.0", "macos-arm64", "3.13") == wheels[5]
    assert find_wheel(folder, "onnxruntime==1.23.2", "macos-x64", "3.13") == wheels[6]
    assert "onnxruntime==1.23.2" in pins("macos-x64", "3.13")
    assert not [pin for pin in pins("macos-x64", "3.14") if pin.startswith("onnxruntime")]
    assert "onnxruntime==1.32.0" in pins("linux-x64", "3.14")


def test_the_manifest_is_valid_toml_with_platform_and_wheels(wheels: list[Path]):
    read = tomllib.loads(manifest((ROOT / "blender_manifest.toml").read_text(), "linux-x64", wheels[:2]))
    assert read["platforms"] == ["linux-x64"]
    assert read["wheels"] == [f"./wheels/{path.name}" for path in wheels[:2]]
    assert read["version"] == version()
    for text in (read["tagline"], *read["permissions"].values()):
        assert len(text) <= 64
        assert not text.endswith(".")


def test_the_zip_holds_the_sources_and_the_wheels_and_is_the_same_each_time(wheels: list[Path], tmp_path: Path):
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    weights = build_weights_file(tmp_path)
    for path in (one, two):
        write_zip(path, "linux-x64", wheels[:1], weights)
    assert one.read_bytes() == two.read_bytes()
    names = zipfile.ZipFile(one).namelist()
    assert {
        "__init__.py",
        "blender_manifest.toml",
        "LICENSE",
        "docs/ATTRIBUTION.md",  # what weights owe to whose models taught them
        "addon/__init__.py",
        "inference/pipelines/meshes.py",
    } <= set(names)
    assert f"wheels/{wheels[0].name}" in names
    assert not [name for name in names if name.startswith(("tests", "training", "tools", "blender_tests"))]
    assert [name for name in names if name.startswith("docs")] == ["docs/ATTRIBUTION.md"]
    assert not [name for name in names if "__pycache__" in name]
    assert not list(tmp_path.glob("*.part*"))


def test_the_zip_carries_small_weights_and_knows_the_weights_file_with_the_others(wheels: list[Path], tmp_path: Path):
    weights = build_weights_file(tmp_path, "https://example.org/bonewright/")
    write_zip(tmp_path / "one.zip", "linux-x64", wheels[:1], weights)
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
        inside = [entry for entry in archive.infolist() if entry.filename.startswith("inference/weights/")]
    assert sum(entry.file_size for entry in inside) <= MOST_WEIGHTS
    shipped = tmp_path / "unpacked" / "inference" / "weights"
    assert (shipped / "s3ds.onnx").is_file()
    assert not [path for path in shipped.iterdir() if is_larger(path.name)]
    known = expected(shipped)
    assert known is not None
    assert known == weights
    assert known.address == f"https://example.org/bonewright/bonewright-weights-{version()}.zip"
    assert known.size == (tmp_path / known.name).stat().st_size
    assert {"skeldiff-encoder", "skeldiff-decoder", "skeldiff-denoiser"} <= {card.name for card in known.cards}
    assert all(known.licences)


def test_the_weights_file_is_the_same_each_time_and_what_is_unpacked_runs(tmp_path: Path):
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        build_weights_file(folder)
    name = f"bonewright-weights-{version()}.zip"
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert {"LICENSE", "ATTRIBUTION.md"} <= set(zipfile.ZipFile(tmp_path / "one" / name).namelist())
    assert install(tmp_path / "one" / name, tmp_path / "user") == version()
    network = read_network("skeldiff-encoder", tmp_path / "user" / "weights-file")
    assert network.card.licence


def test_the_pages_name_a_command_that_runs():
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    command = re.search(r"`\.venv/bin/(python \S+ \S+) --help`", page)
    assert command is not None
    said = subprocess.run([sys.executable, *command[1].split()[1:], "--help"], cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "--platforms" in said.stdout


def test_every_pinned_wheel_has_a_checksum_and_another_file_is_refused(wheels: list[Path]):
    locked = read_lock()
    folder = LOCK.parent
    assert folder.is_dir()
    for pin in {pin for platform in PLATFORMS for python in PYTHONS for pin in pins(platform, python)}:
        assert any(name.startswith(pin.replace("==", "-") + "-") for name in locked)
    assert len([name for name in locked if name.startswith("scipy")]) == len(PLATFORMS) * len(PYTHONS)
    assert len([name for name in locked if name.startswith("onnxruntime")]) == len(PLATFORMS) * len(PYTHONS) - 1
    with pytest.raises(SystemExit, match="not the file listed"):
        check_sum(wheels[0], locked, lock=False)
