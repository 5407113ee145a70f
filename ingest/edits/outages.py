"""Edits on the rows of the outages feed."""

from __future__ import annotations

from ingest.edits.rows import DAY_MICROSECONDS, RowRule, Rows, filed_text
from ingest.edits.service_requests import before
from ingest.values.cells import Bool

_LONGEST_DAYS = 7
#: m2 for each account, in 0.01 m2.
_LEAST_AREA, _MOST_AREA = 10_00, 5_000_00


def _planned(rows: Rows) -> Bool:
    planned: Bool = rows.has("planned") & (rows.number("planned") == 1)
    return planned


def _very_long(rows: Rows) -> Bool:
    both = rows.has("started_at") & rows.has("ended_at")
    return both & (rows.number("ended_at") - rows.number("started_at") > _LONGEST_DAYS * DAY_MICROSECONDS)


def _area_per_account(rows: Rows) -> Bool:
    area, accounts = rows.number("area_affected_m2"), rows.number("accounts_affected")
    both = rows.has("area_affected_m2") & rows.has("accounts_affected") & (accounts > 0)
    return both & ((area < accounts * _LEAST_AREA) | (area > accounts * _MOST_AREA))


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
