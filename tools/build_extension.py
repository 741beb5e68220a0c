"""Build the extension: one zip per platform, with the wheels of every Python that the supported Blenders ship.

    python -m tools.build_extension                         all platforms, into dist/
    python -m tools.build_extension --platforms linux-x64   one of them
    python -m tools.build_extension --blender "blender"     validate each zip with that Blender too
    python -m tools.build_extension --repository FOLDER     and put them into a repository that Blender installs from

One zip serves all Blender versions of a platform: whoever installs it need not know which Python is inside, and a
Blender update finds its wheels already there. Split by Python, a zip would be less than half as big.

Beside the zips comes the weights file, with the networks that not everybody needs; each zip knows it by its checksum.
"""

from __future__ import annotations

import hashlib
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement

from inference.files import written_whole
from inference.networks.weights_file import (
    CONTENTS,
    FACTS,
    PAPERS,
    WeightsFile,
    contents_of,
    facts_of,
    is_larger,
    look_into,
)
from tools.repository.publish import publish

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "requirements" / "runtime.txt"
LOCK = ROOT / "tools" / "wheels.sha256"

PLATFORMS = {
    # Blender's name -> pip's tags, oldest system first so that the wheel that runs on most machines is taken
    "linux-x64": ("manylinux2014_x86_64", "manylinux_2_27_x86_64", "manylinux_2_28_x86_64"),
    "windows-x64": ("win_amd64",),
    "macos-arm64": ("macosx_12_0_arm64",),
    "macos-x64": ("macosx_10_15_x86_64",),
}
# As requirements/runtime.txt asks for them.
MACHINES = {
    "linux-x64": ("linux", "x86_64"),
    "windows-x64": ("win32", "AMD64"),
    "macos-arm64": ("darwin", "arm64"),
    "macos-x64": ("darwin", "x86_64"),
}
# ONNX Runtime has wheels for newer macOS only; on an older one the geometry serves alone.
NEWER_SYSTEMS = {"macos-arm64": ("macosx_14_0_arm64",), "macos-x64": ("macosx_13_0_x86_64",)}
PYTHONS = ("3.11", "3.13", "3.14")  # of Blender 4.2-5.0, of 5.1 and newer, of Debian's build
SOURCES = (
    "__init__.py",
    "blender_manifest.toml",
    "LICENSE",
    "docs/ATTRIBUTION.md",
    "addon/**/*.py",
    "addon/batch/gallery/site/*",
    "addon/languages/*.json",
    "addon/scene/tour/*.npz",
    "inference/**/*.py",
    "inference/weights/*",
)
WEIGHTS = ROOT / "inference" / "weights"
MOST_WEIGHTS = 30_000_000  # bytes of trained weights in a zip
_FIXED_TIME = (2020, 1, 1, 0, 0, 0)  # the same sources give the same zip


@dataclass
class Build:
    """Build the extension for some platforms."""

    platforms: tuple[str, ...] = tuple(PLATFORMS)
    """Which of linux-x64, windows-x64, macos-arm64, macos-x64."""
    pythons: tuple[str, ...] = PYTHONS
    """Which Python versions to carry wheels for."""
    out: Path = ROOT / "dist"
    """Folder for the zips."""
    wheels: Path = ROOT / "build" / "wheels"
    """Folder where downloaded wheels are kept between builds; filled beforehand, no network is needed."""
    address: str = ""
    """Where the weights file will lie, to be fetched by a button: the URL of its folder. Without one the button looks
    beside the list of the extension repository that Bonewright was installed from."""
    blender: str = ""
    """Command that starts Blender, to validate each zip with and to list a repository."""
    repository: Path | None = None
    """Folder of a static repository to put the zips, the weights file and their list into: see docs/install.md."""
    lock: bool = False
    """Write the checksums of the wheels down instead of checking them."""


