"""Explanations that a company wrote into its edit report: read back, and bound to the hits that they speak of."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ingest.edits import CATALOGUE, EXPLAINED
from ingest.edits.report import neutralised
from ingest.standard.feed import explanation_codes

#: Of the note, in characters.
SHORTEST_NOTE, LONGEST_NOTE = 10, 2000
_NEEDED = ("edit_id", "key", "field", "value", "explanation_code", "note")
_MOST_BYTES = 256 << 20

#: What an explanation is bound to: the edit, the record's key, the column and the value as filed. It holds for a later
#: file of the same period as long as all of them are unchanged.
Binding = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Explanation:
    binding: Binding
    code: str
    note: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the report that cannot be taken; line 1 is the header."""

    line: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Explanations:
    given: tuple[Explanation, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """``held`` fit a hit that asks for an explanation; ``idle`` fit none (the value was mended, or is of another file);
    ``missing`` counts by edit id the hits that have none yet."""

    held: tuple[Explanation, ...]
    idle: tuple[Explanation, ...]
    missing: dict[str, int]


def read_explanations(path: Path) -> Explanations:
    """The explanations in a filled-in CSV report, UTF-8 or GB18030 as a spreadsheet saves it. Lines without code and note are
    passed over. Bad content never raises; OSError when the file cannot be read."""
    if path.stat().st_size > _MOST_BYTES:
        return _refused("审核报告太大。", "The report is too large.")
    text = _decoded(path.read_bytes())
    if text is None:
        return _refused("审核报告不能按 UTF-8 或 GB18030 读出。", "The report is neither UTF-8 nor GB18030.")
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(lines, [])
        if not set(_NEEDED) <= set(header):
            lacking = ", ".join(sorted(set(_NEEDED) - set(header)))
            return _refused(f"审核报告缺少列：{lacking}。", f"The report lacks columns: {lacking}.")
        return _taken(header, list(lines))
    except csv.Error:
        return _refused("审核报告不是完整的 CSV。", "The report is not a whole CSV file.")


def bind(explanations: tuple[Explanation, ...], edits: pa.Table) -> Bound:
    """Which hits of an edits table are explained. The last explanation of a hit holds."""
    latest = {one.binding: one for one in explanations}
    wanted: Counter[Binding] = Counter()
    for batch in edits.select(["edit_id", "key", "field", "value"]).to_batches():
        for hit in batch.to_pylist():
            if CATALOGUE[hit["edit_id"]].edit_class in EXPLAINED:
                wanted[(hit["edit_id"], hit["key"] or "", hit["field"] or "", hit["value"] or "")] += 1
    missing: Counter[str] = Counter()
    for binding, count in wanted.items():
        if binding not in latest:
            missing[binding[0]] += count
    held = tuple(one for binding, one in latest.items() if binding in wanted)
    idle = tuple(one for binding, one in latest.items() if binding not in wanted)
    return Bound(held, idle, dict(missing))


def _taken(header: list[str], lines: list[list[str]]) -> Explanations:
    place = {name: header.index(name) for name in _NEEDED}
    given: list[Explanation] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=2):
        if not any(line):
            continue
        if len(line) != len(header):
            problems.append(
                Problem(number, "本行的列数与表头不同。", "The line has not as many fields as the header.")
            )
            continue
        said = {name: line[at] for name, at in place.items()}
        code, note = said["explanation_code"].strip(), said["note"].strip()
        if not code and not note:
            continue
        fault = _fault(number, said["edit_id"], code, note)
        if fault is not None:
            problems.append(fault)
            continue
        key, value = _original(said["key"]), _original(said["value"])
        given.append(Explanation((said["edit_id"], key, _original(said["field"]), value), code, note))
    return Explanations(tuple(given), tuple(problems))


def _fault(line: int, edit_id: str, code: str, note: str) -> Problem | None:
    edit = CATALOGUE.get(edit_id)
    if edit is None:
        return Problem(line, f"没有审核规则 {edit_id}。", f"There is no edit {edit_id}.")
    if edit.edit_class not in EXPLAINED:
        return Problem(
            line,
            f"{edit_id} 不能用说明代替改正。",
            f"{edit_id} is mended or informs; it takes no explanation.",
        )
    known = [one.code for one in explanation_codes()]
    if code not in known:
        listed = ", ".join(known)
        return Problem(
            line, f"说明代码“{code}”不在代码表中：{listed}。", f"{code!r} is not one of: {listed}."
        )
    if not SHORTEST_NOTE <= len(note) <= LONGEST_NOTE:
        bounds = f"{SHORTEST_NOTE}–{LONGEST_NOTE}"
        return Problem(line, f"说明应有 {bounds} 个字。", f"The note has {bounds} characters.")
    return None


def _original(text: str) -> str:
    """The text before :func:`ingest.edits.report.neutralised` set an apostrophe before it."""
    return text[1:] if text.startswith("'") and neutralised(text[1:]) == text else text


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _refused(zh: str, en: str) -> Explanations:
    return Explanations((), (Problem(1, zh, en),))
