"""Edits on the rows of the room_temperatures feed."""

from __future__ import annotations

from ingest.edits.rows import RowRule, Rows, filed_text
from ingest.edits.thresholds import fixed, whole
from ingest.values.cells import Bool


def _by_hand(rows: Rows) -> Bool:
    return rows.has("source") & ~rows.is_code("source", "fixed_sensor")


def _without_instrument(rows: Rows) -> Bool:
    return _by_hand(rows) & ~rows.has("instrument_no")


def _calibration(rows: Rows, *, old: bool) -> Bool:
    both = rows.has("measured_at") & rows.has("calibrated_on")
    age = rows.local_days("measured_at") - rows.number("calibrated_on")
    wrong: Bool = both & ((age > whole("RTM03.days", rows.period)) if old else (age < 0))
    return wrong


def _implausible(rows: Rows) -> Bool:
    room = rows.number("room_temp_c")
    coldest, warmest = (fixed(f"RTM04.{name}", rows.period, 2) for name in ("coldest", "warmest"))
    outside: Bool = rows.has("room_temp_c") & ((room < coldest) | (room > warmest))
    return outside


def _not_signed(rows: Rows) -> Bool:
    visit = rows.is_code("source", "company_visit") | rows.is_code("source", "resident_visit")
    unsigned: Bool = visit & ~(rows.number("signed_by_resident") == 1)
    return unsigned


def _colder_than_outdoors(rows: Rows) -> Bool:
    both = rows.has("room_temp_c") & rows.has("outdoor_temp_c")
    return both & (rows.number("room_temp_c") < rows.number("outdoor_temp_c"))


_DATES = ("measured_at", "calibrated_on")
ROOM_TEMPERATURE_RULES: tuple[RowRule, ...] = (
    RowRule("RTM01", "instrument_no", ("source", "instrument_no"), _without_instrument),
    RowRule("RTM02", "calibrated_on", _DATES, lambda rows: _calibration(rows, old=False)),
    RowRule(
        "RTM03",
        "calibrated_on",
        _DATES,
        lambda rows: _calibration(rows, old=True),
        filed_text("calibrated_on"),
    ),
    RowRule("RTM04", "room_temp_c", ("room_temp_c",), _implausible),
    RowRule("RTM05", "signed_by_resident", ("source", "signed_by_resident"), _not_signed),
    RowRule(
        "RTM06",
        "room_temp_c",
        ("room_temp_c", "outdoor_temp_c"),
        _colder_than_outdoors,
        filed_text("outdoor_temp_c"),
    ),
)
