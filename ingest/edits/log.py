"""The log of a judgement: every hit, every coercion, and every edit that could not be evaluated, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits import CATALOGUE, COERCION_SCHEMA, EDIT_SCHEMA
from ingest.edits.coercion_rules import RULES
from ingest.edits.edit import Edit
from ingest.edits.thresholds import said
from ingest.readers.block import Finding
from ingest.standard import Feed, Kind, Period
from ingest.standard.feed import Column


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """An edit that was not evaluated on ``rows`` rows (0: on none at all, the whole file), and the causes: edit ids, or
    ``no_roster``, ``no_roster_value``. It never counts as passed."""

    edit_id: str
    because: tuple[str, ...]
    rows: int


@dataclass(slots=True)
class EditLog:
    """Collects hits in the order in which they are found; the tables are sorted by row, the order within a row kept."""

    feed: Feed
    period: Period
    withdrawn: frozenset[str] = frozenset()
    #: What a row number is behind the row of the company's own file: 1 for a table, whose first row is row 0.
    row_offset: int = 1
    _shadow: list[pa.Table] = field(default_factory=list)
    _edits: list[pa.Table] = field(default_factory=list)
    _findings: list[Finding] = field(default_factory=list)
    _coercions: list[pa.Table] = field(default_factory=list)
    _skipped: dict[str, tuple[set[str], int]] = field(default_factory=dict)

    def binding(self, edit_id: str) -> bool:
        """True when that edit is evaluated on this feed and period: it binds, or runs in shadow; and it is not withdrawn."""
        edit = CATALOGUE[edit_id]
        judged = edit.binds(self.feed.code, self.period) or self._is_shadow(edit)
        return judged and edit_id not in self.withdrawn

    def _is_shadow(self, edit: Edit) -> bool:
        return edit.is_in_shadow(self.feed.code, self.period)

    def findings(self, *found: Finding) -> None:
        """Records hits of a reader."""
        self._findings.extend(found)

    def hits(
        self,
        edit_id: str,
        rows: np.ndarray,
        keys: pa.Array,
        column: Column,
        values: pa.Array,
        detail: pa.Array | str = "",
        detail_en: pa.Array | str | None = None,
    ) -> None:
        """Records one hit for each of ``rows`` (source rows) on ``column``; ``detail`` alike for all, or one for each."""
        count = len(rows)
        if count == 0:
            return
        edit = CATALOGUE[edit_id]
        day = self.period.last_day
        zh, en = said(edit.zh + edit.mend_zh, edit.id, day), said(f"{edit.en} {edit.mend_en}", edit.id, day)
        english = detail if detail_en is None else detail_en
        arrays = [
            _repeated(edit.id, count),
            _repeated(edit.edit_class.value, count),
            pa.array(rows, pa.int32()),
            keys,
            _repeated(column.code, count),
            values,
            _message(zh.replace("{column}", column.zh), detail, count),
            _message(en.replace("{column}", f"{column.code} ({column.en})"), english, count),
        ]
        kept = self._shadow if self._is_shadow(edit) else self._edits
        kept.append(pa.table(arrays, schema=EDIT_SCHEMA))

    def coerced(self, rows: np.ndarray, column: str, before: pa.Array, after: pa.Array, rule: str) -> None:
        """Records that values were read differently from how they stood. KeyError for a rule that nobody could be told of."""
        for one in rule.split("+"):
            RULES[one]
        count = len(rows)
        arrays = [pa.array(rows, pa.int32()), _repeated(column, count), before, after, _repeated(rule, count)]
        self._coercions.append(pa.table(arrays, schema=COERCION_SCHEMA))

    def skipped(self, edit_id: str, because: set[str], rows: int) -> None:
        """Records that an edit was not evaluated; 0 rows is the whole file."""
        if self._is_shadow(CATALOGUE[edit_id]):
            return
        causes, count = self._skipped.get(edit_id, (set(), 0))
        self._skipped[edit_id] = (causes | because, count + rows)

    def edits(self) -> pa.Table:
        """Every hit, by row. Complete: there is no cap."""
        return _sorted([_findings_table(self._findings), *self._edits], EDIT_SCHEMA)

    def shadow(self) -> pa.Table:
        """Every hit of an edit that does not bind yet, by row."""
        return _sorted(self._shadow, EDIT_SCHEMA)

    def coercions(self) -> pa.Table:
        """Every coercion, by row."""
        return _sorted(self._coercions, COERCION_SCHEMA)

    def not_evaluated(self) -> tuple[NotEvaluated, ...]:
        """Edits that were not evaluated on all rows, in the order of the catalogue."""
        known = [edit_id for edit_id in CATALOGUE if edit_id in self._skipped]
        return tuple(
            NotEvaluated(edit_id, tuple(sorted(self._skipped[edit_id][0])), self._skipped[edit_id][1])
            for edit_id in known
        )


def detail_of(edit_id: str, column: Column) -> tuple[str, str]:
    """What the standard asks of a column, in the words of that edit, Chinese and English."""
    if edit_id == "V03":
        low = "" if column.minimum is None else f"{column.minimum} ≤ "
        high = "" if column.maximum is None else f" ≤ {column.maximum}"
        return f"{low}{column.zh}{high}", f"{low}{column.code}{high}"
    if edit_id == "V04":
        return str(column.scale), str(column.scale)
    if edit_id == "V08" and column.kind is Kind.CODE:
        zh = "、".join(f"{code.code}（{code.zh}）" for code in column.codes)
        return zh, ", ".join(f"{code.code} ({code.en})" for code in column.codes)
    return "", ""


def _repeated(word: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([word], pa.string()))


def _message(template: str, detail: pa.Array | str, count: int) -> pa.Array:
    if isinstance(detail, str):
        return _repeated(template.replace("{detail}", detail), count)
    before, _, after = template.partition("{detail}")
    after = after.replace("{detail}", "…")
    whole = pc.binary_join_element_wise(before, pc.fill_null(detail, "—"), after, "")
    return whole.dictionary_encode()


def _findings_table(findings: list[Finding]) -> pa.Table:
    rows = [_finding_row(CATALOGUE[finding.edit_id], finding) for finding in findings]
    return pa.Table.from_pylist(rows, schema=EDIT_SCHEMA)


def _finding_row(edit: Edit, finding: Finding) -> dict[str, str | int]:
    zh = (
        (edit.zh + edit.mend_zh).replace("{column}", finding.column_zh).replace("{detail}", finding.detail_zh)
    )
    en = f"{edit.en} {edit.mend_en}".replace("{column}", finding.column_en).replace(
        "{detail}", finding.detail_en
    )
    return {
        "edit_id": edit.id,
        "edit_class": edit.edit_class.value,
        "row": finding.row,
        "key": "",
        "field": finding.field,
        "value": finding.value,
        "message_zh": zh,
        "message_en": en,
    }


def _sorted(tables: list[pa.Table], schema: pa.Schema) -> pa.Table:
    filled = [table for table in tables if table.num_rows]
    if not filled:
        return schema.empty_table()
    whole = pa.concat_tables(filled).unify_dictionaries().combine_chunks()
    order = np.argsort(whole.column("row").to_numpy(), kind="stable")
    return whole.take(pa.array(order))
