"""Edits on the rows of the outages feed."""

from __future__ import annotations

from ingest.edits.rows import DAY_MICROSECONDS, RowRule, Rows, filed_text
from ingest.edits.service_requests import before
from ingest.edits.thresholds import fixed, whole
from ingest.values.cells import Bool


def _planned(rows: Rows) -> Bool:
    planned: Bool = rows.has("planned") & (rows.number("planned") == 1)
    return planned


def _very_long(rows: Rows) -> Bool:
    both = rows.has("started_at") & rows.has("ended_at")
    longest = whole("OUT04.days", rows.period) * DAY_MICROSECONDS
    return both & (rows.number("ended_at") - rows.number("started_at") > longest)


def _area_per_account(rows: Rows) -> Bool:
    area, accounts = rows.number("area_affected_m2"), rows.number("accounts_affected")
    both = rows.has("area_affected_m2") & rows.has("accounts_affected") & (accounts > 0)
    least, most = (fixed(f"OUT05.{name}", rows.period, 2) for name in ("least_area", "most_area"))
    return both & ((area < accounts * least) | (area > accounts * most))


OUTAGE_RULES: tuple[RowRule, ...] = (
    RowRule(
        "OUT01",
        "ended_at",
        ("started_at", "ended_at"),
        lambda rows: before(rows, "ended_at", "started_at"),
        filed_text("started_at"),
    ),
    RowRule(
        "OUT02",
        "notice_at",
        ("planned", "notice_at"),
        lambda rows: _planned(rows) & ~rows.has("notice_at"),
    ),
    RowRule(
        "OUT03",
        "notice_at",
        ("planned", "notice_at", "started_at"),
        lambda rows: _planned(rows) & before(rows, "started_at", "notice_at"),
        filed_text("started_at"),
    ),
    RowRule("OUT04", "started_at", ("started_at", "ended_at"), _very_long, filed_text("ended_at")),
    RowRule("OUT05", "area_affected_m2", ("area_affected_m2", "accounts_affected"), _area_per_account),
)
