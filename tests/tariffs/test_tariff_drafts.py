"""A tariff is entered, reviewed, approved and published by different people, from a notice, once."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from drafting_ground import (
    APPROVER,
    AUTHOR,
    FIRST_DAY,
    NOTICE,
    REVIEWER,
    WHY,
    approve,
    enter_published,
    next_version,
    person,
    reviewed,
    service,
    submitted,
)
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from checks.tariffs.record import Scope
from ingest.evidence import EvidenceStore
from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.documents.attached import AttachmentRefused
from supervision.jobs.models import Job
from supervision.journal import Journal, JournalEntry
from supervision.security import Role
from supervision.settings import FixedClock
from supervision.tariffs import TariffRefused, TariffService
from supervision.tariffs.lifecycle import LIFECYCLE, DraftAct, DraftState
from supervision.tariffs.models import TariffDraft, TariffEntry
from supervision.tariffs.problems import SamePerson

HOME = Scope("哈尔滨市", "residential", "area")


@pytest.fixture
def harbin(engine: Engine, clock: FixedClock) -> Engine:
    enter_published(engine, clock)
    return engine


def test_an_approved_version_prices_from_its_day_and_ends_the_one_before(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        approve(service(session, clock, evidence), reviewed(session, clock, evidence))
    with begin(harbin) as session:
        register = TariffService(session, clock)
        days = [FIRST_DAY + dt.timedelta(days=step) for step in (-1, 0, 1)]
        priced = [register.in_force(HOME, day).id for day in days]
        assert priced == ["hrb-res-2015", "hrb-res-2015-next", "hrb-res-2015-next"]
        assert register.tariff("hrb-res-2015").valid_to == days[0]
        draft = session.scalars(select(TariffDraft)).one()
        assert draft.state is DraftState.PUBLISHED
        assert evidence.read_bytes(draft.notice_digest or "") == NOTICE
        queued = {job.name: job.arguments for job in session.scalars(select(Job))}
        assert queued["check_city_again"] == {"city": "哈尔滨市"}, "bills checked before are checked again"


def test_every_act_leaves_its_actor_its_reason_and_a_sound_journal(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        drafts = service(session, clock, evidence)
        draft = reviewed(session, clock, evidence)
        approve(drafts, draft)
        drafts.withdraw(draft, by=APPROVER, version=draft.version, reason="法院撤销该通知。")
    with begin(harbin) as session:
        draft = session.scalars(select(TariffDraft)).one()
        told = [(event.act, event.by_name, event.reason) for event in draft.events]
        assert told == [
            ("start", "author", None),
            ("attach_notice", "author", None),
            ("submit", "author", None),
            ("confirm", "reviewer", WHY),
            ("assess", "system", None),
            ("approve", "approver", WHY),
            ("publish", "system", None),
            ("withdraw", "approver", "法院撤销该通知。"),
        ]
        acts = [entry.act for entry in session.scalars(select(JournalEntry).order_by(JournalEntry.index))]
        assert acts[1:] == [f"tariff.{act}" for act, _, _ in told]
        assert list(Journal(session, clock).flaws()) == []


def test_a_withdrawn_version_prices_nothing_and_the_one_before_stands_as_it_did(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        before = TariffService(session, clock).all()
        drafts = service(session, clock, evidence)
        draft = reviewed(session, clock, evidence)
        approve(drafts, draft)
        assert TariffService(session, clock).all() != before
        drafts.withdraw(draft, by=APPROVER, version=draft.version, reason="法院撤销该通知。")
        assert TariffService(session, clock).all() == before
        approve(drafts, reviewed(session, clock, evidence, next_version(id="hrb-res-again")))
        assert TariffService(session, clock).in_force(HOME, FIRST_DAY).id == "hrb-res-again"


def test_an_approved_version_stays_unseen_until_its_day(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        draft = reviewed(session, clock, evidence, publish_on=dt.date(2025, 11, 28))
        approve(service(session, clock, evidence), draft)
        assert draft.state is DraftState.APPROVED
        register = TariffService(session, clock)
        assert register.in_force(HOME, FIRST_DAY).id == "hrb-res-2015"
        assert register.tariff("hrb-res-2015").valid_to is None
        assert "hrb-res-2015-next" in [one.id for one in register.planned("哈尔滨市")]
        job = session.scalars(select(Job).where(Job.name == "publish_tariff")).one()
        assert job.due_at == dt.datetime(2025, 11, 27, 16, 0, tzinfo=dt.UTC), "midnight in Shanghai"
        service(session, clock, evidence).publish(draft)
        assert register.in_force(HOME, FIRST_DAY).id == "hrb-res-2015-next"


@pytest.mark.parametrize(
    ("reviewer", "approver"),
    [
        (AUTHOR, APPROVER),
        (REVIEWER, AUTHOR),
        (REVIEWER, person("other-sign-in", Role.SUPERVISING_OFFICER, REVIEWER.person_no)),
        (person("other-sign-in", Role.OFFICER, AUTHOR.person_no), APPROVER),
    ],
)
def test_author_reviewer_and_approver_are_three_natural_persons(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore, reviewer: Any, approver: Any
) -> None:
    with begin(harbin) as session:
        drafts = service(session, clock, evidence)
        draft = submitted(session, clock, evidence)
        drafts.record_effect(draft, {})
        with pytest.raises(SamePerson):  # noqa: PT012 - whichever of the two acts is the same person's
            drafts.confirm(
                draft, by=reviewer, version=draft.version, record_digest=draft.record_digest, reason=WHY
            )
            approve(drafts, draft, approver)


@pytest.mark.parametrize(
    "same",
    [
        "reviewed_by_person = drafted_by_person",
        "approved_by_person = reviewed_by_person",
        "approved_by_person = drafted_by_person",
        "state = 'approved'",
    ],
)
def test_the_database_itself_refuses_one_person_in_two_roles(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore, same: str
) -> None:
    with begin(harbin) as session:
        reviewed(session, clock, evidence)
    with pytest.raises(DBAPIError), begin(harbin) as session:
        session.execute(text(f"UPDATE tariff_draft SET {same}"))


@pytest.mark.parametrize("column", ["record = '{}'", "notice_digest = NULL", "approved_by_person = 'X'"])
def test_the_database_itself_keeps_what_was_approved(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore, column: str
) -> None:
    with begin(harbin) as session:
        approve(service(session, clock, evidence), reviewed(session, clock, evidence))
    with pytest.raises(DBAPIError, match="never changes"), begin(harbin) as session:
        session.execute(text(f"UPDATE tariff_draft SET {column}"))
    with pytest.raises(DBAPIError), begin(harbin) as session:
        session.execute(text("DELETE FROM tariff_draft"))


def test_of_two_who_approve_at_once_one_does_and_one_is_told(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        draft_id = reviewed(session, clock, evidence).id
    start, told = threading.Barrier(2), []

    def attempt(name: str) -> None:
        start.wait()
        try:
            with begin(harbin) as session:
                draft = session.get_one(TariffDraft, draft_id)
                approve(service(session, clock, evidence), draft, person(name, Role.SUPERVISING_OFFICER))
            told.append("approved")
        except (MovedMeanwhile, NotPossible) as error:
            told.append(type(error).__name__)

    racers = [threading.Thread(target=attempt, args=(f"racer-{number}",)) for number in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(told)[-1] == "approved"
    assert told.count("approved") == 1, told
    with begin(harbin) as session:
        query = select(TariffEntry).where(TariffEntry.tariff_id == "hrb-res-2015-next")
        assert len(session.scalars(query).all()) == 1


def test_only_the_author_changes_a_draft_and_nobody_a_frozen_one(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        drafts = service(session, clock, evidence)
        draft = drafts.start(next_version(), by=AUTHOR)
        with pytest.raises(TariffRefused, match="author"):
            drafts.save(draft, next_version(notes="anders"), by=REVIEWER, version=draft.version)
        drafts.attach_notice(draft, "n.pdf", NOTICE, by=AUTHOR, version=draft.version)
        drafts.submit(draft, by=AUTHOR, version=draft.version)
        with pytest.raises(NotPossible):
            drafts.save(draft, next_version(notes="anders"), by=AUTHOR, version=draft.version)


def test_what_was_sent_back_is_reviewed_anew(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        drafts = service(session, clock, evidence)
        draft = reviewed(session, clock, evidence)
        drafts.send_back(draft, by=APPROVER, version=draft.version, reason="文号有误，请更正。")
        assert draft.state is DraftState.DRAFT
        assert draft.reviewed_by_person is None
        with pytest.raises(NotPossible):
            approve(drafts, draft)


def test_a_price_without_notice_or_link_cannot_be_submitted(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        drafts = service(session, clock, evidence)
        draft = drafts.start(next_version(), by=AUTHOR)
        with pytest.raises(TariffRefused, match="notice"):
            drafts.submit(draft, by=AUTHOR, version=draft.version)
        link = {"key": "n", "name": "通知", "kind": "government_page", "url": "https://www.example.gov.cn/n"}
        drafts.save(draft, next_version(sources=[link]), by=AUTHOR, version=draft.version)
        drafts.submit(draft, by=AUTHOR, version=draft.version)


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00", b"<html>", b"PK\x03\x04"])
def test_only_a_pdf_or_a_picture_is_taken_for_a_notice(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore, content: bytes
) -> None:
    with begin(harbin) as session:
        drafts = service(session, clock, evidence)
        draft = drafts.start(next_version(), by=AUTHOR)
        with pytest.raises(AttachmentRefused):
            drafts.attach_notice(draft, "notice.pdf", content, by=AUTHOR, version=draft.version)


@pytest.mark.parametrize("clause", ["rounding", "proration", "transition"])
@pytest.mark.parametrize("as_read", [False, True])
def test_an_open_clause_is_not_approvable(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore, clause: str, as_read: bool
) -> None:
    changes: dict[str, Any] = {"assumed": [clause]} if as_read else {clause: None}
    with begin(harbin) as session, pytest.raises(TariffRefused, match=clause):
        submitted(session, clock, evidence, next_version(**changes))


def test_an_implausible_price_needs_a_reason(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    wrong_unit = next_version(metered_price={"value": "42.55", "unit": "kWh"})
    with begin(harbin) as session, pytest.raises(TariffRefused, match="unusual"):
        submitted(session, clock, evidence, wrong_unit)
    with begin(harbin) as session:
        draft = submitted(
            session, clock, evidence, wrong_unit | {"id": "hrb-odd"}, reason="通知原文如此，已电话核实。"
        )
        assert draft.warnings == ["norm_heat"]
        assert draft.warnings_reason == "通知原文如此，已电话核实。"


def test_the_effect_approved_is_the_one_that_was_shown(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        drafts = service(session, clock, evidence)
        draft = reviewed(session, clock, evidence)
        shown = draft.effect_digest or ""
        drafts.record_effect(draft, {"of": "another computation"})
        with pytest.raises(MovedMeanwhile):
            drafts.approve(
                draft,
                by=APPROVER,
                version=draft.version,
                record_digest=draft.record_digest,
                effect_digest=shown,
                reason=WHY,
            )


def test_nothing_is_approved_before_its_effect_is_known(
    harbin: Engine, clock: FixedClock, evidence: EvidenceStore
) -> None:
    with begin(harbin) as session:
        drafts = service(session, clock, evidence)
        draft = submitted(session, clock, evidence)
        drafts.confirm(
            draft, by=REVIEWER, version=draft.version, record_digest=draft.record_digest, reason=WHY
        )
        with pytest.raises(TariffRefused, match="being computed"):
            approve(drafts, draft)


def test_the_table_has_no_way_past_review_or_approval() -> None:
    into = {
        state: {at for (at, _), step in LIFECYCLE.steps.items() if step.to is state} for state in DraftState
    }
    assert into[DraftState.PUBLISHED] == {DraftState.APPROVED}
    assert into[DraftState.APPROVED] == {DraftState.REVIEWED}
    assert into[DraftState.REVIEWED] == {DraftState.IN_REVIEW}
    assert LIFECYCLE.acts(DraftState.WITHDRAWN) == LIFECYCLE.acts(DraftState.DISCARDED) == []
    assert LIFECYCLE.step(DraftState.APPROVED, DraftAct.PUBLISH).permission == "system"
