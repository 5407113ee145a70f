"""A charge beside the price is entered by one person and approved by another, from an official source, once."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest
from charges_ground import (
    APPROVER,
    AUTHOR,
    KNOWN,
    SOURCE,
    WHY,
    approve,
    charge,
    more_names,
    person,
    registered,
    submitted,
)
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from checks.fees import FeeSource, Standing, shipped_register
from supervision.companies import CompanyService
from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.fees import Charge, FeeEntering, FeeRefused, FeeService
from supervision.fees.lifecycle import LIFECYCLE, EntryAct, EntryState
from supervision.fees.models import FeeEntry
from supervision.fees.problems import SamePerson
from supervision.jobs.models import Job
from supervision.journal import SYSTEM, Journal, JournalEntry
from supervision.security import Role
from supervision.settings import FixedClock


def test_an_approved_charge_is_in_the_register_with_its_source(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        entry = submitted(session, clock)
        assert FeeService(session).register() == shipped_register(), "nothing before it is approved"
        approve(session, clock, entry)
        register = FeeService(session).register()
        found = register.named("2025年供热泵费")
        assert found is not None
        assert found.code == "pump_fee"
        assert register.source_of(found.rulings[0]) == SOURCE
        assert register.digest != shipped_register().digest


def test_every_act_leaves_its_actor_its_reason_and_a_sound_journal(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        entering = FeeEntering(session, clock)
        entry = submitted(session, clock)
        entering.send_back(entry, by=APPROVER, version=entry.version, reason="网址打不开，请更正。")
        entering.save(entry, charge("供热泵费", "泵站费"), by=AUTHOR, version=entry.version)
        entering.submit(entry, by=AUTHOR, version=entry.version)
        approve(session, clock, entry)
        entering.withdraw(entry, by=APPROVER, version=entry.version, reason="通知已被废止。")
    with begin(engine) as session:
        entry = session.scalars(select(FeeEntry)).one()
        assert [(one.act, one.by_name, one.reason) for one in entry.events] == [
            ("start", "author", None),
            ("submit", "author", None),
            ("send_back", "approver", "网址打不开，请更正。"),
            ("save", "author", None),
            ("submit", "author", None),
            ("approve", "approver", WHY),
            ("withdraw", "approver", "通知已被废止。"),
        ]
        journal = Journal(session, clock)
        told = session.scalars(select(JournalEntry.act).order_by(JournalEntry.index)).all()
        assert told == [f"fee.{one.act}" for one in entry.events]
        assert list(journal.flaws()) == []


def test_the_register_of_a_moment_comes_back_with_its_digest(engine: Engine, clock: FixedClock) -> None:
    moments, digests = [], []
    with begin(engine) as session:
        service, entering = FeeService(session), FeeEntering(session, clock)
        first = registered(session, clock)
        for act in (
            lambda: None,
            lambda: registered(session, clock, charge("泵站费", code="station_fee")),
            lambda: entering.withdraw(first, by=APPROVER, version=first.version, reason="通知已被废止。"),
        ):
            act()
            moments.append(clock.now())
            digests.append(service.register().digest)
            clock.move(dt.timedelta(days=1))
        assert len({shipped_register().digest, *digests}) == 4
        assert [service.register(at=moment).digest for moment in moments] == digests
        before = moments[0] - dt.timedelta(seconds=1)
        assert service.register(at=before) == shipped_register()


def test_by_the_law_of_a_day_only_what_was_published_counts(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        registered(session, clock)
        service = FeeService(session)
        assert service.register(law=KNOWN - dt.timedelta(days=1)) == shipped_register()
        assert service.register(law=KNOWN) == service.register()


def test_whoever_entered_a_charge_does_not_decide_on_it(engine: Engine, clock: FixedClock) -> None:
    same = person("other-sign-in", Role.SUPERVISING_OFFICER, AUTHOR.person_no)
    with begin(engine) as session:
        entry = submitted(session, clock)
        entering = FeeEntering(session, clock)
        with pytest.raises(SamePerson):
            approve(session, clock, entry, same)
        with pytest.raises(SamePerson):
            entering.send_back(entry, by=same, version=entry.version, reason="网址打不开。")
        approve(session, clock, entry)
        with pytest.raises(SamePerson):
            entering.withdraw(entry, by=same, version=entry.version, reason="通知已被废止。")


def test_only_the_author_changes_a_draft_and_nothing_changes_unseen(
    engine: Engine, clock: FixedClock
) -> None:
    with begin(engine) as session:
        entering = FeeEntering(session, clock)
        entry = entering.start(charge(), by=AUTHOR)
        with pytest.raises(FeeRefused, match="author"):
            entering.save(entry, charge(), by=person("other"), version=entry.version)
        with pytest.raises(MovedMeanwhile):
            entering.submit(entry, by=AUTHOR, version=entry.version + 1)
        entering.submit(entry, by=AUTHOR, version=entry.version)
        with pytest.raises(MovedMeanwhile):
            FeeEntering(session, clock).approve(
                entry, by=APPROVER, version=entry.version, record_digest="0" * 64, reason=WHY
            )


@pytest.mark.parametrize("state", list(EntryState))
def test_what_the_table_does_not_name_is_refused(
    engine: Engine, clock: FixedClock, state: EntryState
) -> None:
    with begin(engine) as session:
        entering = FeeEntering(session, clock)
        entry = entering.start(charge(), by=AUTHOR)
        if state is not EntryState.DRAFT and state is not EntryState.DISCARDED:
            entering.submit(entry, by=AUTHOR, version=entry.version)
        if state in (EntryState.APPROVED, EntryState.WITHDRAWN):
            approve(session, clock, entry)
        if state is EntryState.WITHDRAWN:
            entering.withdraw(entry, by=APPROVER, version=entry.version, reason="通知已被废止。")
        if state is EntryState.DISCARDED:
            entering.discard(entry, by=AUTHOR, version=entry.version, reason="录错了项目。")
        assert entry.state is state
        seen = {"version": entry.version, "reason": WHY}
        calls = {
            EntryAct.SAVE: lambda: entering.save(entry, charge(), by=AUTHOR, version=entry.version),
            EntryAct.SUBMIT: lambda: entering.submit(entry, by=AUTHOR, **seen),
            EntryAct.DISCARD: lambda: entering.discard(entry, by=AUTHOR, **seen),
            EntryAct.SEND_BACK: lambda: entering.send_back(entry, by=APPROVER, **seen),
            EntryAct.APPROVE: lambda: approve(session, clock, entry),
            EntryAct.WITHDRAW: lambda: entering.withdraw(entry, by=APPROVER, **seen),
        }
        for act in EntryAct:
            if (state, act) not in LIFECYCLE.steps:
                with pytest.raises(NotPossible):
                    calls[act]()


@pytest.mark.parametrize(
    ("what", "field"),
    [
        (charge("入网费"), "names"),
        (charge("费"), "names"),
        (charge(code="Pump Fee"), "code"),
        (charge(code="entry_fee"), "code"),
        (charge(standing=None), "standing"),
        (charge(valid_from=None), "valid_from"),
        (charge(limit="0.20"), "limit"),
        (charge(standing=Standing.CONDITIONAL, limit="0"), "limit"),
        (charge(says_zh="no Chinese"), "says_zh"),
        (charge(says_en="没有英文"), "says_en"),
        (charge()._replace(source=replace(SOURCE, url=None)), "source_url"),
        (charge()._replace(source=replace(SOURCE, url="https://www.example.com/gov.cn")), "source_url"),
        (charge()._replace(source=replace(SOURCE, url="https://gov.cn.example.com/")), "source_url"),
        (charge()._replace(source=FeeSource("通知", "", SOURCE.url)), "source_name_en"),
        (charge()._replace(known_from=dt.date(2099, 1, 1)), "known_from"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_not_sound_is_refused_at_its_field(
    engine: Engine, clock: FixedClock, what: Charge, field: str
) -> None:
    with begin(engine) as session:
        with pytest.raises(FeeRefused) as refused:
            FeeEntering(session, clock).start(what, by=AUTHOR)
        assert refused.value.field == field
        assert refused.value.zh
        assert "。" not in refused.value.en


def test_a_known_charge_takes_more_names_but_none_of_another(engine: Engine, clock: FixedClock) -> None:
    entry_fee = shipped_register().fee("entry_fee")
    assert entry_fee is not None
    with begin(engine) as session:
        registered(session, clock, more_names(entry_fee, "接网押金"))
        found = FeeService(session).register().named("接网押金")
        assert found is not None
        assert found.rulings == entry_fee.rulings
        with pytest.raises(FeeRefused, match="entry_fee"):
            FeeEntering(session, clock).start(charge("接网押金"), by=AUTHOR)


def test_of_two_entries_with_one_name_only_the_first_is_approved(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        first, second = submitted(session, clock), submitted(session, clock, charge(code="station_fee"))
        approve(session, clock, first)
        with pytest.raises(FeeRefused, match="pump_fee"):
            approve(session, clock, second)


def test_two_who_approve_the_same_name_at_once_do_not_both_succeed(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        ids = [submitted(session, clock, charge(code=code)).id for code in ("pump_fee", "station_fee")]
    barrier, told = threading.Barrier(2), []

    def decide(entry_id: int) -> None:
        barrier.wait()
        try:
            with begin(engine) as session:
                approve(session, clock, session.get_one(FeeEntry, entry_id))
            told.append("approved")
        except FeeRefused:
            told.append("refused")

    threads = [threading.Thread(target=decide, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["approved", "refused"]


def test_what_was_approved_never_changes_and_nothing_is_deleted(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        registered(session, clock)
    for statement in (
        "UPDATE fee_entry SET code = 'other_fee'",
        "UPDATE fee_entry SET known_from = '2020-01-01'",
        "DELETE FROM fee_entry",
    ):
        with pytest.raises(DBAPIError, match="never"), begin(engine) as session:
            session.execute(text(statement))


def test_bills_of_the_cities_concerned_are_checked_again(engine: Engine, clock: FixedClock) -> None:
    with begin(engine) as session:
        for code, city, province in (("hrb-a", "哈尔滨市", "黑龙江"), ("jn-b", "济南市", "山东")):
            CompanyService(session, clock).register(
                code=code,
                name_zh=f"{city}热力",
                name_en=code,
                province=province,
                city=city,
                service_areas=[],
                by=SYSTEM,
            )
        registered(session, clock)
        waiting = select(Job).where(Job.name == "check_city_again").order_by(Job.id)
        assert {job.arguments["city"] for job in session.scalars(waiting)} == {"哈尔滨市", "济南市"}, (
            "a new name may stand on any bill"
        )
        ruling = charge(standing=Standing.NO_AUTHORITY, valid_from=dt.date(2026, 1, 1))
        registered(session, clock, ruling._replace(fee=replace(ruling.fee, names=())))
        cities = [job.arguments["city"] for job in session.scalars(waiting)]
        assert sorted(cities) == ["哈尔滨市", "哈尔滨市", "济南市"]
