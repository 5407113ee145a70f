"""The tariff register: entered once, never changed, never two prices for one scope and day."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import Engine, select

from checks.tariffs.errors import NoTariffInForce
from checks.tariffs.load import load_published
from checks.tariffs.record import Scope, Tariff
from supervision.db import begin
from supervision.journal import SYSTEM, JournalEntry
from supervision.settings import FixedClock
from supervision.tariffs import TariffRefused, TariffService
from supervision.tariffs.models import TariffBinding, TariffEntry

PUBLISHED = load_published()


def named(tariff_id: str) -> Tariff:
    return next(tariff for tariff in PUBLISHED if tariff.id == tariff_id)


def test_all_published_tariffs_stand_in_the_register_as_published(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        entered = TariffService(session, clock).enter(PUBLISHED, SYSTEM)
    assert len(entered.new) == len(PUBLISHED)
    with begin(engine) as session:
        assert set(TariffService(session, clock).all()) == set(PUBLISHED)


def test_entering_them_again_changes_nothing_and_is_no_act(engine: Engine, clock: FixedClock) -> None:
    for _ in range(2):
        with begin(engine) as session:
            entered = TariffService(session, clock).enter(PUBLISHED, SYSTEM)
    assert entered.new == ()
    with begin(engine) as session:
        assert len(session.scalars(select(JournalEntry)).all()) == 1


def test_an_entered_tariff_cannot_come_back_with_other_values(engine: Engine, clock: FixedClock) -> None:
    changed = dataclasses.replace(named("hrb-res-2015"), notes="anders")
    with begin(engine) as session:
        TariffService(session, clock).enter([named("hrb-res-2015")], SYSTEM)
    with pytest.raises(TariffRefused, match="hrb-res-2015"), begin(engine) as session:
        TariffService(session, clock).enter([changed], SYSTEM)


@pytest.mark.parametrize("first_day", [dt.date(2008, 10, 20), dt.date(2012, 1, 1), dt.date(2015, 10, 19)])
def test_the_database_refuses_two_prices_for_one_scope_and_day(
    engine: Engine, clock: FixedClock, first_day: dt.date
) -> None:
    standing = named("hrb-res-2008")
    second = dataclasses.replace(standing, id="hrb-res-second", valid_from=first_day, valid_to=first_day)
    with begin(engine) as session:
        TariffService(session, clock).enter([standing], SYSTEM)
    with pytest.raises(TariffRefused, match="hrb-res-second"), begin(engine) as session:
        TariffService(session, clock).enter([second], SYSTEM)
    with begin(engine) as session:
        assert len(session.scalars(select(TariffBinding)).all()) == len(standing.methods)
        assert session.scalars(select(TariffEntry.tariff_id)).all() == ["hrb-res-2008"]


def test_the_day_after_the_last_day_is_free_for_the_next_version(engine: Engine, clock: FixedClock) -> None:
    standing = named("hrb-res-2008")
    next_day = dt.date(2015, 10, 20)
    following = dataclasses.replace(
        standing, id="hrb-res-next", valid_from=next_day, valid_to=next_day, rules_from=()
    )
    with begin(engine) as session:
        TariffService(session, clock).enter([standing, following], SYSTEM)
        found = TariffService(session, clock).in_force(Scope("哈尔滨市", "residential", "area"), next_day)
    assert found.id == "hrb-res-next"


def test_a_day_without_a_price_is_said_and_not_guessed(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        TariffService(session, clock).enter([named("hrb-res-2008")], SYSTEM)
        with pytest.raises(NoTariffInForce):
            TariffService(session, clock).in_force(
                Scope("哈尔滨市", "residential", "area"), dt.date(2008, 10, 19)
            )


def test_every_record_has_a_history_with_itself_in_it(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        service = TariffService(session, clock)
        service.enter(PUBLISHED, SYSTEM)
        for tariff in PUBLISHED:
            assert tariff in service.history(tariff), tariff.id
