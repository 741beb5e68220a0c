"""Operators in random order in a real window, where jobs run beside everything else. BONEWRIGHT_WALKS=0-200."""

import os
import random
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import bpy  # noqa: E402
from figure import add_figure  # noqa: E402
from stage import PACKAGE, Script, context, play  # noqa: E402
from walks import Walk  # noqa: E402


def walk_all() -> Script:
    first, last = (int(part) for part in os.environ.get("BONEWRIGHT_WALKS", "0-10").split("-"))
    for seed in range(first, last):
        bpy.ops.wm.read_homefile(app_template="")
        yield 0.3
        for item in list(bpy.data.objects):
            bpy.data.objects.remove(item)
        add_figure(details=3)
        bpy.ops.ed.undo_push(message="The figure")
        walk, dice = Walk(seed, "INVOKE_DEFAULT"), random.Random(seed)
        for _ in range(15):
            with context():
                walk.step()
            yield dice.choice((0.05, 0.05, 0.3, 1.5)) if len(walk.log) > 1 or seed % 3 == 0 else 4.0
            if dice.random() < 0.03:
                bpy.ops.preferences.addon_disable(module=PACKAGE)
                yield 0.1
                bpy.ops.preferences.addon_enable(module=PACKAGE)
        walk.check()
        print(f"walk {seed}: {', '.join(walk.log)}", flush=True)


play(walk_all)