def main(build: Build) -> int:
    """Build, report, validate. 0 when every zip is good."""
    build.out.mkdir(parents=True, exist_ok=True)
    sums: dict[str, str] = {} if build.lock else read_lock()
    weights = build_weights_file(build.out, build.address)
    print(f"{build.out / weights.name}  {weights.megabytes}  ({len(weights.cards)} networks)", flush=True)
    worst, zips = 0, list[Path]()
    for platform in build.platforms:
        wheels = sorted({path for python in build.pythons for path in fetch_wheels(build, platform, python)})
        for wheel in wheels:
            check_sum(wheel, sums, lock=build.lock)
        path = build.out / f"bonewright-{version()}-{platform}.zip"
        write_zip(path, platform, wheels, weights)
        zips.append(path)
        parts = ", ".join(f"{wheel.name.split('-')[0]} {wheel.stat().st_size / 1e6:.1f}" for wheel in wheels)
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB  (wheels: {parts})", flush=True)
        if build.blender:
            worst = max(worst, validate(path, build.blender))
    if build.lock:
        LOCK.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
    if build.repository is not None and not worst:
        print(publish(zips, [build.out / weights.name], build.repository, build.blender or "blender"))
    return worst


def version() -> str:
    """The extension's version, from its manifest."""
    lines = (ROOT / "blender_manifest.toml").read_text().splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version"))


def fetch_wheels(build: Build, platform: str, python: str) -> list[Path]:
    """The pinned wheels of one platform and Python, from the folder or else from the package index."""
    return [fetch_wheel(build.wheels, pin, platform, python) for pin in pins(platform, python)]


def fetch_wheel(folder: Path, pin: str, platform: str, python: str) -> Path:
    """One of them."""
    found = find_wheel(folder, pin, platform, python)
    if found is None:
        folder.mkdir(parents=True, exist_ok=True)
        tags = [argument for tag in (*tags_of(pin, platform), "any") for argument in ("--platform", tag)]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--python-version", python, *tags, "--dest", str(folder), pin], check=True)
        found = find_wheel(folder, pin, platform, python)
    if found is None:
        raise SystemExit(f"pip found no wheel of {pin} that runs on {platform} with Python {python}.")
    return found


def tags_of(pin: str, platform: str) -> tuple[str, ...]:
    """pip's tags of the systems that a wheel for `platform` may be made for."""
    return (*PLATFORMS[platform], *(NEWER_SYSTEMS.get(platform, ()) if pin.startswith("onnxruntime") else ()))


def pins(platform: str, python: str) -> tuple[str, ...]:
    """What the extension bundles: what inference/ is tested with. NumPy is in every Blender."""
    system, machine = MACHINES[platform]
    where = {"python_version": python, "sys_platform": system, "platform_machine": machine}
    lines = (line.partition("#")[0].strip() for line in RUNTIME.read_text(encoding="utf-8").splitlines())
    needs = [Requirement(line) for line in lines if line]
    return tuple(f"{need.name}{need.specifier}" for need in needs if need.marker is None or need.marker.evaluate(where))


def find_wheel(folder: Path, pin: str, platform: str, python: str) -> Path | None:
    """The wheel for `pin` in `folder`, None when it is not there yet."""
    name, release = pin.split("==")
    tags = tags_of(pin, platform)
    for path in sorted(folder.glob(f"{name}-{release}-*.whl")):
        interpreter, abi, where = path.stem.split("-")[-3:]
        fits_place = where == "any" or any(tag in where.split(".") or _older_mac(where, tag) for tag in tags)
        if fits_place and _fits_python(interpreter, abi, python):
            return path
    return None


def _older_mac(where: str, tag: str) -> bool:
    """A wheel for an older macOS on the same processor runs too."""
    system, _, rest = tag.partition("_")
    if system != "macosx" or not where.startswith("macosx_"):
        return False
    wanted, found = rest.split("_", 2), where.partition("_")[2].split("_", 2)
    return found[2] == wanted[2] and [int(n) for n in found[:2]] <= [int(n) for n in wanted[:2]]


