"""The edits of a filing, laid out so that one page of a million is read without the others.

The edits table in the evidence is sorted by class (blocking first), edit id and row. The register keeps where each edit
begins and how many rows it has, so every page, of one edit, of one class or of all, is one slice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.edits import CATALOGUE, EXPLAINED, EditClass
from ingest.edits.reasons import reason
from ingest.edits.report import in_order, ranks_of
from ingest.evidence import EvidenceStore
from supervision.filings.models import Filing


@dataclass(frozen=True, slots=True)
class ClassText:
    name_zh: str
    name_en: str
    meaning_zh: str
    meaning_en: str
    tone: str


CLASS_TEXTS: dict[EditClass, ClassText] = {
    EditClass.SYNTACTICAL: ClassText("语法", "Syntactical", "读不出来，必须改正", "cannot be read: must be mended", "bad"),
    EditClass.VALIDITY: ClassText("有效性", "Validity", "不符合标准，必须改正", "breaks the standard: must be mended", "bad"),
    EditClass.QUALITY: ClassText("质量", "Quality", "不太可能，改正或说明", "unlikely: mend or explain", "open"),
    EditClass.MACRO: ClassText("整体", "Macro", "整份数据不太可能，改正或说明", "unlikely as a whole: mend or explain", "open"),
    EditClass.CROSS_FEED: ClassText("跨数据", "Cross-feed", "与其他数据不一致，转入核查", "disagrees with other data: goes into the checks", "info"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unheld:
    """An edit that was not evaluated, and why, in words."""

    edit_id: str
    rows: int
    zh: str
    en: str


def not_evaluated_of(entries: Sequence[dict[str, Any]]) -> list[Unheld]:
    """What was not evaluated, each with its reasons."""
    return [
        Unheld(
            one["edit_id"],
            one["rows"],
            "、".join(reason(cause)[0] for cause in one["because"]),
            ", ".join(reason(cause)[1] for cause in one["because"]),
        )
        for one in entries
    ]


@dataclass(frozen=True, slots=True)
class EditGroup:
    """All hits of one edit: ``count`` rows of the edits table from ``start`` on."""

    edit_id: str
    edit_class: EditClass
    name: str
    start: int
    count: int
    first_row: int
    message_zh: str
    message_en: str
    first_value: str = ""  # as filed; empty in reports made before it was kept
    fields: tuple[str, ...] = ()  # the columns it hit; none in reports made before they were kept

    @property
    def class_text(self) -> ClassText:
        return CLASS_TEXTS[self.edit_class]

    @property
    def binds_from(self) -> dt.date:
        """The day from which on periods are judged by it."""
        return CATALOGUE[self.edit_id].valid_from

    @property
    def basis_zh(self) -> str:
        return CATALOGUE[self.edit_id].basis_zh if self.edit_id in CATALOGUE else ""

    @property
    def basis_en(self) -> str:
        return CATALOGUE[self.edit_id].basis_en if self.edit_id in CATALOGUE else ""


def arranged(edits: pa.Table) -> tuple[pa.Table, list[dict[str, Any]]]:
    """The edits sorted by class, edit id and row, and one entry an edit for the register."""
    table = in_order(edits)
    report: list[dict[str, Any]] = []
    starts = _starts(ranks_of(table["edit_id"], str))
    for start, end in pairwise([*starts, edits.num_rows]):
        first = table.slice(start, 1).to_pylist()[0]
        edit = CATALOGUE.get(first["edit_id"])
        report.append(
            {
                "edit_id": first["edit_id"],
                "edit_class": first["edit_class"],
                "name": edit.name if edit else "",
                "start": start,
                "count": end - start,
                "first_row": first["row"],
                "first_value": first["value"] or "",
                "message_zh": first["message_zh"],
                "message_en": first["message_en"],
                "fields": sorted(filter(None, pc.unique(_texts(table, "field", start, end)).to_pylist())),
            }
        )
    return table, report


def groups_of(filing: Filing) -> list[EditGroup]:
    """The edits of a filing, blocking ones first."""
    return groups_in(filing.report)


def groups_in(report: Sequence[Mapping[str, Any]]) -> list[EditGroup]:
    """The edits of a report as the register keeps it."""
    return [EditGroup(**{**entry, "edit_class": EditClass(entry["edit_class"])}) for entry in report]


def edits_to_explain(filing: Filing) -> list[str]:
    """The ids of the edits that need a signed explanation."""
    return [group.edit_id for group in groups_of(filing) if group.edit_class in EXPLAINED]


def narrowed(
    groups: Sequence[EditGroup], edit_id: str | None = None, edit_class: str | None = None
) -> list[EditGroup]:
    """The groups of one edit, or of one class, or all. They lie side by side in the edits table."""
    return [
        group
        for group in groups
        if (edit_id is None or group.edit_id == edit_id)
        and (edit_class is None or group.edit_class == edit_class)
    ]


def slice_of(evidence: EvidenceStore, digest: str, start: int, count: int) -> list[dict[str, Any]]:
    """Rows ``start`` to ``start + count`` of a table in the evidence. Raises EvidenceMissing."""
    return rows_at(evidence, digest, range(start, start + count))


def rows_at(evidence: EvidenceStore, digest: str, places: Sequence[int]) -> list[dict[str, Any]]:
    """The rows at these places of a table, in the order asked; places beyond its end are left out, and only the groups of
    rows they lie in are read. Raises EvidenceMissing."""
    file = pq.ParquetFile(evidence.path(digest), page_checksum_verification=True)
    found: dict[int, dict[str, Any]] = {}
    wanted = sorted(places)
    seen = 0
    for index in range(file.num_row_groups):
        size = file.metadata.row_group(index).num_rows
        here = [place for place in wanted if seen <= place < seen + size]
        if here:
            rows = file.read_row_groups([index]).take(pa.array([place - seen for place in here])).to_pylist()
            found.update(zip(here, rows, strict=True))
        seen += size
    return [found[place] for place in places if place in found]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which hits are looked for; what is empty is any."""

    edit_id: str = ""
    edit_class: str = ""
    field: str = ""
    key: str = ""


