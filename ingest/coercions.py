"""The values that were read otherwise than they stand: what each rule does, how often it was used, and the whole list as a file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.coercion_rules import RULES
from ingest.edits.report import neutralised

HEADER = ("file_row", "field", "before", "after", "rule", "rule_zh", "rule_en")
#: Rows of a batch that is written at a time.
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Used:
    """A rule, or several joined by "+", and on how many values it was used."""

    rule: str
    count: int

    @property
    def zh(self) -> str:
        return "、".join(RULES[one][0] for one in self.rule.split("+"))

    @property
    def en(self) -> str:
        return "; ".join(RULES[one][1] for one in self.rule.split("+"))


def used_rules(coercions: pa.Table) -> list[Used]:
    """The rules that were used, the most used first; the counts come to the rows of the table."""
    counts: Counter[str] = Counter()
    for chunk in coercions["rule"].chunks:
        for one in pc.value_counts(chunk.cast(pa.string())).to_pylist():
            counts[one["values"]] += one["counts"]
    return [Used(rule, count) for rule, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]


def csv_pieces(coercions: Iterable[pa.RecordBatch], offset: int) -> Iterator[bytes]:
    """Every value, a line each, in the order given: UTF-8 with a byte-order mark, CRLF, safe in a spreadsheet. ``offset``
    is added to a row for the row of the company's own file; the file as a whole is row 0."""
    yield b"\xef\xbb\xbf" + _lines([HEADER])
    for batch in coercions:
        lines = []
        for one in batch.to_pylist():
            said = Used(one["rule"], 1)
            filed = [neutralised(one[name] or "") for name in ("field", "before", "after")]
            lines.append((str(one["row"] + offset), *filed, one["rule"], said.zh, said.en))
        yield _lines(lines)


def write_coercions(coercions: pa.Table, offset: int, path: Path) -> None:
    """Writes every value that was read otherwise to ``path`` (see :func:`csv_pieces`)."""
    with path.open("wb") as file:
        for piece in csv_pieces(coercions.to_batches(max_chunksize=BATCH), offset):
            file.write(piece)


def _lines(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8")
