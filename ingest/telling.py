"""What is said of a judgement where no page shows it: one JSON object, lines for a terminal, the report as a file."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.edits import CATALOGUE, Edit
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
        "not_evaluated": [one.edit_id for one in judgement.not_evaluated],
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
    for hit in judgement.edits.slice(0, SHOWN).to_pylist():
        place = f"行 / row {hit['row'] + judgement.row_offset}" if hit["row"] else "文件 / file"
        column = f" {hit['field']}" if hit["field"] else ""
        yield f"    {hit['edit_id']} {place}{column}: {hit['message_zh']}"
        yield f"      {hit['message_en']}"
    if judgement.edits.num_rows > SHOWN:
        more = judgement.edits.num_rows - SHOWN
        yield f"    … 还有 {more} 处，用 --report FILE 写出全部 / {more} more; --report FILE writes all"


def write_judged(judgement: Judgement, file: Path, *, report: Path | None, standard: Path | None) -> None:
    """Every hit stands in ``report``, the very bytes that the portal hands out, and the rows in the file ``standard`` where
    nothing blocks. ValueError, in both languages, for a report of another kind and for one of the two in place of the file that was
    judged; OSError where it cannot be written."""
    for option, target in (("--report", report), ("--standard", standard)):
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


def _shadow(judgement: Judgement) -> list[tuple[Edit, int]]:
    """The edits that do not bind yet and hit, with how often."""
    counted = Counter(judgement.shadow.column("edit_id").to_pylist())
    return [(CATALOGUE[edit_id], count) for edit_id, count in sorted(counted.items())]
