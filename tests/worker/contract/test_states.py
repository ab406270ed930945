from __future__ import annotations

from worker.contract.states import FINAL, TRANSITIONS, JobState, sources


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(JobState)


def test_final_states_are_left_by_nothing() -> None:
    assert {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED} == FINAL


def test_every_state_can_be_reached_from_queued() -> None:
    reached = {JobState.QUEUED}
    while more := {after for state in reached for after in TRANSITIONS[state]} - reached:
        reached |= more
    assert reached == set(JobState)


def test_sources_turn_the_table_round() -> None:
    for target in JobState:
        assert sources(target) == tuple(state for state in JobState if target in TRANSITIONS[state])
    assert sources(JobState.SUCCEEDED) == (JobState.RUNNING,)
