"""A filled-in edit report read back, CSV or XLSX, line by line, with what is wrong with each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ingest.edits import CATALOGUE
from ingest.edits.explanations import Problem, fault_of, given_table
from ingest.edits.report import file_mark, original
from ingest.readers.block import Limits, Refusal
from ingest.readers.filename import extension

_NEEDED = ("edit_id", "row", "hit", "file_digest", "explanation_code", "note")
_MOST_BYTES = 256 << 20

Line = tuple[int, int, str, int, str, str]


@dataclass(frozen=True, slots=True)
class Explanations:
    """What the lines say (GIVEN_SCHEMA) and what cannot be taken; nothing is taken where anything is wrong."""

    given: pa.Table
    problems: tuple[Problem, ...]


def read_explanations(path: Path, *, filename: str, file_digest: str) -> Explanations:
    """The explanations in a filled-in report of the file with that SHA-256: XLSX, or CSV in UTF-8 or GB18030 as a spreadsheet
    saves it. Lines without code and note are passed over; so are the columns that a spreadsheet may have changed, as the hit
    is told by its number. Bad content never raises; OSError when the file cannot be read."""
    if path.stat().st_size > _MOST_BYTES:
        return _refused("审核报告太大。", "The report is too large.")
    try:
        lines = _sheet(path) if extension(filename) == "xlsx" else _text(path)
        header = [cell.strip() for cell in next(lines, [])]
        lacking = [name for name in _NEEDED if name not in header]
        if lacking:
            listed = ", ".join(lacking)
            return _refused(
                f"不是本系统的审核报告，或报告较旧：缺少列 {listed}。请重新下载报告后填写。",
                f"This is no edit report, or an older one: it lacks {listed}. Download the report again and fill it in.",
            )
        return _taken(header, lines, file_mark(file_digest))
    except csv.Error:
        return _refused("审核报告不是完整的 CSV。", "The report is not a whole CSV file.")
    except UnicodeDecodeError:
        return _refused("审核报告不能按 UTF-8 或 GB18030 读出。", "The report is neither UTF-8 nor GB18030.")
    except Refusal as refusal:
        edit = CATALOGUE[refusal.findings[0].edit_id]
        said_zh, said_en = refusal.findings[0].detail_zh, refusal.findings[0].detail_en
        return _refused(
            f"工作簿不能读取（{edit.id}）：{edit.zh.replace('{detail}', said_zh)}{edit.mend_zh}",
            f"The workbook cannot be read ({edit.id}): {edit.en.replace('{detail}', said_en)} {edit.mend_en}",
        )


def _taken(header: list[str], lines: Iterator[list[str]], mark: str) -> Explanations:
    place = {name: header.index(name) for name in _NEEDED}
    most = max(place.values())
    given: list[Line] = []
    problems: list[Problem] = []
    seen: dict[int, int] = {}
    for number, line in enumerate(lines, start=2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) <= most:
            problems.append(
                Problem(number, "本行的列数比表头少。", "The line has fewer fields than the header.")
            )
            continue
        said = {name: line[at].strip() for name, at in place.items()}
        said["note"] = original(said["note"])
        if not said["explanation_code"] and not said["note"]:
            continue
        one = _line(number, said, mark)
        if isinstance(one, tuple) and one[1] in seen:
            first = seen[one[1]]
            one = Problem(
                number, f"与第 {first} 行说明的是同一处。", f"Line {first} explains the same hit already."
            )
        if isinstance(one, Problem):
            problems.append(one)
        else:
            seen[one[1]] = number
            given.append(one)
    return Explanations(given_table(given), tuple(problems))


def _line(number: int, said: dict[str, str], mark: str) -> Line | Problem:
    if said["file_digest"] != mark:
        return Problem(
            number,
            f"本行属于另一个文件的审核报告（{said['file_digest'][:40] or '空'}，应为 {mark}）。",
            f"This line is of another file's report ({said['file_digest'][:40] or 'blank'} instead of {mark}).",
        )
    fault = fault_of(number, said["edit_id"], said["explanation_code"], said["note"])
    if fault is not None:
        return fault
    hit, row = _whole(said["hit"]), _whole(said["row"])
    if hit is None or row is None:
        return Problem(
            number,
            "“hit”和“row”两列须与下载时相同。",
            "The columns hit and row must be as they were downloaded.",
        )
    return number, hit, said["edit_id"], row, said["explanation_code"], said["note"]


def _whole(text: str) -> int | None:
    """A plain whole number of at most nine digits; a spreadsheet may have written ``12.0``."""
    plain = text.removesuffix(".0")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None


def _text(path: Path) -> Iterator[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",;\t", key=first.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _sheet(path: Path) -> Iterator[list[str]]:
    from ingest.readers.xlsx import sheet_texts

    return sheet_texts(path, Limits())


def _refused(zh: str, en: str) -> Explanations:
    return Explanations(given_table([]), (Problem(1, zh, en),))
