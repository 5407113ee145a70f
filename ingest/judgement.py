"""What became of a file: the verdict, the rows, every hit, and what was not evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits import CATALOGUE, EDIT_SCHEMA, EditClass
from ingest.edits.log import NotEvaluated
from ingest.edits.report import row_offset
from ingest.edits.thresholds import bare
from ingest.readers.opening import ReadPart


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
    those the file had, in its order. ``parts`` are the files it came in where they are several, ``declared`` what was said of
    it beforehand, with it or in it; ``correction`` counts the rows of a partial correction. ``profile`` names the mapping profile it
    was read by. ``not_evaluated`` lists edits that did not judge every row; none of them passed. ``shadow`` are the hits of
    edits that do not bind yet: they count for nothing. ``pack_digest`` names the rules, less those that were withdrawn."""

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
    parts: tuple[ReadPart, ...] = ()
    declared: list[dict[str, Any]] = field(default_factory=list)
    correction: dict[str, int] | None = None
    shadow: pa.Table = field(default_factory=EDIT_SCHEMA.empty_table)

    @property
    def row_offset(self) -> int:
        """What is added to a row to give the row of the company's own file; of a filing in parts nothing."""
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
                edit.id,
                edit.name,
                edit.edit_class.value,
                count[edit.id],
                *(bare(words, edit.id) for words in (edit.zh, edit.en)),
            )
            for edit in hit
        )
