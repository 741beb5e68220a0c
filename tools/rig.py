"""Rig files, or generate, vary, blend and complete shapes, from the command line. See docs/command-line.md."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __package__ in (None, ""):  # started as a script, as its own workers are: from any folder
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from tools.package import as_package

as_package()

SELF = [sys.executable, str(Path(__file__).resolve())]


def main(arguments: list[str]) -> int:
    """Rig what `arguments` ask for, or be one of the worker processes that do."""
    if arguments == ["--worker", "gltf"]:
        from bonewright.addon.batch.gltf_worker import serve as serve_gltf

        serve_gltf()
        return 0
    if arguments == ["--worker", "gallery"]:
        from bonewright.addon.batch.gallery.worker import serve as serve_gallery

        serve_gallery()
        return 0
    if arguments == ["--worker", "blender"]:
        from bonewright.addon.batch.worker import serve  # imports bpy: only these workers need it
        from tools.drawing.pictures import reader

        serve(reader())
        sys.stderr.flush()
        os._exit(0)  # Blender as a module may crash while Python shuts down after it has drawn something
    from bonewright.addon.batch.shapes import VERBS, shapes_command

    if arguments and arguments[0] in VERBS:
        return shapes_command(arguments[0], arguments[1:], f"python -m tools.rig {arguments[0]}")
    from bonewright.addon.batch.engines import Workers
    from bonewright.addon.cli import gallery_command, rig_command

    workers = Workers(*([*SELF, "--worker", engine] for engine in ("gltf", "blender", "gallery")))
    if arguments[:1] == ["gallery"]:
        return gallery_command(arguments[1:], workers.gallery, "python -m tools.rig gallery")
    return rig_command(arguments, workers, "python -m tools.rig")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # before the command line itself was there to see it
        sys.exit("python -m tools.rig: stopped.")
