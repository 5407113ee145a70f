"""The table of states: no dead end, no way around the signature, every path walked."""

from __future__ import annotations

import itertools

import pytest

from supervision.db.lifecycle import NotPossible
from supervision.filings.lifecycle import (
    BY_THE_SYSTEM,
    FINAL,
    LIFECYCLE,
    OPEN,
    TEXTS,
    Act,
    State,
    shown_steps,
)
from supervision.security import GRANTS, Permission, Role


def paths(start: State) -> list[list[State]]:
    """Every way from ``start`` to where no step leads on."""
    steps = [LIFECYCLE.step(start, act).to for act in LIFECYCLE.acts(start)]
    steps = [step for step in steps if step is not start]  # part of the explanations was given
    if not steps:
        return [[start]]
    return [[start, *rest] for step in steps for rest in paths(step)]


ALL_PATHS = paths(State.RECEIVED)


def test_every_state_is_reached_and_every_path_ends_in_a_final_state() -> None:
    assert {state for path in ALL_PATHS for state in path} == set(State)
    assert {path[-1] for path in ALL_PATHS} == FINAL


def test_no_path_passes_a_state_twice() -> None:
    for path in ALL_PATHS:
        assert len(path) == len(set(path))


def test_nothing_is_signed_that_was_not_judged_and_ready() -> None:
    signed = [path for path in ALL_PATHS if State.SIGNED in path]
    assert signed
    for path in signed:
        before = path[: path.index(State.SIGNED)]
        assert before[:2] == [State.RECEIVED, State.JUDGING]
        assert before[-1] is State.READY


def test_a_filing_with_macro_edits_alone_can_reach_its_signature() -> None:
    assert [
        State.RECEIVED,
        State.JUDGING,
        State.NEEDS_EXPLANATION,
        State.READY,
        State.SIGNED,
        State.SUPERSEDED,
    ] in ALL_PATHS


def test_only_a_filing_that_is_not_signed_can_be_withdrawn() -> None:
    assert {state for state in State if Act.WITHDRAW in LIFECYCLE.acts(state)} == OPEN


@pytest.mark.parametrize(("state", "act"), list(itertools.product(State, Act)))
def test_a_step_outside_the_table_is_not_possible(state: State, act: Act) -> None:
    if act in LIFECYCLE.acts(state):
        assert LIFECYCLE.step(state, act).to in State
    else:
        with pytest.raises(NotPossible):
            LIFECYCLE.step(state, act)


def test_company_people_explain_and_the_signatory_alone_signs() -> None:
    company = {Role.COMPANY_CLERK, Role.COMPANY_SIGNATORY}
    wanted = {
        (State.NEEDS_EXPLANATION, Act.EXPLAIN): company,
        (State.NEEDS_EXPLANATION, Act.EXPLAIN_PART): company,
        (State.READY, Act.SIGN): {Role.COMPANY_SIGNATORY},
    }
    for (state, act), roles in wanted.items():
        assert {role for role in Role if LIFECYCLE.permits(state, act, GRANTS[role])} == roles


def test_what_the_system_does_no_person_may() -> None:
    assert BY_THE_SYSTEM not in {str(permission) for permission in Permission}


def test_the_states_are_numbered_in_order_and_say_in_both_languages_what_they_mean_and_what_comes_next() -> (
    None
):
    assert [TEXTS[state].number for state in State] == list(range(1, len(State) + 1))
    for text in TEXTS.values():
        for said in (text.name_zh, text.name_en, text.zh, text.en, text.next_zh, text.next_en):
            assert said.strip()


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("had_to_explain", [True, False])
def test_the_steps_shown_lead_to_where_the_filing_stands(state: State, had_to_explain: bool) -> None:
    if state is State.NEEDS_EXPLANATION and not had_to_explain:
        pytest.skip("a filing that needs no explanation is never in this state")
    steps = shown_steps(state, had_to_explain)
    here = next(step for step in steps if step.state is state)
    assert here.mark in {"now", "stopped", "done"}
    before = steps[: steps.index(here)]
    assert all(step.mark == "done" for step in before)
    assert all(step.mark == "" for step in steps[steps.index(here) + 1 :])
