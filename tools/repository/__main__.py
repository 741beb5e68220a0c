"""Try the repository in a real Blender: serve it, add it, install from it, publish an update, see it, install that.

    python -m tools.repository --blender blender

It needs no network: the server is on this machine, and Blender's settings are fresh and thrown away. Exit code 0 when
each step held.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools.repository.publish import publish

ROOT = Path(__file__).resolve().parents[2]
NAME = "bonewright_here"  # of the repository, in Blender
_LOOK = """
import importlib, sys, tomllib
from pathlib import Path
import addon_utils
module = importlib.import_module("bl_ext.{name}.bonewright")
told = tomllib.loads((Path(module.__file__).parent / "blender_manifest.toml").read_text())["version"]
assert told == "{version}", told
assert addon_utils.check("bl_ext.{name}.bonewright") == (True, True), "it is not switched on"
import bpy, scipy, igl, onnxruntime
bpy.ops.bonewright.generate.poll()
print("FOUND", told, flush=True)
"""


@dataclass
class Trial:
    """Install and update from a repository on this machine."""

    blender: str = "blender"
    """Command that starts Blender."""
    python: str = ""
    """Python version inside that Blender, to build a smaller zip; all of them when empty."""
    platform: str = "linux-x64"
    """What the zip is built for."""
    wheels: Path = ROOT / "build" / "wheels"
    """Folder where downloaded wheels are kept."""


def main(trial: Trial) -> int:
    """Build, publish, install, publish the next version, update."""
    with tempfile.TemporaryDirectory(prefix="bonewright-repository-") as name:
        folder = Path(name)
        dist, site = folder / "dist", folder / "site"
        build = [sys.executable, "-m", "tools.build_extension", "--platforms", trial.platform, "--out", str(dist)]
        build += ["--wheels", str(trial.wheels), "--blender", trial.blender, "--repository", str(site)]
        subprocess.run([*build, *(["--pythons", trial.python] if trial.python else [])], check=True, cwd=ROOT)
        (old,) = dist.glob(f"*-{trial.platform}.zip")
        version = old.name.removesuffix(f"-{trial.platform}.zip").rpartition("-")[2]
        steps = _Steps(trial.blender, folder / "home")
        with served(site) as address:
            steps.extension("repo-add", "--url", f"{address}/index.json", "--name", "Bonewright", NAME)
            steps.extension("sync")
            assert "bonewright" in steps.extension("list"), "it is not offered"
            steps.extension("install", "--enable", f"{NAME}.bonewright")
            steps.look(version)
            newer = next_version(version)
            new = dist / old.name.replace(version, newer)
            with_version(old, new, newer)
            publish([new], [], site, trial.blender)
            assert not (site / old.name).exists(), "the old version is still offered"
            steps.extension("sync")
            offered = steps.extension("list")
            assert newer in offered, f"no update is seen: {offered}"
            steps.extension("update")
            steps.look(newer)
    print("REPOSITORY PASSED")
    return 0


@dataclass
class _Steps:
    """Commands of one Blender with settings of its own."""

    blender: str
    home: Path

    def extension(self, *arguments: str) -> str:
        """`blender --command extension ...` with online access; what it says."""
        return self._run("--online-mode", "--command", "extension", *arguments)

    def look(self, expected: str) -> None:
        """Whether that version is installed and works."""
        script = _LOOK.format(name=NAME, version=expected)
        said = self._run("--background", "--python-exit-code", "1", "--python-expr", script)
        assert f"FOUND {expected}" in said, said

    def _run(self, *arguments: str) -> str:
        self.home.mkdir(exist_ok=True)
        user = dict.fromkeys(("HOME", "BLENDER_APP_HOME", "BLENDER_USER_RESOURCES"), str(self.home))
        done = subprocess.run(
            [*shlex.split(self.blender), *arguments], env={**os.environ, **user}, text=True, capture_output=True
        )
        said = done.stdout + done.stderr
        print(f"$ blender {' '.join(arguments)[:120]}\n{said.strip()}", flush=True)
        if done.returncode:
            raise SystemExit(f"Blender ended with {done.returncode}.")
        return said


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A web server for `folder` on this machine; its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nothing: Blender tells what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def next_version(now: str) -> str:
    """1.2.3 -> 1.2.4"""
    first, second, third = now.split(".")
    return f"{first}.{second}.{int(third) + 1}"


def with_version(old: Path, new: Path, wanted: str) -> None:
    """The same zip as another version: only its manifest differs."""
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "blender_manifest.toml":
                lines = content.decode().splitlines(keepends=True)
                lines = [f'version = "{wanted}"\n' if line.startswith("version") else line for line in lines]
                content = "".join(lines).encode()
            target.writestr(item, content)


if __name__ == "__main__":
    import tyro

    sys.exit(main(tyro.cli(Trial)))
