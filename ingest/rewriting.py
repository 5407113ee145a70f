"""A file as read, written anew as a standard file: the header in codes, every value in the form the standard keeps."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ingest.values.cells import shown_texts


def write_standard(table: pa.Table, path: Path) -> None:
    """Writes the rows of a judged table as CSV (UTF-8, LF) with the columns that hold anything. Read again without a profile
    it gives the same values. OSError when it cannot be written."""
    filled = [name for name in table.column_names if name != "source_row" and _holds(table.column(name))]
    columns = [pc.fill_null(shown_texts(table.column(name)), "") for name in filled]
    with path.open("wb") as file:
        csv.write_csv(pa.table(columns, names=filled), file, csv.WriteOptions(quoting_style="needed"))


def _holds(column: pa.ChunkedArray) -> bool:
    return bool(column.null_count < len(column))
