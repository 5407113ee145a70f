"""The command line as its users call it, and the files they hand it."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from ingest.standard import feed as feed_of
from supervision.cli import main

ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, str]


@dataclass(frozen=True)
class Said:
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def both(self) -> str:
        return self.out + self.err


def run(*arguments: object, typed: str | None = None) -> Said:
    """The command in this process. No command ever shows a traceback or lets an exception through."""
    result = CliRunner().invoke(
        main, [str(argument) for argument in arguments], input=typed, prog_name="supervision"
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert "Traceback" not in result.output
    return Said(result.exit_code, result.stdout, result.stderr)


def program(*arguments: object, environment: Mapping[str, str] | None = None, folder: Path = ROOT) -> Said:
    """The command as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "supervision.cli", *map(str, arguments)],
        capture_output=True,
        timeout=600,  # a loaded machine; seconds on an idle one
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def in_both_languages(said: Said) -> bool:
    """Whether the message has a Chinese and an English part."""
    words = [word for word in said.err.replace("/", " ").split() if word.isascii() and word.isalpha()]
    return is_chinese(said.err) and len(words) >= 3


# The published Harbin examples: the usable area times 40.35 and 44.49 CNY; the second and third are wrong in print.
EXAMPLES = (
    ("E13", "residential", "70.00", "2824.50"),
    ("E14", "non_residential", "90.00", "4010.10"),
    ("E15", "non_residential", "200.00", "8918.00"),
)


def harbin_bill(
    number: str, category: str = "residential", area: str = "70.00", billed: str = "2824.50", **changes: str
) -> Row:
    row = {
        "bill_no": number,
        "account_no": f"A-{number}",
        "season": "2013-14",
        "kind": "season",
        "category": category,
        "billing_method": "area",
        "heating_state": "on",
        "service_from": "2013-10-20",
        "service_to": "2014-04-20",
        "billed_area_m2": area,
        "area_basis": "usable",
        "area_charge": billed,
        "total": billed,
        "issued_on": "2013-10-21",
        "due_on": "2013-12-31",
    }
    return row | changes


def examples() -> list[Row]:
    return [harbin_bill(*example) for example in EXAMPLES]


def write_feed(
    path: Path, rows: Sequence[Row], *, feed: str = "bills", encoding: str = "utf-8", chinese: bool = False
) -> Path:
    """A CSV of the standard with the columns the rows have, under their codes or their Chinese headings."""
    columns = [column for column in feed_of(feed).columns if any(column.code in row for row in rows)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.zh if chinese else column.code for column in columns])
    for row in rows:
        writer.writerow([_label(column, row.get(column.code, ""), chinese) for column in columns])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def _label(column: object, value: str, chinese: bool) -> str:
    labels = {code.code: code.zh for code in column.codes} if chinese else {}  # type: ignore[attr-defined]
    return labels.get(value, value)


def outcomes(path: Path) -> dict[str, Row]:
    """The outcomes as a program reads them that knows nothing of byte-order marks."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["bill_no"]: row for row in csv.DictReader(file)}
