"""What the panel shows of a batch, told as events: without Blender and without a run."""

from __future__ import annotations

from addon.session.batch_state import (
    Batch,
    Began,
    CancelPressed,
    Ended,
    Event,
    Finished,
    Planned,
    Said,
    Stepped,
    transition,
)

TWO = Planned((("/in/fox.glb", "fox.glb"), ("/in/owl.glb", "owl.glb")))


def play(*events: Event, state: Batch | None = None) -> tuple[Batch, tuple[str, ...]]:
    """The state after all of these, and what is to be done after the last one."""
    state, effects = state or Batch(), ()
    for event in events:
        state, effects = transition(state, event)
    return state, effects


def test_a_run_goes_from_the_click_over_each_asset_to_its_end():
    state, effects = play(Began("/out"))
    assert (state.phase, effects) == ("running", ("start", "show"))
    state, _ = play(TWO, Stepped("/in/fox.glb", 0.5, "binding"), state=state)
    assert [row.stand for row in state.rows] == ["working", "waiting"]
    assert (state.fraction, state.over) == (0.25, 0)
    state, _ = play(
        Finished("/in/fox.glb", "good", "Good", "/out/fox.glb"),
        Finished("/in/owl.glb", "failed", "No mesh."),
        state=state,
    )
    assert (state.over, state.failures, state.fraction) == (2, 1, 1.0)
    assert state.rows[0].result == "/out/fox.glb"
    state, _ = play(Said("Drawing the gallery"), Ended("1 of 2 files rigged.", gallery="/out/page"), state=state)
    assert (state.phase, state.busy, state.gallery) == ("over", False, "/out/page")


def test_cancel_stops_once_and_what_was_under_way_waits_for_the_next_run():
    state, _ = play(Began("/out"), TWO, Finished("/in/fox.glb", "good", "Good"), Stepped("/in/owl.glb", 0.9))
    state, effects = play(CancelPressed(), state=state)
    assert (state.phase, effects) == ("stopping", ("stop", "show"))
    assert play(CancelPressed(), state=state) == (state, ())
    state, _ = play(Ended("", cancelled=True), state=state)
    assert [row.stand for row in state.rows] == ["good", "waiting"]
    assert state.cancelled
    again, effects = play(Began("/out"), state=state)
    assert (again.rows, again.cancelled, effects[0]) == ((), False, "start")


def test_one_batch_at_a_time_and_late_words_change_nothing():
    running, _ = play(Began("/out"), TWO)
    assert play(Began("/elsewhere"), state=running) == (running, ())
    done, _ = play(Finished("/in/fox.glb", "good", "Good"), state=running)
    assert play(Stepped("/in/fox.glb", 0.3), state=done) == (done, ()), "it is over already"
    assert play(Finished("/in/cat.glb", "good", "Good"), state=done) == (done, ()), "nobody planned it"
    over, _ = play(Ended("x"), state=done)
    for late in (TWO, Stepped("/in/owl.glb", 0.3), Finished("/in/owl.glb", "good", ""), Said("x"), Ended("y")):
        assert play(late, state=over) == (over, ())


def test_selected_objects_are_written_before_it_is_known_what_the_run_is_of():
    state, effects = play(Began("/out", writes=True))
    assert (state.phase, effects[0]) == ("writing", "start")
    assert play(TWO, state=state)[0].phase == "running"
    assert play(CancelPressed(), state=state)[0].phase == "stopping"
    broken, _ = play(Ended("'/out' cannot be written", failed=True), state=state)
    assert (broken.phase, broken.failed) == ("over", True)
