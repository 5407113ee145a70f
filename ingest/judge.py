"""The judgement of a file: every edit evaluated on every row, or said not to have been."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits import BLOCKING, CATALOGUE, EXPLAINED, PACK_DIGEST, EditClass
from ingest.edits.beside import BESIDE_RULES, run_beside_rules
from ingest.edits.cross_feed import ROSTER_NEEDS, run_roster_rules
from ingest.edits.feeds import ROW_RULES, WHOLE_TABLE_RULES
from ingest.edits.log import EditLog, NotEvaluated, detail_of
from ingest.edits.report import row_offset
from ingest.edits.rows import Rows, run_row_rules
from ingest.edits.tables import needs_of
from ingest.profiles import Profile
from ingest.profiles.profile import coded
from ingest.readers.block import Block, Finding, Limits, Reader, Refusal, refuse
from ingest.readers.filename import clean_filename, extension
from ingest.readers.header import Naming
from ingest.readers.jsonlines import JsonLinesReader
from ingest.readers.packed import unpacked
from ingest.readers.text import TextReader
from ingest.standard import Feed, Kind, Period, PeriodKind, arrow_schema
from ingest.standard import feed as feed_of
from ingest.totals import Totals
from ingest.values.cells import Cells, lengths_of
from ingest.values.columns import absent, convert

Progress = Callable[[str, int, int], None]
_ANY_PERIODS = {
    PeriodKind.SEASON: "2025-26",
    PeriodKind.MONTH: "2025-12",
    PeriodKind.DAY: "2025-12-03",
}
_TEXT_EXTENSIONS = ("csv", "txt", "tsv")
_JSON_EXTENSIONS = ("jsonl", "ndjson")
_TELEGRAM_EXTENSIONS = ("mbus", "hex")
_PACKED_MARKS = {b"\x1f\x8b": "gzip", b"7z\xbc\xaf": "7z", b"Rar!": "RAR", b"%PDF": "PDF"}
_READING_STAGES = ("file", "container", "header", "row")


@dataclass(frozen=True, slots=True)
class EditGroup:
    """All hits of one edit."""

    edit_id: str
    name: str
    edit_class: str
    count: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a file. ``verdict`` is ``rejected`` when any syntactical or validity edit hit (``table`` is then
    None), ``needs_explanation`` when a quality or macro edit did, else ``accepted``. ``rows`` counts the data rows that were
    found, readable or not. ``totals`` are exact sums as text, in CNY, m2 and the unit in the name. ``columns`` are
    those the file had, in its order. ``profile`` names the mapping profile it was read by. ``not_evaluated`` lists edits that did not judge every row; none of them passed."""

    verdict: str
    rows: int
    table: pa.Table | None
    edits: pa.Table
    coercions: pa.Table
    totals: dict[str, str]
    encoding: str
    delimiter: str
    pack_digest: str
    columns: tuple[str, ...]
    not_evaluated: tuple[NotEvaluated, ...] = ()
    filename: str = ""
    profile: str = ""

    @property
    def row_offset(self) -> int:
        """What is added to a row to give the row of the company's own file."""
        return row_offset(self.encoding, self.delimiter)

    def summary(self) -> tuple[EditGroup, ...]:
        """Hits counted by edit: blocking classes first, then as the catalogue lists them."""
        counted = pc.value_counts(self.edits.column("edit_id").combine_chunks().cast(pa.string())).to_pylist()
        count = {entry["values"]: entry["counts"] for entry in counted}
        order = list(EditClass)
        hit = sorted(
            (CATALOGUE[one] for one in CATALOGUE if one in count),
            key=lambda edit: order.index(edit.edit_class),
        )
        return tuple(
            EditGroup(
                edit.id, edit.name, edit.edit_class.value, count[edit.id], _bare(edit.zh), _bare(edit.en)
            )
            for edit in hit
        )


def _bare(words: str) -> str:
    return words.replace("{column}", "…").replace("{detail}", "…")


