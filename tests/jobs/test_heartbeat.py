"""The parts of the service say that they run, and a silence is kept once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine

from supervision.db import read
from supervision.jobs.beat_models import Heartbeat, Silence
from supervision.jobs.beating import TOO_LONG, WEB, WORKER, beat, beating
from supervision.settings import FixedClock

START = dt.datetime(2026, 11, 24, 20, tzinfo=dt.UTC)


def silences(engine: Engine) -> list[tuple[str, dt.datetime, dt.datetime]]:
    with read(engine) as session:
        return [(one.part, one.began_at, one.ended_at) for one in session.query(Silence)]


def test_a_part_that_says_nothing_for_long_leaves_one_silence_and_a_restart_none(engine: Engine) -> None:
    clock = FixedClock(START)
    for part in (WEB, WORKER):
        beat(engine, clock, part)
    clock.move(TOO_LONG)
    beat(engine, clock, WEB)
    assert silences(engine) == []
    clock.move(dt.timedelta(hours=6))
    for _ in range(2):  # two processes of one part
        beat(engine, clock, WEB)
    assert silences(engine) == [(WEB, START + TOO_LONG, clock.now())]


def test_a_part_beats_as_soon_as_it_runs(engine: Engine) -> None:
    clock = FixedClock(START)
    with beating(engine, clock, WORKER), read(engine) as session:
        assert session.get_one(Heartbeat, WORKER).at == START
