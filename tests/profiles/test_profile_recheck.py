"""With a profile's signature the last accepted filing is read again by it: what comes out is said and counts for nothing."""

from __future__ import annotations

from dataclasses import replace

from own_files import own_bills
from profile_desk import drafted, edited, signed, signed_profile
from sqlalchemy import select

from ingest.profiles import Profile
from supervision.db import begin
from supervision.filings import State
from supervision.filings.models import MappingProfile, ProfileRecheck
from supervision.findings.proof import flaws
from supervision.jobs import enqueue
from supervision.journal import JournalEntry
from tests.filings.filing_desk import Desk, bill, csv_bytes


def changed(desk: Desk, **said: object) -> MappingProfile:
    """The next version, which says something else, signed."""
    draft = drafted(desk, own_bills(7))
    edited(desk, draft, replace(draft.profile, **said))  # type: ignore[arg-type]
    return signed(desk, draft)


def recheck_of(found: MappingProfile) -> ProfileRecheck:
    assert found.recheck is not None
    assert found.recheck.done_at is not None
    return found.recheck


def test_without_an_accepted_filing_nothing_is_rechecked(desk: Desk) -> None:
    desk.judged(csv_bytes("bills", [bill(1)]))
    assert signed_profile(desk, own_bills(7)).recheck is None


def test_a_first_profile_leaves_the_rows_of_a_standard_file_as_they_are(desk: Desk) -> None:
    filing = desk.signed(csv_bytes("bills", [bill(1), bill(2)]))
    one = recheck_of(signed_profile(desk, own_bills(7)))
    assert (one.filing_id, one.verdict, one.rows, one.is_same) == (filing.id, "accepted", 2, True)
    assert desk.again(filing).version == filing.version


def test_a_version_that_means_a_code_otherwise_shows_each_row_it_would_change(desk: Desk) -> None:
    signed_profile(desk, own_bills(7))
    filing = desk.signed(own_bills(1, 2, 3))
    found = changed(desk, codes={**drafts_codes(desk), "category": {"民用": "office"}})
    one = recheck_of(found)
    assert (one.verdict, one.added, one.removed, one.changed, one.is_same) == ("accepted", 0, 0, 3, False)
    assert one.fields == {"category": 3}
    assert one.difference_digest is not None
    rows = desk.evidence.read_table(one.difference_digest).to_pylist()
    assert {(row["before"], row["after"]) for row in rows} == {("residential", "office")}
    kept = desk.again(filing)
    assert (kept.state, kept.is_current, kept.table_digest, kept.receipt_no) == (
        State.SIGNED, True, filing.table_digest, filing.receipt_no,
    )  # fmt: skip
    with begin(desk.engine) as session:
        assert list(flaws(session, desk.evidence, desk.clock)) == []
        entry = session.scalars(select(JournalEntry).where(JournalEntry.act == "profile.rechecked")).all()[-1]
    assert (entry.detail["changed"], entry.detail["filing"]) == (3, filing.public_id)


def drafts_codes(desk: Desk) -> dict[str, dict[str, str]]:
    with begin(desk.engine) as session:
        found = session.scalars(select(MappingProfile).order_by(MappingProfile.id.desc())).first()
        assert found is not None
        return Profile.parse(found.text).codes


def test_a_version_that_does_not_know_the_headers_any_more_would_reject_it(desk: Desk) -> None:
    signed_profile(desk, own_bills(7))
    filing = desk.signed(own_bills(1))
    one = recheck_of(changed(desk, headers={"无关列": None}, codes={}))
    assert (one.verdict, one.table_digest, one.is_same) == ("rejected", None, False)
    assert {entry["edit_id"] for entry in one.report} >= {"S01", "S16"}
    assert desk.again(filing).is_current


def test_the_latest_period_is_rechecked_and_a_corrected_filing_as_the_whole_it_makes(desk: Desk) -> None:
    latest = desk.signed(csv_bytes("bills", [bill(1)]))
    desk.signed(csv_bytes("bills", [bill(2, issued_on="2025-11-28", due_on="2025-12-28")]), period="2025-11")
    assert recheck_of(signed_profile(desk, own_bills(7))).filing_id == latest.id


def test_the_recheck_is_done_once(desk: Desk) -> None:
    desk.signed(csv_bytes("bills", [bill(1)]))
    found = signed_profile(desk, own_bills(7))
    done_at = recheck_of(found).done_at
    with begin(desk.engine) as session:
        enqueue(session, "recheck_profile", enqueued_at=desk.clock.now(), profile_id=found.id)
    desk.work()
    with begin(desk.engine) as session:
        assert session.scalars(select(ProfileRecheck.done_at)).one() == done_at
        acts = session.scalars(select(JournalEntry.act).where(JournalEntry.act == "profile.rechecked")).all()
    assert len(acts) == 1
