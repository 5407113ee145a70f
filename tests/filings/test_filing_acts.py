"""From the file to the receipt and to the next filing: what is in force, and what each act leaves behind."""

from __future__ import annotations

from decimal import Decimal

import pytest

from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.filings import FilingRefused, NoSuchFiling, State
from supervision.jobs import find as find_job
from supervision.journal import Journal, JournalEntry
from supervision.security import Role
from tests.filings.filing_desk import MONTH, SEASON, Desk, account, bill, csv_bytes, person


def acts(desk: Desk) -> list[str]:
    with begin(desk.engine) as session:
        entries = (
            session.query(JournalEntry)
            .filter(JournalEntry.act.startswith("filing."))
            .order_by(JournalEntry.index)
        )
        assert list(Journal(session, desk.clock).flaws()) == []
        return [entry.act for entry in entries]


def test_a_good_file_is_received_judged_signed_and_receipted_with_every_act_in_the_journal(
    desk: Desk,
) -> None:
    content = csv_bytes("bills", [bill(1), bill(2)])
    filing = desk.upload(content)
    assert (filing.state, filing.number, filing.version) == (State.RECEIVED, 1, 1)
    assert desk.evidence.read_bytes(filing.bytes_digest) == content
    desk.work()
    filing = desk.again(filing)
    assert (filing.state, filing.rows) == (State.READY, 2)
    filing = desk.sign(filing)
    assert filing.state is State.SIGNED
    assert filing.is_current
    desk.work()
    filing = desk.again(filing)
    assert filing.receipt is not None
    assert filing.receipt_digest is not None
    assert desk.evidence.read_bytes(filing.receipt_digest).startswith(b"%PDF-")
    assert acts(desk) == [
        "filing.received",
        "filing.judging",
        "filing.judged",
        "filing.signed",
        "filing.receipt_made",
    ]


def test_a_receipt_says_what_was_filed_and_where_the_journal_noted_it(desk: Desk) -> None:
    filing = desk.signed(csv_bytes("bills", [bill(1), bill(2)]))
    receipt = filing.receipt
    assert receipt is not None
    with begin(desk.engine) as session:
        entry = session.query(JournalEntry).filter_by(act="filing.signed").one()
    assert receipt["receipt_no"] == filing.receipt_no
    assert receipt["bytes_digest"] == filing.bytes_digest
    assert (receipt["rows"], receipt["pack_digest"]) == (2, filing.pack_digest)
    assert (receipt["journal_index"], receipt["journal_hash"]) == (entry.index, entry.entry_hash)
    assert receipt["signer"] == "王签署"
    assert entry.detail["receipt_no"] == filing.receipt_no
    total = next(total for total in receipt["totals"] if total["column"] == "total")
    assert Decimal(total["value"]) == 2 * Decimal(bill(1)["total"])
    assert total["unit_zh"] == "元"


def test_a_receipt_is_laid_out_once_and_keeps_its_bytes(desk: Desk) -> None:
    filing = desk.signed(csv_bytes("bills", [bill(1)]))
    desk.work()
    first = desk.again(filing).receipt_digest
    with begin(desk.engine) as session:
        from supervision.jobs import enqueue

        enqueue(session, "render_receipt", filing_id=filing.id)
    assert desk.work() == 1
    assert desk.again(filing).receipt_digest == first


def test_signing_asks_for_the_checks_in_the_same_transaction(desk: Desk) -> None:
    filing = desk.signed(csv_bytes("bills", [bill(1)]))
    with begin(desk.engine) as session:
        asked = find_job(session, f"check_filing {filing.id}")
    assert asked is not None
    assert asked.arguments == {"filing_id": filing.id}


def test_the_earlier_filing_stands_until_the_new_one_is_signed(desk: Desk) -> None:
    first = desk.signed(csv_bytes("bills", [bill(1), bill(2)]))
    second = desk.judged(csv_bytes("bills", [bill(1), bill(3)]))
    assert second.state is State.READY
    current = desk.current()
    assert current is not None
    assert current.id == first.id
    second = desk.sign(second)
    first = desk.again(first)
    assert (first.state, first.is_current, first.superseded_by) == (State.SUPERSEDED, False, second.id)
    assert (second.state, second.is_current) == (State.SIGNED, True)
    assert first.receipt_no is not None
    assert first.receipt_no != second.receipt_no


