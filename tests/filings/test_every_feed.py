"""Each feed of the standard goes the whole way: uploaded, judged, signed, corrected, and the correction compared."""

from __future__ import annotations

import pytest
from filing_desk import Desk, bill, csv_bytes

from ingest.standard import FEEDS, PeriodKind, arrow_schema
from supervision.filings import State

PERIODS = {PeriodKind.SEASON: "2025-26", PeriodKind.MONTH: "2025-12", PeriodKind.DAY: "2025-12-03"}


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.code)
def test_the_sample_of_a_feed_is_filed_signed_and_superseded_by_a_file_without_its_last_row(
    desk: Desk, feed
) -> None:  # type: ignore[no-untyped-def]
    period = PERIODS[feed.periods[0]]
    signed = desk.signed(csv_bytes(feed.code, list(feed.sample)), feed=feed.code, period=period)
    assert (signed.state, signed.rows, signed.edit_count) == (State.SIGNED, len(feed.sample), 0)
    table = desk.evidence.read_table(signed.table_digest or "")
    assert table.schema.equals(arrow_schema(feed.code))
    shorter = desk.judged(csv_bytes(feed.code, list(feed.sample[:-1])), feed=feed.code, period=period)
    assert shorter.difference is not None
    assert (shorter.difference["removed"], shorter.difference["added"]) == (1, 0)
    assert desk.sign(shorter).receipt is not None
    assert desk.again(signed).state is State.SUPERSEDED


def test_payments_are_compared_with_the_bills_in_force_of_their_season(desk: Desk) -> None:
    payment = {
        **FEEDS["payments"].sample[0],
        "bill_no": "B000001",
        "account_no": "A000001",
        "amount": "9999.00",
    }
    content = csv_bytes("payments", [payment])
    alone = desk.judged(content, feed="payments", period="2025-12")
    assert {one["edit_id"]: one["because"] for one in alone.not_evaluated}["PAX03"] == ["no_bills"]
    desk.signed(csv_bytes("bills", [bill(1)]))
    again = desk.judged(
        csv_bytes("payments", [{**payment, "payment_no": "P2"}]), feed="payments", period="2025-12"
    )
    assert [entry["edit_id"] for entry in again.report] == ["PAX03"]
    assert again.state is State.READY
