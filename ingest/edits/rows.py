"""Rules over the rows of one block: what they see, what they need, and how they are run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.log import EditLog
from ingest.standard import Feed, Kind, Period, PeriodKind
from ingest.values.cells import LOCAL_OFFSET, Bool, Cells, Int64, decimal_array, shown_texts


@dataclass(slots=True)
class Rows:
    """One block after conversion. Numbers are integers of their column's scale, dates days since 1970-01-01, instants
    microseconds since then in UTC, seasons their first year; all are 0 where nothing stands."""

    feed: Feed
    period: Period
    cells: dict[str, Cells]
    source_rows: np.ndarray

    def number(self, code: str) -> Int64:
        fixed = self.cells[code].fixed
        assert fixed is not None
        return fixed

    def has(self, code: str) -> Bool:
        return self.cells[code].present

    def is_code(self, code: str, word: str) -> Bool:
        """Where the code column holds ``word``."""
        column = self.cells[code].column
        place = [one.code for one in column.codes].index(word)
        return np.asarray(self.has(code) & (self.number(code) == place), np.bool_)

    def broken(self, codes: tuple[str, ...]) -> Bool:
        """Where one of the columns was refused."""
        mask = np.zeros(len(self.source_rows), np.bool_)
        for code in codes:
            mask |= self.cells[code].broken
        return mask

    def causes(self, codes: tuple[str, ...]) -> set[str]:
        """The edits that refused cells of those columns."""
        return {problem.edit_id for code in codes for problem in self.cells[code].problems}

    def keys(self) -> pa.Array:
        """The key of each row: as filed where it is one column, else its columns as read, joined by ``|``."""
        if len(self.feed.key) == 1:
            return self.cells[self.feed.key[0]].filed
        parts = (self.cells[code] for code in self.feed.key)
        texts = [pc.coalesce(shown_texts(one.array), one.filed) for one in parts]
        return pc.binary_join_element_wise(*texts, KEY_JOINT)

    def local_days(self, code: str) -> Int64:
        """The calendar day of a date column, or of an instant column in Asia/Shanghai, as days since 1970-01-01."""
        number = self.number(code)
        if self.cells[code].column.kind is Kind.INSTANT:
            return (number + LOCAL_OFFSET) // DAY_MICROSECONDS
        return number


#: Between the parts of a key of several columns.
KEY_JOINT = "|"
DAY_MICROSECONDS = 86_400_000_000

Detail = Callable[[Rows, Int64], pa.Array]


@dataclass(frozen=True, slots=True)
class RowRule:
    """One edit on one column. ``hit`` marks the rows that break it; it is not evaluated on rows where a column that it
    ``needs`` was refused. ``detail`` gives a text for each hit row."""

    edit_id: str
    field: str
    needs: tuple[str, ...]
    hit: Callable[[Rows], Bool]
    detail: Detail | str = ""


def run_row_rules(rules: tuple[RowRule, ...], rows: Rows, log: EditLog) -> None:
    """Evaluates every binding rule on every row whose needed cells could be read; logs hits and what was not evaluated."""
    for rule in rules:
        if not log.binding(rule.edit_id):
            continue
        hit = rule.hit(rows)
        broken = rows.broken(rule.needs)
        if broken.any():
            log.skipped(rule.edit_id, rows.causes(rule.needs), int(np.count_nonzero(broken)))
            hit = hit & ~broken
        places = np.flatnonzero(hit)
        if not places.size:
            continue
        taken = pa.array(places)
        detail = rule.detail if isinstance(rule.detail, str) else rule.detail(rows, places)
        cells = rows.cells[rule.field]
        log.hits(
            rule.edit_id,
            rows.source_rows[places],
            rows.keys().take(taken),
            cells.column,
            cells.filed.take(taken),
            detail,
        )


def fixed_text(fixed: Int64, scale: int) -> pa.Array:
    """Integers of 10**-scale as plain decimals."""
    return pc.cast(decimal_array(fixed, np.ones(len(fixed), np.bool_), scale), pa.string())


def filed_text(code: str) -> Detail:
    """The detail that shows what was filed in another column."""
    return lambda rows, places: rows.cells[code].filed.take(pa.array(places))


def period_shown(rows: Rows, places: Int64) -> pa.Array:
    """The detail that names the period filed."""
    return pa.array([rows.period.text] * len(places), pa.string())


def period_rules(feed: Feed) -> tuple[RowRule, ...]:
    """The rule that a row lies in the period filed (V06), for a feed that has a column to tell. A season's filing holds what
    the whole season brought and is not bound by it."""
    code = feed.period_column
    if code is None:
        return ()

    def outside(rows: Rows) -> Bool:
        if rows.period.kind is PeriodKind.SEASON:
            return np.zeros(len(rows.source_rows), np.bool_)
        day = rows.local_days(code)
        return rows.has(code) & ((day < days(rows.period.first_day)) | (day > days(rows.period.last_day)))

    return (RowRule("V06", code, (code,), outside, period_shown),)


def days(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days


def months_of(day_numbers: Int64) -> Int64:
    """Month of the year, 1 to 12."""
    return day_numbers.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def first_days_of_seasons(years: Int64) -> Int64:
    """1 July of each year, as days since 1970-01-01."""
    months = (years - 1970) * 12 + 6
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