def test_the_difference_to_the_filing_in_force_is_told_by_row_by_field_and_to_the_fen(desk: Desk) -> None:
    dearer = {"total": "2000.00", "area_charge": "2000.00"}
    first = desk.signed(csv_bytes("bills", [bill(1), bill(2), bill(3)]))
    second = desk.judged(csv_bytes("bills", [bill(1), bill(2, **dearer), bill(4)]))
    found = second.difference
    assert found is not None
    assert found["compared_with"] == first.public_id
    assert (found["added"], found["removed"], found["changed"]) == (1, 1, 1)
    assert found["fields"] == {"area_charge": 1, "total": 1}
    delta = Decimal("2000.00") - Decimal(bill(2)["total"])
    assert Decimal(found["amounts"]["total"]["delta"]) == delta
    rows = desk.evidence.read_table(found["digest"]).to_pylist()
    assert [(row["change"], row["key"], row["field"]) for row in rows] == [
        ("removed", "B000003", "total"),
        ("added", "B000004", "total"),
        ("changed", "B000002", "area_charge"),
        ("changed", "B000002", "total"),
    ]
    assert (rows[0]["before"], rows[0]["after"]) == (bill(3)["total"], None)
    assert (rows[1]["before"], rows[1]["after"]) == (None, bill(4)["total"])
    assert (rows[3]["before"], rows[3]["after"]) == (bill(2)["total"], "2000.00")


def test_a_new_filing_is_not_signed_unless_its_difference_was_acknowledged(desk: Desk) -> None:
    first = desk.signed(csv_bytes("bills", [bill(1)]))
    second = desk.judged(csv_bytes("bills", [bill(2)]))
    with pytest.raises(FilingRefused) as refused, begin(desk.engine) as session:
        service = desk.service(session)
        service.sign(service.by_id(second.id), by=desk.signatory.actor, signer="王", version=second.version)
    assert refused.value.code == "F03"
    current = desk.current()
    assert current is not None
    assert current.id == first.id


def test_an_acknowledgement_of_the_difference_to_another_filing_does_not_count(desk: Desk) -> None:
    desk.signed(csv_bytes("bills", [bill(1)]))
    second = desk.judged(csv_bytes("bills", [bill(2)]))
    third = desk.judged(csv_bytes("bills", [bill(3)]))
    seen = third.difference
    assert seen is not None
    desk.sign(second)
    with pytest.raises(FilingRefused) as refused, begin(desk.engine) as session:
        service = desk.service(session)
        service.sign(
            service.by_id(third.id),
            by=desk.signatory.actor,
            signer="王",
            version=third.version,
            difference_seen=seen["compared_with"],
        )
    assert refused.value.code == "F03"
    desk.work()
    assert desk.sign(third).is_current


def test_a_filing_older_than_the_one_signed_cannot_be_signed_any_more(desk: Desk) -> None:
    older = desk.judged(csv_bytes("bills", [bill(1)]))
    desk.signed(csv_bytes("bills", [bill(2)]))
    with pytest.raises(FilingRefused) as refused:
        desk.sign(older)
    assert (refused.value.code, refused.value.status) == ("F02", 409)
    assert desk.again(older).state is State.READY


def test_a_signature_on_a_page_that_has_changed_since_is_refused(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1)]))
    with pytest.raises(MovedMeanwhile), begin(desk.engine) as session:
        service = desk.service(session)
        service.sign(
            service.by_id(filing.id), by=desk.signatory.actor, signer="王", version=filing.version - 1
        )
    assert "filing.signed" not in acts(desk)


def test_a_filing_is_signed_once(desk: Desk) -> None:
    filing = desk.signed(csv_bytes("bills", [bill(1)]))
    with pytest.raises(NotPossible):
        desk.sign(filing)
    assert acts(desk).count("filing.signed") == 1


def test_a_withdrawn_filing_is_not_filed_and_its_bytes_may_be_filed_again(desk: Desk) -> None:
    content = csv_bytes("bills", [bill(1)])
    filing = desk.judged(content)
    with begin(desk.engine) as session:
        service = desk.service(session)
        service.withdraw(service.by_id(filing.id), by=desk.clerk.actor, version=filing.version)
    assert desk.again(filing).state is State.WITHDRAWN
    with pytest.raises(NotPossible):
        desk.sign(filing)
    again = desk.judged(content)
    assert (again.number, again.state) == (2, State.READY)


def test_a_filing_withdrawn_while_it_is_judged_stays_withdrawn(desk: Desk) -> None:
    filing = desk.upload(csv_bytes("bills", [bill(1)]))
    with begin(desk.engine) as session:
        service = desk.service(session)
        service.withdraw(service.by_id(filing.id), by=desk.clerk.actor, version=filing.version)
    assert desk.work() == 1
    filing = desk.again(filing)
    assert (filing.state, filing.judged_at) == (State.WITHDRAWN, None)


def test_bytes_that_were_superseded_may_come_into_force_again(desk: Desk) -> None:
    first_content = csv_bytes("bills", [bill(1)])
    desk.signed(first_content)
    desk.signed(csv_bytes("bills", [bill(2)]))
    third = desk.signed(first_content)
    assert (third.number, third.is_current) == (3, True)


