"""The panel in other languages than English: one file of words each, and how they are looked up."""

from __future__ import annotations

import json
from pathlib import Path

import bpy

FOLDER = Path(__file__).parent
# Blender's names of a language -> our file; the names of some have changed with its versions
LOCALES = {
    "de_DE": "de",
    "fr_FR": "fr",
    "es": "es",
    "es_ES": "es",
    "ja_JP": "ja",
    "zh_HANS": "zh",
    "zh_CN": "zh",
}
# labels of operators are looked up in a context of their own; ours is for words that Blender takes otherwise
_CONTEXTS = ("*", "Operator", "Bonewright")


def tr(text: str, *filled: object) -> str:
    """`text` as the panel shows it, with `filled` in place of each {}."""
    shown = bpy.app.translations.pgettext_iface(text)
    return shown.format(*filled) if filled else shown


def words(language: str) -> dict[str, str]:
    """English -> that language."""
    return json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))


def register() -> None:
    """Hand all of them to Blender, which knows the language that is chosen."""
    files = {language: words(language) for language in dict.fromkeys(LOCALES.values())}
    known = {
        locale: {(context, text): word for text, word in files[language].items() if word for context in _CONTEXTS}
        for locale, language in LOCALES.items()
    }
    bpy.app.translations.register(__name__, known)


def unregister() -> None:
    bpy.app.translations.unregister(__name__)
