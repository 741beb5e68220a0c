"""A batch in a real window, with the extension installed: started, cancelled, resumed; the panel in five languages.

Prints how long the window was blocked at most while workers rig.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import bpy  # noqa: E402
from figure import add_figure  # noqa: E402
from stage import Script, call, context, module, open_sidebar, play, shot  # noqa: E402

SETTLE = 1.5
ASSETS = 12
LANGUAGES = ("de_DE", "fr_FR", "es", "ja_JP", "zh_HANS")


def over() -> int:
    return module("session.batch").state().over


def idle() -> bool:
    return not module("session.batch").state().busy


def library(folder: Path) -> None:
    """Figures as files, and one file that is broken."""
    figure = add_figure(details=1)
    first = folder / "figure_00.obj"
    with context():
        bpy.ops.wm.obj_export(filepath=str(first), export_materials=False)
    for number in range(1, ASSETS - 1):
        shutil.copy(first, folder / f"figure_{number:02d}.obj")
    (folder / "torn.obj").write_text("v 0 0\n", encoding="ascii")
    bpy.data.objects.remove(figure)


def open_batch_alone() -> list[type]:
    """Panels cannot be opened by a script: the others are taken away for a while, and this one comes open."""
    own = bpy.types.BONEWRIGHT_PT_batch
    others = [
        getattr(bpy.types, name)
        for name in dir(bpy.types)
        if name.startswith("BONEWRIGHT_PT_") and name not in ("BONEWRIGHT_PT_batch", "BONEWRIGHT_PT_presets")
    ]
    for panel in others:
        bpy.utils.unregister_class(panel)
    bpy.utils.unregister_class(own)
    own.bl_options = set()
    bpy.utils.register_class(own)
    return others


def until(count: int, gaps: list[float]) -> Script:
    """Wait for so many assets, and note how long the window's loop takes from one look to the next."""
    began = last = time.monotonic()
    while over() < count and not idle():
        yield 0.02
        now = time.monotonic()
        gaps.append(now - last - 0.02)
        last = now
        assert now - began < 300, "the batch stands still"


def walk() -> Script:
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    with tempfile.TemporaryDirectory(prefix="bonewright-batch-") as place:
        folder, out = Path(place) / "in", Path(place) / "out"
        folder.mkdir()
        library(folder)
        others = open_batch_alone()
        asked = bpy.context.scene.bonewright.batch
        asked.folder, asked.out, asked.gallery = str(folder), str(out), False
        yield from open_sidebar()
        yield SETTLE
        gaps: list[float] = []
        assert call(bpy.ops.bonewright.batch) == {"FINISHED"}
        yield from until(3, gaps)
        shot("batch_1_running")
        call(bpy.ops.bonewright.cancel_batch)
        yield idle
        assert 3 <= over() < ASSETS
        yield SETTLE
        shot("batch_2_cancelled")
        assert call(bpy.ops.bonewright.batch) == {"FINISHED"}
        yield from until(ASSETS, gaps)
        yield idle
        yield SETTLE
        shot("batch_3_done")
        print(
            f"TIMING batch: window blocked for {max(gaps):.2f} s at most, {sorted(gaps)[len(gaps) // 2]:.3f} s (median)"
        )
        made = sorted(path.stem for path in out.glob("*.glb"))
        assert len(made) == ASSETS - 1, made
        view = bpy.context.preferences.view
        for language in LANGUAGES:
            view.language, view.use_translate_interface = language, True
            yield SETTLE
            shot(f"batch_4_{language}")
        view.language = "en_US"
        for panel in sorted(others, key=lambda panel: hasattr(panel, "bl_parent_id")):
            bpy.utils.register_class(panel)


if __name__ == "__main__":
    play(walk)
