"""The beginning of a file whose headers are not known yet, as rows of text; judged as strictly as a filing's."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ingest.readers.block import Limits, Refusal, refuse
from ingest.readers.encoding import find_encoding
from ingest.readers.filename import clean_filename, extension
from ingest.readers.header import Naming, known_headers
from ingest.readers.jsonlines import first_objects
from ingest.readers.layout import SEARCHED_ROWS, Merge
from ingest.readers.opening import JSON_EXTENSIONS, TEXT_EXTENSIONS
from ingest.readers.packed import unpacked

#: Rows and bytes that are looked at.
MOST_ROWS = 5_000
_MOST_BYTES = 4 << 20
_DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True, slots=True)
class Beginning:
    """``rows`` are the first of the file; ``header`` is the row of names where the format itself says so (JSON Lines)."""

    rows: Sequence[Sequence[str]]
    merges: tuple[Merge, ...] = ()
    header: int | None = None


def beginning_of(path: Path, filename: str, naming: Naming, limits: Limits) -> Beginning:
    """The beginning of the file, of a packed one of the first file in it. Refusal of a file that no reader would take, and T04
    for telegrams, whose columns have no names."""
    name = clean_filename(filename)
    with unpacked(path, name, limits) as package:
        part = package.parts[0]
        return _of_part(part.path, clean_filename(part.name), naming, limits)


def _of_part(path: Path, name: str, naming: Naming, limits: Limits) -> Beginning:
    size = path.stat().st_size
    if size == 0:
        raise refuse("T08")
    if size > limits.max_file_bytes:
        raise refuse("T01", f"{size} > {limits.max_file_bytes} B")
    kind = extension(name)
    if kind == "xlsx":
        from ingest.readers.xlsx import sheet_beginning

        rows, merges = sheet_beginning(path, limits, MOST_ROWS)
        return Beginning(rows, tuple(merges))
    if kind in JSON_EXTENSIONS:
        return _of_objects(path, naming, limits)
    if kind not in TEXT_EXTENSIONS:
        raise refuse("T04", name)
    return Beginning(_text_rows(path, naming, limits))


def _of_objects(path: Path, naming: Naming, limits: Limits) -> Beginning:
    found = list(islice(first_objects(path, naming, limits), MOST_ROWS))
    names = list(dict.fromkeys(name for one in found for name in one))
    rows = [[_shown(one.get(name)) for name in names] for one in found]
    return Beginning([names, *rows], header=0)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else ""


def _text_rows(path: Path, naming: Naming, limits: Limits) -> list[list[str]]:
    encoding = find_encoding(path, lambda done: None)
    with path.open("rb") as file:
        start = file.read(_MOST_BYTES)
        if file.read(1):
            start = start[: start.rfind(b"\n") + 1]
    if not start:
        raise refuse("S07", f"> {limits.max_line_bytes} B")
    text = start.decode(encoding)
    readings = [_split(text, delimiter) for delimiter in _DELIMITERS]
    return max(readings, key=lambda rows: _fitness(rows, naming))


def _split(text: str, delimiter: str) -> list[list[str]]:
    """The rows as far as their quotes are sound."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(row)
            if len(rows) == MOST_ROWS:
                break
    except csv.Error:
        pass
    return rows


def _fitness(rows: list[list[str]], naming: Naming) -> tuple[int, int]:
    """How many names of one of the first rows are known, and how many fields most of them have."""
    first = rows[:SEARCHED_ROWS]
    known = max((known_headers(names, naming) for names in first), default=0)
    widths = Counter(len(row) for row in first)
    return known, max(widths, key=lambda width: (widths[width], width), default=0)


__all__ = ["MOST_ROWS", "Beginning", "Refusal", "beginning_of"]
