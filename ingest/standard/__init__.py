"""The data standard as data: feeds, columns, code lists, periods, and how each column is stored."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

from ingest.standard.feed import SCALES, Code, Column, Feed, Kind, correction_columns, load_feeds
from ingest.standard.period import PERIOD_NAMES, Period, PeriodKind, season_of, season_starting
from ingest.standard.personal import PERSONAL_COLUMNS, is_personal

if TYPE_CHECKING:
    import pyarrow as pa

STANDARD_VERSION = "1"
#: The day of this version, which its documents bear.
PUBLISHED_ON = dt.date(2026, 11, 1)

FEEDS: dict[str, Feed] = load_feeds()


def feed(code: str) -> Feed:
    """The feed of that code; KeyError, naming the feeds there are, for any other."""
    if code not in FEEDS:
        known = ", ".join(FEEDS)
        raise KeyError(
            f"没有数据类别“{code}”，现有：{known}。 / There is no feed {code!r}; there are: {known}."
        )
    return FEEDS[code]


@cache
def arrow_schema(code: str) -> pa.Schema:
    """How the feed is stored: ``source_row`` first (1-based data row of the file as filed), then every column."""
    return schema_of(feed(code))


def schema_of(form: Feed) -> pa.Schema:
    """:func:`arrow_schema` of a feed or of a form of it, such as its corrections."""
    import pyarrow as pa

    fields = [pa.field("source_row", pa.int32())]
    fields += [pa.field(column.code, arrow_type(column.kind)) for column in form.columns]
    return pa.schema(fields)


def arrow_type(kind: Kind) -> pa.DataType:
    """The storage type of a kind."""
    import pyarrow as pa

    if kind in SCALES:
        return pa.decimal128(18, SCALES[kind])
    if kind is Kind.DATE:
        return pa.date32()
    if kind is Kind.INSTANT:
        return pa.timestamp("us", tz="UTC")
    if kind is Kind.BOOL:
        return pa.bool_()
    return pa.string()


__all__ = [
    "FEEDS",
    "PERIOD_NAMES",
    "PERSONAL_COLUMNS",
    "PUBLISHED_ON",
    "SCALES",
    "STANDARD_VERSION",
    "Code",
    "Column",
    "Feed",
    "Kind",
    "Period",
    "PeriodKind",
    "arrow_schema",
    "arrow_type",
    "correction_columns",
    "feed",
    "is_personal",
    "schema_of",
    "season_of",
    "season_starting",
]
