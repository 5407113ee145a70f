"""What was declared with a filing beside what was found in it, and the digests of its rows for corrections."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.corrections import exact_texts, row_digests
from ingest.evidence import EvidenceStore
from ingest.standard import feed as feed_of
from supervision.filings.models import Filing


@dataclass(frozen=True, slots=True)
class Control:
    """One thing declared: of the whole filing, or of the part ``name``. ``declared`` and ``found`` are shown as they are."""

    zh: str
    en: str
    declared: str
    found: str
    agrees: bool
    name: str = ""


def controls_of(filing: Filing) -> list[Control]:
    """Rows, sums and rows of parts that were declared, each with what was found; nothing before the judgement."""
    feed = feed_of(filing.feed)
    found: list[Control] = []
    rows_of = {part["name"]: part["rows"] for part in filing.parts or []}
    for said in filing.manifests or []:
        if "rows" in said:
            found.append(_count("数据行", "Data rows", said["rows"], filing.rows or 0))
        for name, amount in said.get("totals", {}).items():
            column, here = feed.column(name.partition(" ")[0]), filing.totals.get(name, "0")
            unit = name.partition(" ")[2]
            zh, en = (f"{column.zh} {unit}", f"{column.en} {unit}") if unit else (column.zh, column.en)
            found.append(Control(zh, en, amount, here, Decimal(amount) == Decimal(here)))
        for part in said.get("parts", []):
            if "rows" in part and part["name"] in rows_of:
                found.append(_count("数据行", "data rows", part["rows"], rows_of[part["name"]], part["name"]))
    return found


def _count(zh: str, en: str, declared: int, found: int, name: str = "") -> Control:
    return Control(zh, en, f"{declared:,}", f"{found:,}", declared == found, name)


def digest_lines(evidence: EvidenceStore, filing: Filing) -> Iterator[bytes]:
    """A CSV of the key columns and ``expected_digest`` of every row of a filing that passed, some thousand rows at a time;
    the first line names the columns as a correction does."""
    feed = feed_of(filing.feed)
    assert filing.table_digest is not None
    yield b"\xef\xbb\xbf" + _csv([[*feed.key, "expected_digest"]])
    file = pq.ParquetFile(evidence.path(filing.table_digest), page_checksum_verification=True)
    for batch in file.iter_batches():
        table = pa.Table.from_batches([batch])
        columns = [exact_texts(table.column(code)).to_pylist() for code in feed.key]
        yield _csv(list(zip(*columns, row_digests(table, feed).to_pylist(), strict=True)))


def _csv(rows: list[list[str]] | list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
