"""Explanations of a company: read back from its edit report, bound to the hits they speak of, carried to later filings.

An explanation is bound to the edit, the record's key, the column and the value as filed. It holds for a later filing as long
as all of them are unchanged and its term has not passed. One of a hit without a key speaks of a whole file and holds for
that period alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits import CATALOGUE, EXPLAINED
from ingest.edits.thresholds import THRESHOLDS
from ingest.standard.feed import explanation_codes

#: Of the note, in characters.
SHORTEST_NOTE, LONGEST_NOTE = 10, 2000
TERM = "EXPLANATION.days"

#: How a hit that asks for an explanation stands: explained in this filing, by an earlier one that still holds, by an earlier
#: one whose term has passed (it counts for nothing), or not at all.
NEW, CARRIED, EXPIRED, MISSING = "new", "carried", "expired", "missing"

_REPEATED = pa.dictionary(pa.int32(), pa.string())

#: What was written into a report, a line each. ``hit`` is the 1-based place of the hit in the edits table of its filing.
GIVEN_SCHEMA = pa.schema(
    [
        ("line", pa.int32()),
        ("hit", pa.int32()),
        ("edit_id", _REPEATED),
        ("row", pa.int32()),
        ("code", _REPEATED),
        ("note", _REPEATED),
    ]
)

#: The explanations of one filing, at most one a hit, by hit. ``given_in`` is the filing that it was written for.
STANDING_SCHEMA = pa.schema(
    [
        ("hit", pa.int32()),
        ("edit_id", _REPEATED),
        ("key", pa.string()),
        ("field", _REPEATED),
        ("value", pa.string()),
        ("code", _REPEATED),
        ("note", _REPEATED),
        ("given_by", _REPEATED),
        ("given_at", pa.timestamp("us", "UTC")),
        ("given_in", _REPEATED),
        ("expires_on", pa.date32()),
        ("standing", _REPEATED),
    ]
)
_WANTED = ("hit", "edit_id", "key", "field", "value")


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the report that cannot be taken; line 1 is the header."""

    line: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Giving:
    """Who explains, when, and in which filing."""

    by: str
    at: dt.datetime
    filing: str
    day: dt.date

    @property
    def expires_on(self) -> dt.date:
        """The last day on which it holds: the term in force on the day it was given."""
        term = THRESHOLDS[TERM].on(self.day)
        return self.day + dt.timedelta(days=int(term))


@dataclass(frozen=True, slots=True)
class Earlier:
    """The explanations of an earlier filing, and whether it was for the same period."""

    standing: pa.Table
    same_period: bool


def fault_of(line: int, edit_id: str, code: str, note: str) -> Problem | None:
    """Why this cannot be taken as an explanation of a hit of that edit, or None."""
    edit = CATALOGUE.get(edit_id)
    if edit is None:
        return Problem(line, f"没有审核规则“{edit_id[:40]}”。", f"There is no edit {edit_id[:40]!r}.")
    if edit.edit_class not in EXPLAINED:
        return Problem(
            line,
            f"{edit_id} 不能用说明代替改正。",
            f"{edit_id} is mended or informs; it takes no explanation.",
        )
    known = [one.code for one in explanation_codes()]
    if code not in known:
        listed = ", ".join(known)
        shown = code[:40]
        return Problem(
            line, f"说明代码“{shown}”不在代码表中：{listed}。", f"{shown!r} is not one of: {listed}."
        )
    if not SHORTEST_NOTE <= len(note) <= LONGEST_NOTE:
        bounds = f"{SHORTEST_NOTE}–{LONGEST_NOTE}"
        return Problem(
            line,
            f"说明应有 {bounds} 个字，现有 {len(note)} 个。",
            f"The note has {bounds} characters; it has {len(note)}.",
        )
    return None


def hits_to_explain(edits: pa.Table) -> pa.Table:
    """The hits that ask for an explanation: place in the table, edit, key, column, value (blank where there is none)."""
    wanted = pa.array([one.id for one in CATALOGUE.values() if one.edit_class in EXPLAINED])
    ids = edits.column("edit_id").cast(pa.string())
    asked = pc.is_in(ids, value_set=wanted)
    hits = pa.array(range(1, edits.num_rows + 1), pa.int32())
    columns = [edits.column(name).cast(pa.string()).fill_null("") for name in ("key", "field", "value")]
    return pa.table([hits, ids, *columns], names=list(_WANTED)).filter(asked)


def mismatched(given: pa.Table, edits: pa.Table) -> tuple[Problem, ...]:
    """Lines that name a hit which this table does not have, or has of another edit or row."""
    ids = edits.column("edit_id").cast(pa.string())
    rows = edits.column("row")
    found: list[Problem] = []
    for line, hit, edit_id, row in zip(
        *(given.column(name).to_pylist() for name in ("line", "hit", "edit_id", "row")), strict=True
    ):
        there = 1 <= hit <= edits.num_rows
        if there and (ids[hit - 1].as_py(), rows[hit - 1].as_py()) == (edit_id, row):
            continue
        found.append(
            Problem(
                line,
                f"审核报告中没有第 {row} 行的 {edit_id}（编号 {hit}）；请勿改动该列。",
                f"The report has no {edit_id} on row {row} (hit {hit}); leave these columns as they are.",
            )
        )
    return tuple(found)


