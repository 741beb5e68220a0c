"""Bring the files of words in line with what the add-on shows: `python -m tools.languages`. Takes the package bpy.

New English words are added without a translation, those that are shown no more go; what is missing is printed.
Exit code 1 when something is.
"""

from __future__ import annotations

import json
import os
import sys

from tools.package import as_package


def main() -> int:
    """Collect, write, count."""
    as_package()
    import bpy

    from bonewright import addon
    from bonewright.addon.languages import FOLDER, LOCALES, words
    from tools.languages.collect import collect

    for language in LOCALES.values():  # one that is only begun
        if not (FOLDER / f"{language}.json").exists():
            (FOLDER / f"{language}.json").write_text("{}\n", encoding="utf-8")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    addon.register()
    shown = collect()
    missing = 0
    for language in dict.fromkeys(LOCALES.values()):
        known = words(language)
        kept = {text: known.get(text, "") for text in shown}
        content = json.dumps(kept, ensure_ascii=False, indent=1)
        (FOLDER / f"{language}.json").write_text(content + "\n", encoding="utf-8")
        lacking = [text for text, word in kept.items() if not word]
        missing += len(lacking)
        print(f"{language}: {len(kept) - len(lacking)} of {len(kept)} words")
        for text in lacking:
            print(f"  missing: {text}")
    return 1 if missing else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # Blender as a module may crash while Python shuts down
