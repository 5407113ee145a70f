"""The edit report as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from ingest.edits import CATALOGUE

HEADER = ("edit_id", "edit_class", "row", "key", "field", "value", "message_zh", "message_en", "how_to_mend")
#: Signs that make a spreadsheet read a cell as a formula, the full-width ones among them; also behind leading spaces.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "−", "|", "%")
_BATCH = 10_000


def neutralised(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula (OWASP: CSV injection)."""
    return (
        "'" + text
        if text.lstrip(" \u00a0\u3000").startswith(_FORMULA_SIGNS) or text.startswith(("\t", "\r", "\n"))
        else text
    )


def write_csv(edits: pa.Table, path: Path) -> None:
    """Writes every edit, one a line, as UTF-8 with a byte-order mark and CRLF: edit id, class, row, key, field, value as
    filed, message in both languages, and the anchor of the edit in the published guide. Complete and streamed: there is no
    cap. Equal edits give equal bytes."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(_lines(edits))


def _lines(edits: pa.Table) -> Iterator[list[str]]:
    for batch in edits.to_batches(max_chunksize=_BATCH):
        for hit in batch.to_pylist():
            texts = [hit[name] for name in ("key", "field", "value", "message_zh", "message_en")]
            safe = [neutralised(text or "") for text in texts]
            yield [
                hit["edit_id"],
                hit["edit_class"],
                str(hit["row"]),
                *safe,
                CATALOGUE[hit["edit_id"]].mend_link,
            ]
