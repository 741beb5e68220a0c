"""The one line that is said of a rig."""

from inference.verdicts import verdict_line


def test_a_good_rig_is_called_good() -> None:
    assert verdict_line("good", ()) == "Good"


def test_what_to_look_at_is_counted_and_named() -> None:
    assert verdict_line("look", ("left hand", "tail")) == "Look at 2 things: left hand, tail"
    assert verdict_line("look", ("tail",)) == "Look at 1 thing: tail"


def test_a_rig_that_is_probably_wrong_says_why() -> None:
    assert verdict_line("wrong", ("front",)) == "Probably wrong: front"


def test_an_armature_that_nobody_judged_has_no_verdict() -> None:
    assert verdict_line("", ()) == "Not judged yet"