def _fits_python(interpreter: str, abi: str, python: str) -> bool:
    minor = int(python.split(".")[1])
    if interpreter in ("py3", "py2.py3"):
        return True
    return interpreter == f"cp3{minor}" or (abi == "abi3" and int(interpreter.removeprefix("cp3")) <= minor)


def read_lock() -> dict[str, str]:
    """Checksums by file name."""
    lines = LOCK.read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def check_sum(wheel: Path, sums: dict[str, str], *, lock: bool) -> None:
    """Refuse a wheel that is not, byte for byte, the one that was pinned."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if lock:
        sums[wheel.name] = digest
    elif sums.get(wheel.name) != digest:
        raise SystemExit(f"{wheel} is not the file listed in {LOCK.name}. Delete it and build again.")


def build_weights_file(out: Path, address: str = "") -> WeightsFile:
    """Write the weights file into the folder `out`; what a zip is to know of it."""
    files = {path.name: path.read_bytes() for path in sorted(WEIGHTS.iterdir()) if is_larger(path.name)}
    files |= {name: (ROOT / folder / name).read_bytes() for name, folder in PAPERS.items()}
    path = out / f"bonewright-weights-{version()}.zip"
    with written_whole(path) as part, zipfile.ZipFile(part, "w") as archive:
        for name, content in {CONTENTS: contents_of(files, version()), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), content, zipfile.ZIP_DEFLATED)
    return replace(look_into(path), address=f"{address.rstrip('/')}/{path.name}" if address else "")


def write_zip(path: Path, platform: str, wheels: list[Path], weights: WeightsFile) -> None:
    """Pack the sources, what is to be known of the weights file, and the wheels. It appears only when it is whole."""
    check_weights()
    with written_whole(path) as part, zipfile.ZipFile(part, "w") as archive:
        for source in sources():
            name = source.relative_to(ROOT).as_posix()
            content = source.read_bytes()
            if name == "blender_manifest.toml":
                content = manifest(content.decode(), platform, wheels).encode()
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), content, zipfile.ZIP_DEFLATED)
        facts = zipfile.ZipInfo((WEIGHTS / FACTS).relative_to(ROOT).as_posix(), _FIXED_TIME)
        archive.writestr(facts, facts_of(weights), zipfile.ZIP_DEFLATED)
        for wheel in wheels:
            with (
                archive.open(zipfile.ZipInfo(f"wheels/{wheel.name}", _FIXED_TIME), "w") as target,
                wheel.open("rb") as raw,
            ):
                shutil.copyfileobj(raw, target)


def sources() -> Iterable[Path]:
    """Every file of the repository that belongs into the extension."""
    found = {path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file()}
    others = {path for path in found if path.parent == WEIGHTS and is_larger(path.name)}
    return sorted(path for path in found - others if "__pycache__" not in path.parts)


def check_weights() -> None:
    """What everybody has to fetch stays small."""
    size = sum(path.stat().st_size for path in sources() if path.parent == WEIGHTS)
    if size > MOST_WEIGHTS:
        raise SystemExit(
            f"The weights in the zip are {size / 1e6:.1f} MB, at most {MOST_WEIGHTS / 1e6:.0f} MB may be. Put some "
            "into the weights file (inference/networks/weights_file.py)."
        )


def manifest(text: str, platform: str, wheels: list[Path]) -> str:
    """The manifest with what only the build knows, put before its first table."""
    listed = "".join(f'  "./wheels/{wheel.name}",\n' for wheel in wheels)
    head, bracket, tables = text.partition("\n[")
    return f'{head}\nplatforms = ["{platform}"]\nwheels = [\n{listed}]\n{bracket}{tables}'


def validate(path: Path, blender: str) -> int:
    """Let Blender itself judge the zip."""
    return subprocess.run([*shlex.split(blender), "--command", "extension", "validate", str(path)]).returncode


if __name__ == "__main__":
    import tyro

    sys.exit(main(tyro.cli(Build)))
