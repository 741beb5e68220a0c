"""The verb `weights` of the command line, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.build_extension import ROOT, build_weights_file


def weights(*arguments: str, root: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from tools.package import as_package; as_package(); from bonewright.addon.cli import command;"
    code += "sys.exit(command(['weights', *sys.argv[1:]], ['bonewright'], 'bonewright'))"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "BONEWRIGHT_WEIGHTS": str(root)},
        capture_output=True,
        text=True,
    )


def test_the_weights_file_is_shown_installed_and_removed(tmp_path: Path) -> None:
    known, root = build_weights_file(tmp_path), tmp_path / "user"
    said = weights(root=root)
    assert said.returncode == 0, said.stderr
    assert "skeldiff-encoder" in said.stdout
    assert "its networks are part of this installation" in said.stdout
    said = weights("install", str(tmp_path / known.name), root=root)
    assert said.returncode == 0, said.stderr
    assert f"SHA-256 {known.sha256}" in said.stdout
    assert all(licence in said.stdout for licence in known.licences)
    assert f"The weights file {known.version} is installed" in weights(root=root).stdout
    assert weights("remove", root=root).returncode == 0
    assert not (root / "weights-file").exists()


def test_what_is_no_weights_file_or_is_nowhere_is_told(tmp_path: Path) -> None:
    said = weights("install", root=tmp_path)
    assert (said.returncode, "Say which weights file" in said.stderr) == (2, True)
    said = weights("install", str(tmp_path / "none.zip"), root=tmp_path)
    assert (said.returncode, "cannot be read" in said.stderr) == (1, True)
    said = weights("install", "http://127.0.0.1:9/none.zip", root=tmp_path)
    assert (said.returncode, "cannot be fetched" in said.stderr) == (1, True)