def carried(wanted: pa.Table, earlier: Iterable[Earlier], today: dt.date) -> pa.Table:
    """What earlier filings say of these hits (STANDING_SCHEMA): the latest of each binding, ``carried`` while its term runs
    and ``expired`` from the day after."""
    tables = [one.standing if one.same_period else _with_key(one.standing) for one in earlier]
    if not wanted.num_rows or not any(table.num_rows for table in tables):
        return STANDING_SCHEMA.empty_table()
    known = _plain(pa.concat_tables([_plain(table) for table in tables])).sort_by(
        [("given_at", "descending")]
    )
    place = pc.index_in(_bindings(wanted), value_set=_bindings(known).combine_chunks())
    spoken = pc.is_valid(place)
    hits, said = wanted.filter(spoken), known.take(place.drop_null())
    expired = pc.less(said.column("expires_on"), pa.scalar(today, pa.date32()))
    standing = pc.if_else(expired, EXPIRED, CARRIED)
    names = ("code", "note", "given_by", "given_at", "given_in", "expires_on")
    columns = [*(hits.column(name) for name in _WANTED), *(said.column(name) for name in names), standing]
    return _standing(columns)


def renumbered(standing: pa.Table, wanted: pa.Table) -> pa.Table:
    """The same explanations on the hits of another report of the same file; what no longer asks for one is dropped."""
    if not wanted.num_rows or not standing.num_rows:
        return STANDING_SCHEMA.empty_table()
    known = _plain(standing)
    place = pc.index_in(_bindings(wanted), value_set=_chunk(_bindings(known)))
    hits, said = wanted.filter(pc.is_valid(place)), known.take(place.drop_null())
    rest = [name for name in STANDING_SCHEMA.names if name not in _WANTED]
    return _standing([*(hits.column(name) for name in _WANTED), *(said.column(name) for name in rest)])


def with_given(before: pa.Table, wanted: pa.Table, given: pa.Table, giving: Giving) -> pa.Table:
    """The explanations of a filing with what is given now in place of what stood before. A line that repeats what stands
    already, word for word, leaves that as it is, with its author and term."""
    fresh = given.filter(pc.invert(_repeats(given, before)))
    kept = before.filter(pc.invert(pc.is_in(before.column("hit"), value_set=_chunk(fresh.column("hit")))))
    place = pc.index_in(fresh.column("hit"), value_set=_chunk(wanted.column("hit")))
    hits = wanted.take(place)
    count = fresh.num_rows
    columns = [
        *(hits.column(name) for name in _WANTED),
        fresh.column("code"),
        fresh.column("note"),
        pa.array([giving.by] * count, pa.string()),
        pa.array([giving.at] * count, pa.timestamp("us", "UTC")),
        pa.array([giving.filing] * count, pa.string()),
        pa.array([giving.expires_on] * count, pa.date32()),
        pa.array([NEW] * count, pa.string()),
    ]
    whole = pa.concat_tables([_plain(kept), _plain(_standing(columns))]).sort_by("hit")
    return _standing([whole.column(name) for name in STANDING_SCHEMA.names])


def counted(wanted: pa.Table, standing: pa.Table) -> dict[str, dict[str, int]]:
    """For each edit that asks for explanations how many of its hits stand how; what is 0 is left out."""
    found: dict[str, dict[str, int]] = {}
    spoken: dict[str, int] = {}
    pairs = pa.table(
        [standing.column(name).cast(pa.string()) for name in ("edit_id", "standing")], ["e", "s"]
    )
    for row in pairs.group_by(["e", "s"]).aggregate([([], "count_all")]).to_pylist():
        found.setdefault(row["e"], {})[row["s"]] = row["count_all"]
        spoken[row["e"]] = spoken.get(row["e"], 0) + row["count_all"]
    for entry in pc.value_counts(_chunk(wanted.column("edit_id"))).to_pylist():
        edit_id, missing = entry["values"], entry["counts"] - spoken.get(entry["values"], 0)
        counts = found.setdefault(edit_id, {})
        if missing:
            counts[MISSING] = missing
    return found


def open_hits(counts: dict[str, dict[str, int]]) -> int:
    """How many hits still need an explanation."""
    return sum(one.get(MISSING, 0) + one.get(EXPIRED, 0) for one in counts.values())


def given_table(lines: list[tuple[int, int, str, int, str, str]]) -> pa.Table:
    """Line, hit, edit, row, code and note of each as GIVEN_SCHEMA."""
    columns = list(zip(*lines, strict=True)) if lines else [()] * len(GIVEN_SCHEMA)
    return pa.table(
        [
            pa.array(column, _value_type(field.type))
            for column, field in zip(columns, GIVEN_SCHEMA, strict=True)
        ],
        names=GIVEN_SCHEMA.names,
    ).cast(GIVEN_SCHEMA)


def _repeats(given: pa.Table, before: pa.Table) -> pa.Array:
    standing = before.filter(pc.not_equal(before.column("standing").cast(pa.string()), EXPIRED))
    return pc.is_in(_said(given), value_set=_chunk(_said(standing)))


def _said(table: pa.Table) -> pa.ChunkedArray:
    parts = (table.column(name).cast(pa.string()) for name in ("hit", "code", "note"))
    return pc.binary_join_element_wise(*parts, "\x1f")


def _bindings(table: pa.Table) -> pa.ChunkedArray:
    parts = (table.column(name).cast(pa.string()) for name in ("edit_id", "field", "key", "value"))
    return pc.binary_join_element_wise(*parts, "\x1f")


def _with_key(table: pa.Table) -> pa.Table:
    return table.filter(pc.not_equal(table.column("key"), ""))


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, which cannot be laid end to end."""
    return table.cast(pa.schema([(field.name, _value_type(field.type)) for field in table.schema]))


def _standing(columns: list[pa.ChunkedArray]) -> pa.Table:
    plain = [
        column.cast(_value_type(field.type)) for column, field in zip(columns, STANDING_SCHEMA, strict=True)
    ]
    return pa.table(plain, names=STANDING_SCHEMA.names).cast(STANDING_SCHEMA)


def _chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()
