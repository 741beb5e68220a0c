"""The first tour goes on with what is done, and shows no step twice."""

from __future__ import annotations

from addon.scene.tour.steps import ANIMATE, CORRECT, EXPORT, GENERATE, STEPS, TEST, Facts, step_of


def test_it_begins_with_generate_however_far_somebody_was():
    assert step_of(Facts()) == GENERATE
    assert step_of(Facts(reached=ANIMATE)) == GENERATE  # the armature was undone


def test_what_is_done_leads_on():
    assert step_of(Facts(rigged=True)) == CORRECT
    assert step_of(Facts(rigged=True, tested=True)) == TEST
    assert step_of(Facts(rigged=True, reached=ANIMATE)) == ANIMATE
    assert step_of(Facts(rigged=True, moved=True)) == EXPORT
    assert step_of(Facts(rigged=True, tested=True, reached=EXPORT)) == EXPORT


def test_every_step_has_a_text_of_its_own():
    assert len(set(STEPS)) == EXPORT + 1
