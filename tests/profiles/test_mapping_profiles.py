"""A company's mapping profile: drafted from its file, signed, kept in versions; what it reads and what it never changes."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from own_files import HEADERS, own_bills
from profile_desk import again, drafted, edited, signed, signed_profile
from sqlalchemy.exc import IntegrityError

from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.filings import Filing, FilingRefused, State
from supervision.filings.models import MappingProfile
from supervision.filings.profile_lifecycle import PROFILE_LIFECYCLE, ProfileAct, ProfileState
from supervision.filings.reading import FilingReading
from supervision.findings.proof import flaws
from supervision.journal import Journal, JournalEntry
from supervision.profiles import NoSuchProfile, ProfileService
from tests.filings.filing_desk import Desk, bill, csv_bytes


def is_sound(desk: Desk) -> bool:
    with begin(desk.engine) as session:
        assert list(Journal(session, desk.clock).flaws()) == []
        return [one.en for one in flaws(session, desk.evidence, desk.clock)] == []


def entries(desk: Desk, act: str) -> list[dict[str, object]]:
    with begin(desk.engine) as session:
        found = session.query(JournalEntry).filter_by(act=act).order_by(JournalEntry.index)
        return [dict(one.detail) for one in found]


def edits_of(filing: Filing) -> set[str]:
    return {entry["edit_id"] for entry in filing.report}


def test_a_sample_makes_a_draft_that_reads_the_companys_files_once_it_is_signed(desk: Desk) -> None:
    content = own_bills(1, 2)
    draft = drafted(desk, own_bills(7, 8))
    assert (draft.state, draft.number, draft.digest) == (ProfileState.DRAFT, 1, None)
    assert draft.profile.headers == HEADERS
    assert draft.looked["verdict"]["verdict"] == "accepted"
    before = desk.judged(content)
    assert (before.state, before.profile_name) == (State.REJECTED, "")
    found = signed(desk, draft)
    assert (found.state, found.signed_by) == (ProfileState.IN_FORCE, "signatory")
    assert found.digest == found.profile.digest == hashlib.sha256(found.text.encode()).hexdigest()
    filing = desk.judged(content)
    assert (filing.state, filing.profile_name) == (State.READY, found.profile.name)
    standard = desk.judged(csv_bytes("bills", [bill(1), bill(2)]), period="2025-12", filename="standard.csv")
    assert filing.totals == standard.totals
    assert is_sound(desk)


def test_receipt_report_verdict_and_journal_name_the_version_and_its_digest(desk: Desk) -> None:
    found = signed_profile(desk, own_bills(7))
    filing = desk.signed(own_bills(1))
    desk.work()
    assert filing.receipt is not None
    assert (filing.receipt["profile_version"], filing.receipt["profile_digest"]) == (1, found.digest)
    with begin(desk.engine) as session:
        report = desk.explanations(session).report(desk.service(session).by_id(filing.id))
    assert report is not None
    assert report.profile == found.profile.name
    assert filing.report_digest is not None
    assert found.profile.name in desk.evidence.read_bytes(filing.report_digest).decode("utf-8-sig")
    for act in ("filing.received", "filing.judged", "filing.signed"):
        assert [one["profile"] for one in entries(desk, act)] == [found.profile.name]
    assert entries(desk, "profile.signed")[0]["digest"] == found.digest


def test_the_same_bytes_are_a_repeat_under_the_same_profile_and_another_filing_under_another(
    desk: Desk,
) -> None:
    content = own_bills(1)
    plain = desk.upload(csv_bytes("bills", [bill(1)]))
    assert desk.upload(csv_bytes("bills", [bill(1)])).id == plain.id
    signed_profile(desk, own_bills(7))
    first = desk.upload(content)
    assert desk.upload(content).id == first.id
    assert desk.upload(csv_bytes("bills", [bill(1)])).id != plain.id
    second = drafted(desk, own_bills(7, extra=("操作员", "甲")))
    profile = second.profile
    edited(desk, second, replace(profile, headers={**profile.headers, "操作员": None}))
    signed(desk, second)
    assert desk.upload(content).id != first.id
    assert desk.upload(content).profile_version == 2


def test_a_filing_is_judged_by_the_profile_in_force_when_it_came_in(desk: Desk) -> None:
    signed_profile(desk, own_bills(7))
    waiting = desk.upload(own_bills(1))
    second = drafted(desk, own_bills(7))
    headers = {name: code for name, code in second.profile.headers.items() if name != "户号"}
    edited(desk, second, replace(second.profile, headers=headers))
    signed(desk, second)
    desk.work()
    assert (desk.again(waiting).state, desk.again(waiting).profile_version) == (State.READY, 1)
    assert edits_of(desk.judged(own_bills(2))) == {"S01", "S16"}


def test_a_profile_of_another_company_or_feed_reads_nothing(desk: Desk, open_desk: object) -> None:
    signed_profile(desk, own_bills(7))
    other = open_desk("jinan-b")  # type: ignore[operator]
    assert (other.judged(own_bills(1)).state, other.judged(own_bills(1)).profile_name) == (State.REJECTED, "")
    assert desk.upload(b"x", feed="payments").profile_version is None


def test_the_signed_version_supersedes_the_one_before_and_each_keeps_its_text(desk: Desk) -> None:
    first = signed_profile(desk, own_bills(7))
    second = drafted(desk, own_bills(7, category="commercial"))
    assert second.profile.codes["category"] == first.profile.codes["category"]
    text = second.profile
    edited(
        desk,
        second,
        replace(text, codes={**text.codes, "category": {"民用": "residential", "商铺": "commercial"}}),
    )
    found = signed(desk, second)
    assert (found.number, found.state, again(desk, first).state) == (
        2,
        ProfileState.IN_FORCE,
        ProfileState.SUPERSEDED,
    )
    assert again(desk, first).text == first.text
    with begin(desk.engine) as session:
        service = ProfileService(session, desk.clock, desk.evidence)
        assert service.before(found).number == 1  # type: ignore[union-attr]
    assert is_sound(desk)


def test_one_draft_of_a_feed_waits_at_a_time_and_a_discarded_one_makes_room(desk: Desk) -> None:
    draft = drafted(desk, own_bills(7))
    with pytest.raises(FilingRefused) as refused:
        drafted(desk, own_bills(8))
    assert refused.value.code == "F31"
    with begin(desk.engine) as session:
        service = ProfileService(session, desk.clock, desk.evidence)
        service.discard(service.find(draft.public_id, desk.clerk), by=desk.clerk.actor, version=1)
    assert again(desk, draft).state is ProfileState.DISCARDED
    assert drafted(desk, own_bills(8)).number == 2


def test_nothing_is_signed_that_says_what_is_in_force_or_was_seen_otherwise(desk: Desk) -> None:
    signed_profile(desk, own_bills(7))
    same = drafted(desk, own_bills(8))
    with pytest.raises(FilingRefused) as refused:
        signed(desk, same)
    assert refused.value.code == "F32"
    with begin(desk.engine) as session, pytest.raises(MovedMeanwhile):
        service = ProfileService(session, desk.clock, desk.evidence)
        service.sign(service.find(same.public_id, desk.clerk), by=desk.signatory.actor, version=99)


def test_what_is_signed_is_neither_mended_nor_discarded_nor_signed_again(desk: Desk) -> None:
    found = signed_profile(desk, own_bills(7))
    for act in (ProfileAct.EDIT, ProfileAct.DISCARD, ProfileAct.SIGN):
        with begin(desk.engine) as session, pytest.raises(NotPossible):
            PROFILE_LIFECYCLE.move(session, session.get_one(MappingProfile, found.id), act)


@pytest.mark.parametrize("state", ["in_force", "draft"])
def test_the_database_holds_one_version_of_a_company_and_feed_in_that_state(desk: Desk, state: str) -> None:
    found = drafted(desk, own_bills(7))
    if state == "in_force":
        found = signed(desk, found)
    with pytest.raises(IntegrityError), begin(desk.engine) as session:
        same = {
            column.name: getattr(found, column.name)
            for column in MappingProfile.__table__.columns
            if column.name not in ("id", "public_id", "number")
        }
        session.add(MappingProfile(**same, number=9))


def test_another_companys_profile_and_for_officers_a_draft_are_as_absent_as_one_that_never_was(
    desk: Desk, open_desk: object
) -> None:
    draft = drafted(desk, own_bills(7))
    other = open_desk("jinan-b")  # type: ignore[operator]
    officer = replace(desk.clerk, company_id=None, role="officer")  # type: ignore[arg-type]
    with begin(desk.engine) as session:
        service = ProfileService(session, desk.clock, desk.evidence)
        for viewer in (other.clerk, officer):
            with pytest.raises(NoSuchProfile):
                service.find(draft.public_id, viewer)
    signed(desk, draft)
    with begin(desk.engine) as session:
        service = ProfileService(session, desk.clock, desk.evidence)
        assert service.find(draft.public_id, officer).number == 1
        with pytest.raises(NoSuchProfile):
            service.find(draft.public_id, other.clerk)


def test_a_filing_judged_anew_is_read_by_the_profile_it_was_judged_by(desk: Desk) -> None:
    from supervision.rules import RuleService
    from supervision.security import Identity, Role

    signed_profile(desk, own_bills(7))
    wrong = desk.judged(own_bills(1, total="1.00"))
    assert (wrong.state, edits_of(wrong)) == (State.REJECTED, {"BIL01"})
    second = drafted(desk, own_bills(7))
    edited(desk, second, replace(second.profile, headers={"无关列": None}, codes={}))
    signed(desk, second)
    for number, name in ((91, "propose"), (92, "decide")):
        person = Identity(number, name, name, Role.SUPERVISING_OFFICER, f"P{number}", None)
        with begin(desk.engine) as session:
            service = RuleService(session, desk.clock)
            if name == "propose":
                service.propose("BIL01", reason="合计允许含已公示的尾差。", by=person)
            else:
                service.decide("BIL01", approve=True, remark="同意撤销。", by=person, version=1)
    desk.work(("readjudicate_filing",))
    again_judged = desk.again(wrong)
    assert (again_judged.state, again_judged.profile_version) == (State.READY, 1)
    assert is_sound(desk)


def test_a_partial_correction_is_of_the_standard_and_read_by_no_profile(desk: Desk) -> None:
    signed_profile(desk, own_bills(7))
    desk.signed(own_bills(1))
    path = desk.folder / "correction.csv"
    path.write_bytes(b"action,expected_digest\n")
    with begin(desk.engine) as session:
        received = desk.service(session).receive(
            company_id=desk.company_id, feed="bills", period="2025-12", path=path, filename="correction.csv",
            by=desk.clerk.actor, is_correction=True,
        )  # fmt: skip
        assert received.filing.profile_version is None
        assert FilingReading(session, desk.evidence).by_id(received.filing.id).profile_name == ""