def places_of(
    evidence: EvidenceStore, digest: str, groups: Sequence[EditGroup], wanted: Wanted
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The places of those hits in the edits table. Hits of an edit or class lie side by side; of what is asked besides, only
    the columns needed are read."""
    shown = narrowed(groups, wanted.edit_id or None, wanted.edit_class or None)
    start = shown[0].start if shown else 0
    places = np.arange(start, start + sum(group.count for group in shown), dtype=np.int64)
    if not places.size or not (wanted.field or wanted.key):
        return places
    table = evidence.read_table(digest, ["field", "key"]).slice(start, places.size)
    holds = np.ones(places.size, np.bool_)
    for name in ("field", "key"):
        text = getattr(wanted, name)
        if text:
            same = pc.equal(table.column(name).cast(pa.string()), text).fill_null(False)
            holds &= same.to_numpy()
    return places[holds]


def by_row(
    evidence: EvidenceStore, digest: str, places: np.ndarray[Any, np.dtype[np.int64]]
) -> list[tuple[int, list[int]]]:
    """The places row by row of the file: its number (0: the whole file) and the places of its hits, by row."""
    if not places.size:
        return []
    rows = evidence.read_table(digest, ["row"]).column("row").to_numpy()[places]
    order = np.argsort(rows, kind="stable")
    numbers, starts = np.unique(rows[order], return_index=True)
    parts = np.split(places[order], starts[1:])
    return [(int(number), part.tolist()) for number, part in zip(numbers, parts, strict=True)]


def folded(filing: Filing) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """What was not evaluated, under the hit that kept it from being evaluated, and what no hit explains."""
    hit = {group.edit_id for group in groups_of(filing)}
    under: dict[str, list[dict[str, Any]]] = {}
    rest = []
    for one in filing.not_evaluated:
        roots = [cause for cause in one["because"] if cause in hit]
        for root in roots:
            under.setdefault(root, []).append(one)
        if len(roots) < len(one["because"]):
            rest.append(one)
    return under, rest


def _texts(table: pa.Table, name: str, start: int, end: int) -> pa.ChunkedArray:
    return table.column(name).slice(start, end - start).cast(pa.string())


def _starts(ids: np.ndarray[Any, np.dtype[np.int64]]) -> list[int]:
    if len(ids) == 0:
        return []
    changes = np.flatnonzero(ids[1:] != ids[:-1]) + 1
    return [0, *changes.tolist()]
