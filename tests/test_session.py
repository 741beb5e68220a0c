"""What the panel shows, whatever happens in the middle of a job: told as events, without Blender."""

from __future__ import annotations

import itertools
import random
from dataclasses import FrozenInstanceError

import pytest

from addon.session.state import (
    Applied,
    Apply,
    Ask,
    Asked,
    CancelPressed,
    Closed,
    CloseWorker,
    Dismissed,
    Effect,
    Ended,
    Event,
    FileLoaded,
    Forget,
    Looked,
    NotApplied,
    NotTaken,
    Redraw,
    Rig,
    Seen,
    Session,
    Stop,
    Taken,
    Tell,
    Undone,
    Unwatch,
    Wake,
    Watch,
    Woken,
    transition,
)

GOOD = Rig("Fox_rig", reported=True)


def play(*events: Event, state: Session | None = None) -> tuple[Session, list[Effect]]:
    """The state after all of these, and what is to be done after the last one."""
    state, effects = state or Session(), ()
    for event in events:
        state, effects = transition(state, event)
    return state, list(effects)


def running(*about: str) -> Session:
    """A job that the worker is at."""
    state, _ = play(Asked("Binding"), Taken(1, about or ("Fox",)))
    return state


def test_a_click_asks_and_is_watched_once_the_scene_is_read():
    state, effects = play(Asked("Binding"))
    assert (state.shown, effects) == ("running", [Ask(1)])
    state, effects = play(Taken(1, ("Fox",)), state=state)
    assert state.work is not None
    assert (state.work.about, effects) == (("Fox",), [Watch(), Redraw()])


def test_the_first_click_waits_for_the_libraries_and_looks_at_the_button_again():
    state, effects = play(Asked("Binding", awake=False))
    assert (state.shown, effects) == ("running", [Wake(), Watch(), Redraw()])
    assert play(Looked(1, answer="done"), state=state)[0] == state, "there is no job yet that could be done"
    assert play(Woken(1, allowed=True), state=state)[1] == [Ask(1)]
    state, effects = play(Woken(1, allowed=False), state=state)
    assert state.shown == "failed"
    assert effects[0] == Unwatch()


def test_a_result_is_handed_on_once_and_the_job_is_over_before_that():
    state, effects = play(Looked(1, 0.4, "rigging"), state=running())
    assert state.work is not None
    assert (state.work.fraction, state.work.message, effects) == (0.4, "rigging", [Redraw()])
    state, effects = play(Looked(1, 1.0, answer="done"), state=state)
    assert effects == [Unwatch(), Apply(1, "Binding"), Redraw()]
    assert state.work is None, "what applies it may start the next job"
    assert play(Looked(1, 1.0, answer="done"), state=state) == (state, [])
    assert play(Applied(1, "INFO", "Good"), state=state)[1] == [Tell("INFO", "Good"), Redraw()]


def test_nothing_changes_under_the_hand_of_the_user():
    state, effects = play(Looked(1, 1.0, answer="done", busy=True), state=running())
    assert state.work is not None
    assert (state.work.phase, effects) == ("ready", [Redraw()])
    assert play(Looked(1, 1.0, answer="done", busy=True), state=state) == (state, []), "nothing is drawn for nothing"
    assert Apply(1, "Binding") in play(Looked(1, 1.0, answer="done"), state=state)[1]


def test_a_crash_of_the_worker_is_told_and_shown_until_it_is_read_or_another_job_begins():
    crash = Looked(1, answer="failed", error="The worker was killed by signal 9. Try again: it will be restarted.")
    state, effects = play(crash, state=running())
    assert state.shown == "failed"
    assert state.failure is not None
    assert (state.failure.title, state.failure.message) == ("Binding", crash.error)
    assert effects == [Unwatch(), Tell("ERROR", crash.error), Redraw()]
    assert play(Dismissed(), state=state)[0].shown == "idle"
    assert play(Asked("Binding"), state=state)[1] == [Ask(2)]
    assert play(Asked("Binding"), state=state)[0].failure is None


def test_cancel_stops_once_and_wins_over_a_result_that_comes_at_the_same_time():
    state, effects = play(CancelPressed(), state=running())
    assert effects == [Stop(), Redraw()]
    assert play(CancelPressed(), state=state) == (state, [])
    for answer in ("done", "failed", "cancelled"):
        ended, effects = play(Looked(1, answer=answer, error="x", busy=True), state=state)
        assert ended.shown == "idle", answer
        assert effects == [Unwatch(), Tell("INFO", "Cancelled"), Redraw()]
    waking, _ = play(Asked("Binding", awake=False), CancelPressed())
    assert play(Woken(1, allowed=True), state=waking)[0].work is None, "the job is never asked for"


