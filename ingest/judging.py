"""One file on its way through the judgement: read part by part, judged by the row, by the table, and against others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits import BLOCKING, CATALOGUE, EXPLAINED, EditClass, pack_without
from ingest.edits.beside import BESIDE_RULES, run_beside_rules
from ingest.edits.comparing import Filed, Others
from ingest.edits.cross_feed import ROSTER_NEEDS, run_roster_rules
from ingest.edits.declared import part_findings, row_findings, total_findings
from ingest.edits.feeds import ROW_RULES, WHOLE_TABLE_RULES
from ingest.edits.log import EditLog, detail_of
from ingest.edits.report import row_offset
from ingest.edits.rows import Rows, run_row_rules
from ingest.edits.tables import needs_of
from ingest.judgement import Judgement
from ingest.profiles import Profile
from ingest.profiles.profile import coded
from ingest.readers.block import Block, Finding, Limits, Reader, Refusal, refuse
from ingest.readers.filename import clean_filename
from ingest.readers.header import Naming
from ingest.readers.manifest import Manifest, control_totals, read_manifest
from ingest.readers.opening import ReadPart, is_telegrams, last_row_of, moved_by, reader_of
from ingest.readers.packed import Part, unpacked
from ingest.standard import Feed, Kind, Period, schema_of
from ingest.total_rows import TotalRows
from ingest.totals import Totals
from ingest.values.cells import Cells, lengths_of
from ingest.values.columns import absent, convert

Progress = Callable[[str, int, int], None]
_READING_STAGES = ("file", "container", "header", "row", "correction")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read, not judged. ``table`` is None when the file as a whole cannot be used; a value that cannot be
    read is null in it and stands in ``edits`` with its row and field. Rows that fall apart are in ``edits`` only."""

    rows: int
    table: pa.Table | None
    edits: pa.Table


