"""A signed filing corrected row by row: the whole is rebuilt, shown, signed, checked again; nothing lands on a stale base."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from ingest.corrections import correction_form
from ingest.readers.manifest import Manifest
from ingest.standard import FEEDS
from supervision.db import begin
from supervision.filings import Filing, FilingRefused, State
from supervision.filings.controls import digest_lines
from supervision.jobs import find as find_job
from tests.filings.filing_desk import MONTH, Desk, Row, bill, csv_bytes

DEARER = {"area_charge": "2150.00", "total": "2150.00"}


def digests(desk: Desk, filing: Filing) -> dict[str, str]:
    """What the download of the filing says: bill number → digest."""
    text = b"".join(digest_lines(desk.evidence, filing)).decode("utf-8-sig")
    return {row["bill_no"]: row["expected_digest"] for row in csv.DictReader(io.StringIO(text))}


def correction(*rows: Row) -> bytes:
    text = io.StringIO(newline="")
    heads = [column.code for column in correction_form(FEEDS["bills"]).columns]
    writer = csv.DictWriter(text, heads, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def corrected(desk: Desk, content: bytes, *, declared: Manifest | None = None) -> Filing:
    """A partial correction handed in and judged."""
    filing = desk.upload(content, filename="correction.csv", is_correction=True, declared=declared)
    desk.work()
    return desk.again(filing)


def test_a_correction_makes_the_whole_filing_and_is_signed_on_its_difference(desk: Desk) -> None:
    first = desk.signed(csv_bytes("bills", [bill(1), bill(2), bill(3)]))
    known = digests(desk, first)
    content = correction(
        {"action": "change", "expected_digest": known["B000001"], **bill(1, **DEARER)},
        {"action": "withdraw", "expected_digest": known["B000002"], "bill_no": "B000002"},
        {"action": "add", **bill(4)},
    )
    filing = corrected(desk, content, declared=Manifest(rows=3))
    assert (filing.state, filing.rows, filing.corrects) == (State.READY, 3, first.public_id)
    assert filing.correction == {"added": 1, "changed": 1, "withdrawn": 1}
    assert filing.difference is not None
    assert [filing.difference[name] for name in ("added", "removed", "changed")] == [1, 1, 1]
    assert desk.evidence.read_bytes(filing.bytes_digest) == content
    whole = desk.evidence.read_bytes(filing.whole_digest or "")
    signed = desk.sign(filing)
    assert (signed.state, desk.again(first).state) == (State.SIGNED, State.SUPERSEDED)
    with begin(desk.engine) as session:
        assert find_job(session, f"check_filing {signed.id}") is not None
    full = desk.judged(whole)
    assert full.totals == signed.totals
    rows = [desk.evidence.read_table(one.table_digest or "") for one in (full, signed)]
    assert rows[0].equals(rows[1])
    assert Decimal(signed.totals["total"]) == sum(
        Decimal(one["total"]) for one in (bill(1, **DEARER), bill(3), bill(4))
    )


def test_a_row_that_changed_since_its_digest_was_taken_rejects_the_correction_and_the_same_bytes_may_come_again(
    desk: Desk,
) -> None:
    first = desk.signed(csv_bytes("bills", [bill(1), bill(2)]))
    stale = correction(
        {"action": "withdraw", "expected_digest": digests(desk, first)["B000001"], "bill_no": "B000001"}
    )
    desk.signed(csv_bytes("bills", [bill(1, **DEARER), bill(2)]))
    rejected = corrected(desk, stale)
    assert (rejected.state, [entry["edit_id"] for entry in rejected.report]) == (State.REJECTED, ["COR02"])
    desk.signed(csv_bytes("bills", [bill(1), bill(2), bill(3)]))
    again = corrected(desk, stale)
    assert again.id != rejected.id
    assert (again.state, again.rows) == (State.READY, 2)


def test_a_correction_of_a_filing_that_is_no_longer_in_force_cannot_be_signed(desk: Desk) -> None:
    desk.signed(csv_bytes("bills", [bill(1), bill(2)]))
    filing = corrected(desk, correction({"action": "add", **bill(3)}))
    between = desk.judged(csv_bytes("bills", [bill(1, **DEARER), bill(2)]))
    assert between.number > filing.number
    earlier = corrected(desk, correction({"action": "add", **bill(5)}))
    desk.sign(between)
    desk.work()
    with pytest.raises(FilingRefused) as refused:
        desk.sign(desk.again(earlier))
    assert refused.value.code == "F12"
    current = desk.current()
    assert current is not None
    assert current.id == between.id


def test_there_is_nothing_to_correct_before_a_filing_is_signed(desk: Desk) -> None:
    desk.judged(csv_bytes("bills", [bill(1)]))
    with pytest.raises(FilingRefused) as refused:
        corrected(desk, correction({"action": "add", **bill(2)}))
    assert refused.value.code == "F11"


def test_a_correction_can_be_corrected_in_turn(desk: Desk) -> None:
    desk.signed(csv_bytes("bills", [bill(1)]))
    second = desk.sign(corrected(desk, correction({"action": "add", **bill(2)})))
    third = corrected(
        desk,
        correction(
            {"action": "withdraw", "expected_digest": digests(desk, second)["B000002"], "bill_no": "B000002"}
        ),
    )
    assert (desk.sign(third).rows, third.corrects) == (1, second.public_id)


def test_the_same_bytes_declared_otherwise_are_another_filing_and_alike_are_the_same(desk: Desk) -> None:
    def handed_in(declared: Manifest | None) -> Filing:
        path = desk.folder / "declared.in"
        path.write_bytes(csv_bytes("bills", [bill(1)]))
        with begin(desk.engine) as session:
            return (
                desk.service(session)
                .receive(
                    company_id=desk.company_id, feed="bills", period=MONTH, path=path, filename="b.csv",
                    by=desk.clerk.actor, declared=declared,
                )
                .filing
            )  # fmt: skip

    plain, declared, again, other = (handed_in(one) for one in (None, Manifest(2), Manifest(2), Manifest(1)))
    assert again.id == declared.id
    assert len({plain.id, declared.id, other.id}) == 3
    desk.work()
    assert [entry["edit_id"] for entry in desk.again(declared).report] == ["DEC01"]
    assert desk.again(other).manifests == [{"rows": 1}]
    assert desk.again(plain).state is State.READY


def test_bills_are_held_against_the_other_months_and_the_filing_that_they_replace_is_left_out(
    desk: Desk,
) -> None:
    month = {"issued_on": "2025-11-20", "due_on": "2025-12-31", "paid_on": ""}
    desk.signed(csv_bytes("bills", [bill(1, **month)]), period="2025-11")
    again = desk.signed(csv_bytes("bills", [bill(1), bill(2)]))
    assert {entry["edit_id"]: entry["count"] for entry in again.report} == {"K02": 1}
    replacing = desk.judged(csv_bytes("bills", [bill(2)]))
    assert replacing.report == []
    twice = desk.judged(csv_bytes("bills", [bill(3, account_no="A000001")]))
    assert [entry["edit_id"] for entry in twice.report] == ["BIX01"]


def test_a_roster_is_held_against_the_one_of_the_season_before(desk: Desk) -> None:
    sample = FEEDS["accounts"].sample[0]
    both = [{**sample, "account_no": number} for number in ("A000001", "A000002")]
    desk.signed(csv_bytes("accounts", both), feed="accounts", period="2024-25")
    filing = desk.judged(csv_bytes("accounts", both[:1]), feed="accounts", period="2025-26")
    assert [(entry["edit_id"], entry["count"]) for entry in filing.report] == [("ACX02", 1)]