def test_a_mesh_deleted_meanwhile_may_come_back_by_undo_until_the_result_is_there():
    state, effects = play(Looked(1, 0.5, lost=("Fox",)), state=running())
    assert state.work is not None
    assert (state.work.lost, state.shown) == (("Fox",), "running")
    back, _ = play(Undone(), Looked(1, 0.6), state=state)
    assert back.work is not None
    assert back.work.lost == ()
    assert Apply(1, "Binding") in play(Looked(1, answer="done"), state=back)[1]
    state, effects = play(Looked(1, answer="done", lost=("Fox",)), state=state)
    assert state.shown == "failed"
    assert not any(isinstance(effect, Apply) for effect in effects)
    assert state.failure is not None
    assert "'Fox' was deleted" in state.failure.message


def test_another_file_ends_the_job_and_what_was_remembered_of_the_old_one():
    state, effects = play(FileLoaded(), state=running())
    assert (state.shown, state.work) == ("idle", None)
    assert effects == [Stop(), Unwatch(), Forget(), Redraw()]
    assert play(Looked(1, answer="done"), state=state) == (state, []), "a late answer is nobody's"
    assert play(Ended(1), state=running())[1] == [Stop(), Unwatch(), Redraw()]
    failed, _ = play(NotApplied(1, "Binding", "No"), state=Session())
    assert play(FileLoaded(), state=failed)[0].shown == "idle"


def test_undo_takes_a_failure_away_but_not_the_job():
    failed, _ = play(NotApplied(1, "Binding", "'Fox' is gone."))
    assert failed.shown == "failed"
    assert play(Undone(), state=failed)[0].shown == "idle"
    assert play(Undone(), state=running())[0].work == running().work


def test_a_scene_that_cannot_be_read_is_no_job():
    state, effects = play(Asked("Binding"), NotTaken(1, "'Fox' has no faces. Select a mesh with faces."))
    assert (state.shown, state.work) == ("failed", None)
    assert effects[1] == Tell("ERROR", "'Fox' has no faces. Select a mesh with faces.")


def test_one_job_at_a_time_and_what_follows_a_result_is_the_next_one():
    assert play(Asked("Checking"), state=running()) == (running(), [])
    over, _ = play(Looked(1, answer="done"), state=running())
    following, _ = play(Asked("Checking"), Taken(2), state=over)
    after, _ = play(Applied(1, "INFO", "bound"), state=following)
    assert after.work == following.work
    refused, _ = play(NotApplied(1, "Binding", "No"), state=following)
    assert refused.shown == "running", "the bar is shown, and the failure after it"
    assert play(Looked(2, answer="done"), state=refused)[0].shown == "failed"


def test_a_report_is_shown_until_what_it_is_about_has_changed():
    assert play(Seen(None))[0].shown == "idle"
    assert play(Seen(Rig("Fox_rig", reported=False)))[0].shown == "idle"
    assert play(Seen(GOOD))[0].shown == "result"
    assert play(Seen(Rig("Fox_rig", reported=True, changed="bones")))[0].shown == "stale"
    assert play(Seen(GOOD), Asked("Checking"))[0].shown == "running"
    assert play(Seen(GOOD), Undone())[0].shown == "idle", "until it is drawn again"


def test_switching_off_leaves_no_process_no_timer_and_no_result():
    state, effects = play(Closed(), state=running())
    assert state.work is None
    assert effects == [Stop(), Unwatch(), CloseWorker(), Forget()]


def test_states_are_never_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        running().count = 3  # type: ignore[misc]


def events(count: int) -> list[Event]:
    """All that may come, about this job, the one before it and the one after it."""
    about = [
        event
        for number in (count - 1, count, count + 1)
        for event in (
            Woken(number, allowed=True),
            Woken(number, allowed=False),
            Taken(number, ("Fox",)),
            NotTaken(number, "No"),
            Looked(number, 0.5),
            Looked(number, answer="done"),
            Looked(number, answer="done", busy=True),
            Looked(number, answer="done", lost=("Fox",)),
            Looked(number, answer="failed", error="No"),
            Looked(number, answer="cancelled"),
            Applied(number, "INFO", "Good"),
            NotApplied(number, "Binding", "No"),
            Ended(number),
        )
    ]
    others = [CancelPressed(), Dismissed(), FileLoaded(), Undone(), Seen(GOOD), Closed(), Seen(None)]
    return [Asked("Binding"), Asked("Binding", awake=False), *about, *others]


@pytest.mark.parametrize("seed", range(20))
def test_in_any_order_a_timer_runs_only_beside_a_job_and_no_result_is_applied_twice(seed: int):
    dice, state = random.Random(seed), Session()
    watched, applied = False, list[int]()
    for _ in range(400):
        before = state
        state, effects = transition(state, dice.choice(events(state.count)))
        for effect in effects:
            watched = {Watch: True, Unwatch: False}.get(type(effect), watched)
            if isinstance(effect, Apply):
                assert before.work is not None
                assert before.work.number == effect.number
                applied.append(effect.number)
            assert not isinstance(effect, Ask) or (state.work and state.work.number == effect.number)
        assert state.work is not None or not watched, "a timer without a job"
        assert state.work is None or state.work.phase == "asking" or watched, "a job that nobody looks at"
        assert state.shown in ("idle", "running", "result", "stale", "failed")
    assert all(one < other for one, other in itertools.pairwise(applied))
