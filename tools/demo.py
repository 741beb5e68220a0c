"""Make a creature, rig it, and say where to look: `make demo`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.rig import main as rig
from tools.sample import make_creature, write_obj


def main() -> int:
    """Rig the sample creature into a folder."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where to (default: out/demo)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another creature (default: 0)")
    asked = parser.parse_args()
    mesh = asked.out / "creature.obj"
    write_obj(mesh, *make_creature(asked.seed))
    print(f"Rigging {mesh} ...")
    report = asked.out / "report.json"
    rigged = asked.out / "rigged"
    request = [str(mesh), "-o", str(rigged), "--format", "blend,glb", "--picture", "--report", str(report), "--force"]
    code = rig(request)
    if code == 0:
        for label, path in {
            "Blender file": rigged / "creature.blend",
            "glTF": rigged / "creature.glb",
            "picture": rigged / "creature.png",
            "report": report,
        }.items():
            print(f"  {label:<13} {path.resolve()}")
    return code


if __name__ == "__main__":
    sys.exit(main())