def test_bills_are_held_against_the_signed_roster_of_their_season(desk: Desk) -> None:
    roster = desk.signed(csv_bytes("accounts", [account(1)]), feed="accounts", period=SEASON)
    filing = desk.judged(csv_bytes("bills", [bill(1), bill(2)]))
    assert filing.roster_digest == roster.table_digest
    assert [(entry["edit_id"], entry["count"]) for entry in filing.report] == [("CRO01", 1)]
    assert filing.state is State.READY  # it informs both sides and blocks nobody


def test_bills_without_a_roster_say_which_edits_could_not_be_evaluated(desk: Desk) -> None:
    desk.judged(csv_bytes("accounts", [account(1)]), feed="accounts", period=SEASON)  # not signed
    filing = desk.judged(csv_bytes("bills", [bill(1)]))
    unheld = {one["edit_id"] for one in filing.not_evaluated if one["because"] == ["no_roster"]}
    assert unheld == {"CRO01", "CRO02", "CRO03", "CRO04", "CRO05", "CRO07", "CRO08", "CRO09"}


def test_what_is_in_force_of_a_season_is_found_with_its_rows(desk: Desk) -> None:
    desk.signed(csv_bytes("accounts", [account(1), account(2)]), feed="accounts", period=SEASON)
    december = desk.signed(csv_bytes("bills", [bill(2), bill(1)]))
    desk.judged(csv_bytes("bills", [bill(7)]))
    with begin(desk.engine) as session:
        service = desk.service(session)
        bills, accounts = service.current_tables(desk.company_id, SEASON)
        found = service.find_bill(desk.company_id, bill_no="B000002")
        other = service.find_bill(desk.company_id, bill_no="B000007")
        of_account = service.find_bills(desk.company_id, account_no="A000001")
        home = service.find_account(desk.company_id, "A000002")
        elsewhere = service.find_bill(desk.company_id + 1, bill_no="B000002")
        rows = service.rows_of(december, [1])
    assert [filing.id for filing, _ in bills] == [december.id]
    assert bills[0].table["bill_no"].to_pylist() == ["B000001", "B000002"]
    assert accounts is not None
    assert accounts.table.num_rows == 2
    assert found is not None
    assert (found.filing.id, found.row["total"]) == (december.id, Decimal(bill(2)["total"]))
    assert (other, elsewhere) == (None, None)
    assert [bill.row["bill_no"] for bill in of_account] == ["B000001"]
    assert home is not None
    assert rows[0]["bill_no"] == "B000002"


def test_another_companys_filing_is_as_absent_as_one_that_never_was(desk: Desk, open_desk: object) -> None:
    other = open_desk("jinan-b")  # type: ignore[operator]
    filing = desk.upload(csv_bytes("bills", [bill(1)]))
    with begin(desk.engine) as session:
        service = desk.service(session)
        with pytest.raises(NoSuchFiling) as theirs:
            service.find(filing.public_id, other.clerk)
        with pytest.raises(NoSuchFiling) as missing:
            service.find("A" * 16, other.clerk)
        assert session.scalars(service.visible_to(other.clerk)).all() == []
        officer = person(Role.OFFICER, "officer", None)
        assert service.find(filing.public_id, officer).id == filing.id
    assert type(theirs.value) is type(missing.value)


def test_one_company_does_not_number_or_answer_for_another(desk: Desk, open_desk: object) -> None:
    other = open_desk("jinan-b")  # type: ignore[operator]
    content = csv_bytes("bills", [bill(1)])
    mine, theirs = desk.upload(content), other.upload(content)
    assert mine.id != theirs.id
    assert (mine.number, theirs.number) == (1, 1)


def test_the_same_key_with_other_bytes_is_refused_and_with_the_same_bytes_answered(desk: Desk) -> None:
    first = desk.upload(csv_bytes("bills", [bill(1)]), key="k-1")
    assert desk.upload(csv_bytes("bills", [bill(1)]), key="k-1").id == first.id
    with pytest.raises(FilingRefused) as refused:
        desk.upload(csv_bytes("bills", [bill(2)]), key="k-1")
    assert (refused.value.code, refused.value.status) == ("T13", 409)


def test_season_and_month_are_read_as_the_feed_asks(desk: Desk) -> None:
    for feed, period, code in (
        ("accounts", MONTH, "T10"),
        ("bills", "2025-13", "T10"),
        ("bills", "2025-12-03", "T10"),
        ("bills", "", "T10"),
        ("temperatures", MONTH, "T09"),
        ("payments", SEASON, "T10"),
        ("readings", SEASON, "T10"),
        ("", MONTH, "T09"),
    ):
        with pytest.raises(FilingRefused) as refused:
            desk.upload(csv_bytes("bills", [bill(1)]), feed=feed, period=period)
        assert refused.value.code == code
    settlement = desk.upload(csv_bytes("bills", [bill(1)]), period=SEASON)
    assert (settlement.season, desk.upload(csv_bytes("bills", [bill(1)])).season) == (SEASON, SEASON)