def judge(
    path: Path,
    *,
    feed: str,
    period: str,
    filename: str,
    roster: pa.Table | None = None,
    beside: Mapping[str, pa.Table] | None = None,
    on_progress: Progress | None = None,
    limits: Limits | None = None,
    profile: Profile | None = None,
) -> Judgement:
    """Reads and judges one file of ``feed`` for ``period``. ``roster`` is the accepted accounts table the rows are
    compared with, ``beside`` the accepted tables of other feeds, by feed. ``on_progress(stage, done, total)`` hears of bytes done. ``profile`` says what the company's own
    headers and codes are. Bad content never raises: it is an edit.
    KeyError for an unknown feed and ValueError for a period that the feed is not filed by or a profile of another feed;
    OSError when the file cannot be read."""
    standard = feed_of(feed)
    if profile is not None and profile.feed != feed:
        raise ValueError(
            f"对应方案属于 {profile.feed}，文件是 {feed} / the profile is of {profile.feed}, the file of {feed}"
        )
    judged = _Judging(
        standard, Period.parse(period, standard.periods), limits or Limits(), on_progress, profile=profile
    )
    return judged.run(path, filename, roster, dict(beside or {}))


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read, not judged. ``table`` is None when the file as a whole cannot be used; a value that cannot be
    read is null in it and stands in ``edits`` with its row and field. Rows that fall apart are in ``edits`` only."""

    rows: int
    table: pa.Table | None
    edits: pa.Table


def read(
    path: Path,
    *,
    feed: str,
    filename: str,
    limits: Limits | None = None,
    keep: Callable[[pa.RecordBatch], None] | None = None,
) -> Reading:
    """Reads one file of ``feed`` for somebody who is not filing it: every value by the same strict grammars, and none of
    the rules about what a filing must hold. ``keep`` is given the rows as they are read, some ten thousand at a time, and
    the table then has none: so a file of any size is read. Bad content never raises. KeyError for an unknown feed;
    OSError when the file cannot be read."""
    standard = feed_of(feed)
    any_period = Period.parse(_ANY_PERIODS[standard.periods[0]], standard.periods)
    reading = _Judging(standard, any_period, limits or Limits(), None, values_only=True)
    if keep is not None:
        reading.keep = keep
    return reading.read(path, filename)


def not_judged(feed: str, period: str, filename: str, finding: Finding) -> Judgement:
    """The judgement of a file that could not be judged at all, for the reason of ``finding``: rejected, and every edit on its
    values listed as not evaluated."""
    standard = feed_of(feed)
    judged = _Judging(standard, Period.parse(period, standard.periods), Limits(), None)
    return judged.stopped(filename, finding)


@dataclass(slots=True)
class _Judging:
    feed: Feed
    period: Period
    limits: Limits
    on_progress: Progress | None
    values_only: bool = False
    profile: Profile | None = None
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)
    log: EditLog = field(init=False)
    totals: Totals = field(init=False)
    batches: list[pa.RecordBatch] = field(default_factory=list)
    keep: Callable[[pa.RecordBatch], None] = field(init=False)
    rows: int = 0

    def __post_init__(self) -> None:
        self.keep = self.batches.append
        self.log = EditLog(self.feed, self.period)
        self.totals = Totals(self.feed)

    def run(
        self, path: Path, filename: str, roster: pa.Table | None, beside: dict[str, pa.Table]
    ) -> Judgement:
        reader: Reader | None = None
        name = ""
        try:
            name = clean_filename(filename)
            with unpacked(path, name, self.limits) as (inner, inner_name):
                reader = self._reader(inner, clean_filename(inner_name))
                reader.open()
                self.constants = reader.constants
                self.log.row_offset = row_offset(reader.encoding, reader.delimiter)
                self._log_header(reader)
                for block in reader.blocks():
                    self._judge_block(block)
            if self.rows == 0:
                raise refuse("S08")
            self._judge_table(roster, beside)
        except Refusal as refusal:
            self.log.findings(*refusal.findings)
            self._nothing_after({finding.edit_id for finding in refusal.findings})
        return self._judgement(reader, name)

    def read(self, path: Path, filename: str) -> Reading:
        refused = False
        try:
            with unpacked(path, clean_filename(filename), self.limits) as (inner, inner_name):
                reader = self._reader(inner, clean_filename(inner_name))
                reader.open()
                self.constants = reader.constants
                for block in reader.blocks():
                    self._judge_block(block)
            if self.rows == 0:
                raise refuse("S08")
        except Refusal as refusal:
            self.log.findings(*refusal.findings)
            refused = True
        return Reading(self.rows, None if refused else self._table(), self.log.edits())

    def stopped(self, filename: str, finding: Finding) -> Judgement:
        self.log.findings(finding)
        self._nothing_after({finding.edit_id})
        return self._judgement(None, filename)

    def _reader(self, path: Path, name: str) -> Reader:
        size = path.stat().st_size
        if size == 0:
            raise refuse("T08")
        if size > self.limits.max_file_bytes:
            raise refuse("T01", f"{size} > {self.limits.max_file_bytes} B")
        with path.open("rb") as file:
            start = file.read(4)
        kind = extension(name)
        for mark, packed in _PACKED_MARKS.items():
            if start.startswith(mark) and kind != "xlsx":
                raise refuse("T04", packed)
        on_bytes = self._tell(size)
        naming = Naming(self.feed, self.profile)
        if kind == "xlsx":
            from ingest.readers.xlsx import WorkbookReader

            return WorkbookReader(path, naming, self.limits, on_bytes)
        if kind in _JSON_EXTENSIONS:
            return JsonLinesReader(path, naming, self.limits, on_bytes)
        if kind in _TELEGRAM_EXTENSIONS:
            from ingest.readers.telegrams import TelegramReader

            return TelegramReader(path, naming, self.limits, on_bytes)
        if kind not in _TEXT_EXTENSIONS or start.startswith(b"PK\3\4"):
            raise refuse("T04", name)
        return TextReader(path, naming, self.limits, on_bytes)

    def _tell(self, size: int) -> Callable[[str, int], None]:
        def tell(stage: str, done: int) -> None:
            if self.on_progress is not None:
                self.on_progress(stage, done, size)

        return tell

    def _judge_block(self, block: Block) -> None:
        self.log.findings(*block.unread)
        self.rows += len(block.source_rows) + len(
            {finding.row for finding in block.unread if finding.edit_id != "S13"}
        )
        if block.unread:
            self._not_for(
                {finding.edit_id for finding in block.unread}, len({finding.row for finding in block.unread})
            )
        count = len(block.source_rows)
        if count == 0:
            return
        self._add_constants(block)
        cells = {
            column.code: convert(column, block.columns[column.code], coded(self.profile, column.code))
            if column.code in block.columns
            else absent(column, count)
            for column in self.feed.columns
        }
        for code, lost in block.lost_digits.items():
            if self.feed.column(code).kind is Kind.IDENTIFIER:
                cells[code].refuse("X08", lost)
        rows = Rows(self.feed, self.period, cells, block.source_rows)
        self._log_cells(rows, block)
        if not self.values_only:
            run_row_rules(ROW_RULES[self.feed.code], rows, self.log)
            self._count_unseen(rows)
            self.totals.add(rows)
        arrays = [
            pa.array(block.source_rows, pa.int32()),
            *(cells[column.code].array for column in self.feed.columns),
        ]
        self.keep(pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(self.feed.code)))

    def _add_constants(self, block: Block) -> None:
        """What the header or the profile says of every row, as if it stood in each."""
        for code, (beside, text) in self.constants.items():
            if beside:
                filled = pa.array(lengths_of(block.columns[beside]) > 0)
                block.columns[code] = pc.if_else(filled, text, "")
            else:
                block.columns[code] = pa.array([text] * len(block.source_rows), pa.string())

    def _log_header(self, reader: Reader) -> None:
        for said in reader.header_coercions:
            texts = (pa.array([said.before]), pa.array([said.after]))
            row = np.full(1, said.row, np.int32)
            self.log.coerced(row, said.field or said.after.partition(" ")[0], *texts, said.rule)

    def _log_cells(self, rows: Rows, block: Block) -> None:
        keys = rows.keys()
        for cells in rows.cells.values():
            self._log_column(cells, rows, keys)
        for said in block.coercions:
            before, after = pa.array(said.before, pa.string()), pa.array(said.after, pa.string())
            self.log.coerced(said.rows, said.field, before, after, said.rule)

    def _log_column(self, cells: Cells, rows: Rows, keys: pa.Array) -> None:
        for problem in cells.problems:
            taken = pa.array(problem.positions)
            values = cells.filed.take(taken)
            zh, en = detail_of(problem.edit_id, cells.column)
            source = rows.source_rows[problem.positions]
            self.log.hits(problem.edit_id, source, keys.take(taken), cells.column, values, zh, en)
        for coercion in cells.coercions:
            before = cells.filed.take(pa.array(coercion.positions))
            source = rows.source_rows[coercion.positions]
            self.log.coerced(source, cells.column.code, before, coercion.after, coercion.rule)

    def _count_unseen(self, rows: Rows) -> None:
        """Rows that the rules over the whole table and against the roster will not see, because cells were refused."""
        code = self.feed.code
        needs = {
            rule.edit_id: needs_of(rule, self.feed)
            for rule in WHOLE_TABLE_RULES
            if not rule.feeds or code in rule.feeds
        }
        needs |= ROSTER_NEEDS if code == "bills" else {}
        needs |= {rule.edit_id: rule.needs for rule in BESIDE_RULES if rule.feed == code}
        for edit_id, codes in needs.items():
            if self.log.binding(edit_id):
                broken = int(np.count_nonzero(rows.broken(codes)))
                if broken:
                    self.log.skipped(edit_id, rows.causes(codes), broken)

    def _judge_table(self, roster: pa.Table | None, beside: dict[str, pa.Table]) -> None:
        table = self._table()
        for rule in WHOLE_TABLE_RULES:
            if self.log.binding(rule.edit_id):
                rule.run(table, self.feed, self.log)
        others = beside if roster is None else {**beside, "accounts": roster}
        run_beside_rules(table, self.feed, others, self.log)
        if self.feed.code != "bills":
            return
        bound = [edit_id for edit_id in ROSTER_NEEDS if self.log.binding(edit_id)]
        if roster is not None and bound:
            run_roster_rules(table, self.feed, roster, self.log)
        elif bound:
            for edit_id in bound:
                self.log.skipped(edit_id, {"no_roster"}, 0)

    def _not_for(self, because: set[str], count: int) -> None:
        """Rows that could not be read were judged by no edit on values."""
        for edit in CATALOGUE.values():
            if edit.stage not in _READING_STAGES and self.log.binding(edit.id):
                self.log.skipped(edit.id, because, count)

    def _nothing_after(self, because: set[str]) -> None:
        for edit in CATALOGUE.values():
            if edit.stage not in _READING_STAGES and self.log.binding(edit.id):
                self.log.skipped(edit.id, because, 0)

    def _table(self) -> pa.Table:
        return pa.Table.from_batches(self.batches, schema=arrow_schema(self.feed.code))

    def _judgement(self, reader: Reader | None, name: str) -> Judgement:
        edits = self.log.edits()
        classes = {
            EditClass(one) for one in pc.unique(edits.column("edit_class").cast(pa.string())).to_pylist()
        }
        verdict = (
            "rejected" if classes & BLOCKING else "needs_explanation" if classes & EXPLAINED else "accepted"
        )
        return Judgement(
            verdict=verdict,
            rows=self.rows,
            table=None if verdict == "rejected" else self._table(),
            edits=edits,
            coercions=self.log.coercions(),
            totals=self.totals.texts(),
            encoding=reader.encoding if reader else "",
            delimiter=reader.delimiter if reader else "",
            pack_digest=PACK_DIGEST,
            columns=reader.columns if reader else (),
            not_evaluated=self.log.not_evaluated(),
            filename=name,
            profile=self.profile.name if self.profile else "",
        )