@dataclass(slots=True)
class Judging:
    """One file on its way through the judgement."""

    feed: Feed
    period: Period
    limits: Limits
    on_progress: Progress | None
    values_only: bool = False
    profile: Profile | None = None
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    log: EditLog = field(init=False)
    totals: Totals = field(init=False)
    batches: list[pa.RecordBatch] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    read_by: Profile | None = field(init=False)  # of the part at hand: telegrams are read by none
    is_own: bool = True  # a part was read by the profile, or nothing was read at all
    parts: list[ReadPart] = field(default_factory=list)
    total_rows: TotalRows = field(init=False)
    unsure: dict[str, str] = field(default_factory=dict)
    last_row: int = 0
    keep: Callable[[pa.RecordBatch], None] = field(init=False)
    rows: int = 0

    @property
    def _summed(self) -> list[str]:
        return [name.partition(" ")[0] for name in control_totals(self.feed)]

    def __post_init__(self) -> None:
        self.keep = self.batches.append
        self.read_by = self.profile
        self.log = EditLog(self.feed, self.period, self.withdrawn)
        self.totals = Totals(self.feed)

    def run(self, path: Path, filename: str, roster: pa.Table | None, beside: dict[str, Filed]) -> Judgement:
        name = ""
        try:
            name = clean_filename(filename)
            self._read_parts(path, name)
            self._compare_declared()
            self._judge_table(roster, beside)
        except Refusal as refusal:
            self.log.findings(*refusal.findings)
            self._nothing_after({finding.edit_id for finding in refusal.findings})
        return self._judgement(name)

    def read(self, path: Path, filename: str) -> Reading:
        refused = False
        try:
            self._read_parts(path, clean_filename(filename))
        except Refusal as refusal:
            self.log.findings(*refusal.findings)
            refused = True
        return Reading(self.rows, None if refused else self._table(), self.log.edits())

    def _read_parts(self, path: Path, name: str) -> None:
        """Every row of every part is read, numbered through. Refusal when a part, or the set of them, cannot be used."""
        with unpacked(path, name, self.limits) as package:
            if package.manifest is not None:
                self.manifests.append(read_manifest(package.manifest, self.feed))
            several = len(package.parts) > 1
            found = [one for said in self.manifests for one in part_findings(said, package.parts)]
            if found:
                raise Refusal(*found)
            for part in package.parts:
                try:
                    self._read_part(part, several)
                except Refusal as refusal:
                    if not several:
                        raise
                    raise Refusal(*(_of_part(one, part.name) for one in refusal.findings)) from None
        if self.rows == 0:
            raise refuse("S08")

    def _read_part(self, part: Part, several: bool) -> None:
        offset, before = self.last_row, self.rows
        size = part.path.stat().st_size
        self.read_by = None if is_telegrams(part.name) else self.profile
        self.is_own = bool(self.read_by) or (bool(self.readers) and self.is_own)
        naming = Naming(self.feed, self.read_by)
        reader = reader_of(part.path, clean_filename(part.name), naming, self.limits, self._tell(size))
        self.readers.append(reader)
        reader.open()
        self.constants = reader.constants
        self.log.row_offset = 0 if several else row_offset(reader.encoding, reader.delimiter)
        self._log_header(reader)
        self.total_rows, sums_before = TotalRows(self.feed), self.totals.texts()
        for block in reader.blocks():
            moved_by(block, offset)
            self.last_row = max(self.last_row, last_row_of(block))
            self._judge_block(block)
        self._leave_out_totals(sums_before)
        if several and self.rows == before:
            raise refuse("S08")
        self.parts.append(ReadPart(part.name, offset + 1, self.last_row, self.rows - before, part.sha256))

    def _compare_declared(self) -> None:
        rows_of_parts = {part.name: part.rows for part in self.parts}
        totals = self.totals.texts()
        for said in self.manifests:
            self.log.findings(*row_findings(said, self.rows, rows_of_parts))
            self.log.findings(*total_findings(said, totals, self.feed, tuple(self.unsure)))
        if self.unsure and any(said.totals for said in self.manifests):
            self.log.skipped("DEC02", set(self.unsure.values()), 0)

    def read_only(self, path: Path, filename: str) -> pa.Table | None:
        """The rows of a correction, which are no filing yet; None where the file cannot be used. What is declared in it is
        the number of its rows."""
        try:
            self._read_parts(path, clean_filename(filename))
            for said in self.manifests:
                self.log.findings(
                    *row_findings(said, self.rows, {part.name: part.rows for part in self.parts})
                )
                if said.totals:
                    raise refuse("DEC06", "更正文件内不声明合计", "a correction declares no totals in itself")
        except Refusal as refusal:
            self.log.findings(*refusal.findings)
            return None
        return self._table()

    @property
    def has_hits(self) -> bool:
        return bool(self.log.edits().num_rows)

    def as_read(self, filename: str) -> Judgement:
        """The judgement of what was read and no more: the rules on what a filing holds are not evaluated."""
        self._nothing_after(set(pc.unique(self.log.edits().column("edit_id").cast(pa.string())).to_pylist()))
        return self._judgement(filename)

    def stopped(self, filename: str, finding: Finding) -> Judgement:
        self.log.findings(finding)
        self._nothing_after({finding.edit_id})
        return self._judgement(filename)

    def _tell(self, size: int) -> Callable[[str, int], None]:
        def tell(stage: str, done: int) -> None:
            if self.on_progress is not None:
                self.on_progress(stage, done, size)

        return tell

    def _leave_out_totals(self, before: Mapping[str, str]) -> None:
        """Rows of totals at the end of a part are left out and listed where they come to the sums of its rows."""
        if not self.total_rows.at_the_end:
            return
        if self.unsure:  # the file is rejected; what its rows come to is not known
            self.log.skipped("S23", set(self.unsure.values()), len(self.total_rows.at_the_end))
            return
        faults, left_out = self.total_rows.compared(self.totals.since(before), set(self.constants))
        self.log.findings(*faults)
        for row, code, text in left_out:
            self.log.coerced(np.full(1, row, np.int32), code, pa.array([text]), pa.array([""]), "total_row")

    def _judge_block(self, block: Block) -> None:
        self._add_constants(block)
        if not self.values_only:
            self.log.findings(*self.total_rows.take_from(block))
        self.log.findings(*block.unread)
        self.rows += len(block.source_rows) + len(
            {finding.row for finding in block.unread if finding.edit_id != "S13"}
        )
        if block.unread:
            self.unsure.update(dict.fromkeys(self._summed, block.unread[0].edit_id))
            self._not_for(
                {finding.edit_id for finding in block.unread}, len({finding.row for finding in block.unread})
            )
        count = len(block.source_rows)
        if count == 0:
            return
        cells = {
            column.code: convert(column, block.columns[column.code], coded(self.read_by, column.code))
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
        self.keep(pa.RecordBatch.from_arrays(arrays, schema=schema_of(self.feed)))

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
            self.log.coerced(said.rows, said.field, said.before, said.after, said.rule)

    def _log_column(self, cells: Cells, rows: Rows, keys: pa.Array) -> None:
        for problem in cells.problems:
            self.unsure[cells.column.code] = problem.edit_id
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

    def _judge_table(self, roster: pa.Table | None, beside: dict[str, Filed]) -> None:
        table = self._table()
        for rule in WHOLE_TABLE_RULES:
            if self.log.binding(rule.edit_id):
                rule.run(table, self.feed, self.log)
        others = beside if roster is None else {**beside, "accounts": Filed((roster,))}
        run_beside_rules(table, self.feed, Others(others), self.log)
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
        return pa.Table.from_batches(self.batches, schema=schema_of(self.feed))

    def _judgement(self, name: str) -> Judgement:
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
            encoding=_alike([reader.encoding for reader in self.readers]),
            delimiter=self.readers[0].delimiter if len(self.readers) == 1 else "",
            pack_digest=pack_without(self.withdrawn),
            shadow=self.log.shadow(),
            columns=tuple(dict.fromkeys(code for reader in self.readers for code in reader.columns)),
            not_evaluated=self.log.not_evaluated(),
            filename=name,
            profile=self.profile.name if self.profile and self.is_own else "",
            parts=tuple(self.parts) if len(self.parts) > 1 else (),
            declared=[said.as_data() for said in self.manifests if said],
        )


def _alike(words: list[str]) -> str:
    """What all of them are; ``mixed`` where they differ."""
    return words[0] if len(set(words)) == 1 else "mixed" if words else ""


def _of_part(finding: Finding, name: str) -> Finding:
    """The finding with the part it was made in."""
    value = f"{name}：{finding.value}" if finding.value else name
    return replace(finding, value=value)
