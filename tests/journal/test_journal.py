"""The journal: one transaction with the act, append-only, and every edit behind its back is found."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, delete, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from supervision.db import begin
from supervision.journal import PUBLIC, Journal, JournalEntry, JournalPersonalValue
from supervision.settings import FixedClock


def write(engine: Engine, clock: FixedClock, count: int) -> None:
    for number in range(count):
        with begin(engine) as session:
            Journal(session, clock).record(
                "complaint.received",
                actor=PUBLIC,
                object_type="complaint",
                object_id=number,
                detail={"topic": "低温", "number": number},
                personal={"phone": f"1390000{number:04d}"},
            )
        clock.move(dt.timedelta(minutes=1))


def flaws(engine: Engine, clock: FixedClock) -> list[int]:
    with begin(engine) as session:
        return [flaw.index for flaw in Journal(session, clock).flaws()]


def unguarded(session: Session, statement: str) -> None:
    """What an administrator of the database could do: take the trigger away, then change rows."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TRIGGER IF EXISTS journal_no_update"))
        session.execute(text("DROP TRIGGER IF EXISTS journal_no_delete"))
    else:
        session.execute(text("DROP TRIGGER IF EXISTS journal_append_only ON journal"))
        session.execute(text("ALTER TABLE journal_personal_value DISABLE TRIGGER ALL"))
    session.execute(text(statement))


def test_an_untouched_journal_has_no_flaw(engine: Engine, clock: FixedClock) -> None:
    write(engine, clock, 5)
    assert flaws(engine, clock) == []


def test_indexes_have_no_gap_and_time_never_runs_back(engine: Engine, clock: FixedClock) -> None:
    write(engine, clock, 2)
    clock.move(dt.timedelta(hours=-3))
    write(engine, clock, 2)
    with begin(engine) as session:
        entries = session.query(JournalEntry).order_by(JournalEntry.index).all()
    assert [entry.index for entry in entries] == [0, 1, 2, 3]
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


def test_an_act_that_fails_leaves_no_entry(engine: Engine, clock: FixedClock) -> None:
    with pytest.raises(RuntimeError), begin(engine) as session:
        Journal(session, clock).record("case.opened", actor=PUBLIC, object_type="case", object_id=1)
        raise RuntimeError
    with begin(engine) as session:
        assert Journal(session, clock).size() == 0


@pytest.mark.parametrize("verb", ["UPDATE journal SET actor = 'x'", "DELETE FROM journal"])
def test_the_database_itself_refuses_to_change_an_entry(engine: Engine, clock: FixedClock, verb: str) -> None:
    write(engine, clock, 1)
    with pytest.raises(DatabaseError), begin(engine) as session:
        session.execute(text(verb))


@pytest.mark.parametrize(
    ("edit", "index"),
    [
        ("UPDATE journal SET actor = 'x' WHERE index = 2", 2),
        ("UPDATE journal SET detail = '{}' WHERE index = 1", 1),
        ("UPDATE journal SET at = '2020-01-01 00:00:00' WHERE index = 3", 3),
        ("DELETE FROM journal WHERE index = 2", 2),
        ("UPDATE journal_personal_value SET value = '1' WHERE index = 3", 3),
    ],
)
def test_an_edit_behind_its_back_is_found_at_its_place(
    engine: Engine, clock: FixedClock, edit: str, index: int
) -> None:
    write(engine, clock, 5)
    with begin(engine) as session:
        if edit.startswith("DELETE"):
            session.execute(delete(JournalPersonalValue).where(JournalPersonalValue.index == index))
        quoted = edit.replace(" index ", ' "index" ').replace("SET at", 'SET "at"')
        unguarded(session, quoted)
    assert index in flaws(engine, clock)


def test_erasing_a_personal_value_leaves_every_proof_valid(engine: Engine, clock: FixedClock) -> None:
    write(engine, clock, 3)
    with begin(engine) as session:
        session.execute(delete(JournalPersonalValue))
    assert flaws(engine, clock) == []
