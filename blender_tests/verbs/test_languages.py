"""The words of the panel: none is missing in any language, and each is shown where its language is chosen."""

from __future__ import annotations

import re

import bpy
import pytest

from bonewright.addon.languages import LOCALES, tr, words
from tools.languages.collect import collect

pytestmark = pytest.mark.usefixtures("extension")
LANGUAGES = tuple(dict.fromkeys(LOCALES.values()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_missing_and_none_is_left_over(language: str):
    known, shown = words(language), collect()
    assert not [text for text in shown if not known.get(text)], "run python -m tools.languages and translate these"
    assert not set(known) - set(shown), "run python -m tools.languages: these are shown no more"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_stands_in_each_translation(language: str):
    for text, word in words(language).items():
        assert text.count("{}") == word.count("{}"), text
        assert not re.search(r"\s{2}|^\s|\s$", word), word


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_no_copies(language: str):
    known = words(language)
    same = [text for text, word in known.items() if text == word]
    assert len(same) < 0.12 * len(known), same


def test_what_blender_does_not_know_stays_english_where_that_is_chosen():
    assert tr("Generate Armature") == "Generate Armature"
    assert tr("{} of {} failed", 2, 50) == "2 of 50 failed"
    assert bpy.app.translations.pgettext_iface("Generate Armature", "Operator") == "Generate Armature"
