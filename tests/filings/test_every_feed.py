"""Each feed of the standard goes the whole way: uploaded, judged, signed, corrected, and the correction compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from filing_desk import Desk, bill, csv_bytes

from ingest.standard import FEEDS, PeriodKind, arrow_schema
from supervision.cli import main
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


def test_the_command_line_writes_the_very_report_that_the_portal_keeps(desk: Desk, tmp_path: Path) -> None:
    rows = [
        {**FEEDS["readings"].sample[1], "energy": energy, "event": event}
        for energy, event in (("x", ""), ("1.000", "reset"))
    ]
    file = tmp_path / "file.csv"
    file.write_bytes(csv_bytes("readings", rows))
    filing = desk.judged(file.read_bytes(), feed="readings", period="2025-12")
    report = tmp_path / "report.csv"
    asked = ["validate", "readings", str(file), "--period", "2025-12", "--report", str(report), "--json"]
    said = CliRunner().invoke(main, asked)
    assert said.exit_code == 1
    answer = json.loads(said.stdout)
    assert report.read_bytes() == desk.evidence.path(filing.report_digest or "").read_bytes()
    assert (answer["verdict"], answer["rows"], answer["pack_digest"]) == (
        "rejected",
        filing.rows,
        filing.pack_digest,
    )
    assert [(one["id"], one["count"]) for one in answer["edits"]] == [
        (one["edit_id"], one["count"]) for one in filing.report
    ]
