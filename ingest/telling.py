"""What is said of a judgement where no page shows it: one JSON object, lines for a terminal, the report as a file."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.coercions import used_rules, write_coercions
from ingest.edits import CATALOGUE, Edit
from ingest.edits.reasons import reason
from ingest.edits.report import Report, in_order, write_report
from ingest.judgement import Judgement
from ingest.rewriting import write_standard

SHOWN = 20  # hits listed on a terminal; the report has all of them
VERDICTS = {
    "accepted": "通过 / accepted: nothing blocks",
    "needs_explanation": "须说明 / needs explanation: unlikely values to explain before signing",
    "rejected": "不通过 / rejected: mend what is listed and file again; the earlier filing stays in force",
}


def as_object(judgement: Judgement, file: Path, report: Path | None = None) -> dict[str, Any]:
    """The verdict for a program, with what runs in shadow; ``report`` is where the hits were written."""
    return {
        "file": str(file),
        "verdict": judgement.verdict,
        "rows": judgement.rows,
        "encoding": judgement.encoding or None,
        "pack_digest": judgement.pack_digest,
        "profile": judgement.profile or None,
        "totals": judgement.totals,
        "edits": [
            {"id": group.edit_id, "class": group.edit_class, "count": group.count}
            for group in judgement.summary()
        ],
        "shadow": [
            {"id": edit.id, "count": count, "binding_from": edit.valid_from.isoformat()}
            for edit, count in _shadow(judgement)
        ],
        "not_evaluated": [
            {"id": one.edit_id, "rows": one.rows, "because": list(one.because)}
            for one in judgement.not_evaluated
        ],
        "coercions": judgement.coercions.num_rows,
        "coercion_rules": {one.rule: one.count for one in used_rules(judgement.coercions)},
        "report": str(report) if report else None,
    }


def lines_of(judgement: Judgement) -> Iterator[str]:
    """The verdict in both languages, how often each edit hit, what will bind and from which day, and the first hits with
    the rows of the company's own file."""
    yield f"{VERDICTS[judgement.verdict]}  ({judgement.rows} 行 / rows)"
    yield f"  规则包 / rule pack sha256:{judgement.pack_digest}"
    if judgement.profile:
        yield f"  对应方案 / mapping profile: {judgement.profile}"
    for group in judgement.summary():
        yield f"  {group.edit_id} {group.name} [{group.edit_class}] × {group.count}"
    for edit, count in _shadow(judgement):
        day = edit.valid_from
        yield f"  试行 / in shadow: {edit.id} {edit.name} × {count}  自 {day} 起生效 / binding from {day}"
    yield from _unjudged(judgement)
    if judgement.coercions.num_rows:
        count = judgement.coercions.num_rows
        yield f"  换写 {count} 处，用 --coercions FILE 写出全部 / {count} values read otherwise than they stand; --coercions FILE lists them"
        for one in used_rules(judgement.coercions):
            yield f"    {one.zh} / {one.en} × {one.count}"
    for hit in judgement.edits.slice(0, SHOWN).to_pylist():
        place = f"行 / row {hit['row'] + judgement.row_offset}" if hit["row"] else "文件 / file"
        column = f" {hit['field']}" if hit["field"] else ""
        yield f"    {hit['edit_id']} {place}{column}: {hit['message_zh']}"
        yield f"      {hit['message_en']}"
    if judgement.edits.num_rows > SHOWN:
        more = judgement.edits.num_rows - SHOWN
        yield f"    … 还有 {more} 处，用 --report FILE 写出全部 / {more} more; --report FILE writes all"


@dataclass(frozen=True, slots=True)
class Written:
    """Where what a judgement found goes: every hit, the rows as a standard file, and every value that was read otherwise."""

    report: Path | None = None
    standard: Path | None = None
    coercions: Path | None = None


def write_judged(judgement: Judgement, file: Path, written: Written) -> None:
    """The files that were asked for stand: the report and the list of what was read otherwise are the very bytes that the portal
    hands out, the standard file is written where nothing blocks. ValueError, in both languages, for a report of another kind and
    for a file in place of the one that was judged; OSError where one cannot be written."""
    report, standard = written.report, written.standard
    options = (("--report", report), ("--standard", standard), ("--coercions", written.coercions))
    for option, target in options:
        if target is not None and target.resolve() == file.resolve():
            raise ValueError(
                f"{option} 不能是被检查的文件本身。 / {option} must not be the file that is judged."
            )
    if report is not None:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        edits = in_order(judgement.edits)
        write_report(Report(edits, digest, offset=judgement.row_offset, profile=judgement.profile), report)
    if standard is not None and judgement.table is not None:
        write_standard(judgement.table, standard)
    if written.coercions is not None:
        write_coercions(judgement.coercions, judgement.row_offset, written.coercions)


def _unjudged(judgement: Judgement) -> Iterator[str]:
    """What could not be judged, by reason; it has not passed."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for one in judgement.not_evaluated:
        said = [reason(cause) for cause in one.because]
        both = "、".join(zh for zh, _ in said), ", ".join(en for _, en in said)
        by_reason.setdefault(both, []).append(one.edit_id)
    if by_reason:
        count = len(judgement.not_evaluated)
        yield f"  {count} 条规则没有全部执行（不等于通过） / {count} rules not judged on every row, which is no pass:"
    for (zh, en), edits in by_reason.items():
        yield f"    {zh} / {en}: {' '.join(edits)}"


def _shadow(judgement: Judgement) -> list[tuple[Edit, int]]:
    """The edits that do not bind yet and hit, with how often."""
    counted = Counter(judgement.shadow.column("edit_id").to_pylist())
    return [(CATALOGUE[edit_id], count) for edit_id, count in sorted(counted.items())]
